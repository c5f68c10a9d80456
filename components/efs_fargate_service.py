"""The service: Fargate tasks in private subnets, behind the load balancer, with the sites' file
system mounted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import task_roles
from components.base import Component, ComponentError, Transforms
from components.cidr import range_key
from components.docker_image import Architecture, DockerImageArgs
from components.drain import SPOT_STOP_SECONDS, Drain
from components.efs_volume import NFS_PORT, EfsVolume
from components.endpoints import Endpoints
from components.existing import KnownCluster, look_up_cluster
from components.fargate_sizes import check_size
from components.names import own_name
from components.ownership_table import OwnershipTable
from components.private_api import PrivateApi
from components.scaling import Autoscaling, Capacity, capacity_strategies, leaves_in_time
from components.security_rules import allow_egress, connect, empty_group
from components.session_secrets import SessionSecrets
from components.task_container import CONTAINER, container_definition, writable_volumes
from components.web_socket_alb import WebSocketAlb
from contract.hmr import HmrContract
from contract.settings.task import TaskSettings

PEER_RANGE = TaskSettings.variable("peer_range")
OWNERSHIP_TABLE = TaskSettings.variable("ownership_table")

EPHEMERAL_STORAGE_GIB = (21, 200)
"""Fargate's range
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html).
"""


@dataclass(frozen=True, kw_only=True)
class EfsFargateServiceArgs:
    """The task, and what it stands between."""

    contract: HmrContract
    vpc_id: pulumi.Input[str]
    subnet_ids: tuple[pulumi.Input[str], ...]
    """Private subnets."""
    vpc_cidr: str = ""
    """Range of the VPC: tasks forward requests to no address outside. Empty where it is not known:
    to no address that is not private.
    """
    alb: WebSocketAlb
    volume: EfsVolume
    secrets: SessionSecrets
    image: pulumi.Input[str]
    """Repository and digest."""
    repository_arn: pulumi.Input[str]
    metric_namespace: str
    """CloudWatch namespace of the gateway's metrics (`contract.telemetry`)."""
    cluster_arn: pulumi.Input[str] | None = None
    """Existing cluster with the capacity providers FARGATE and FARGATE_SPOT, and container insights
    for the alarms. None makes one.
    """
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain environment of the container besides the contract's."""
    ownership: OwnershipTable | None = None
    """Table by which several tasks agree on who runs a session. Without it there may be one task
    only.
    """
    git_secret_arns: tuple[str, ...] = ()
    """Secrets that the running task reads for calls about Git."""
    git_secret_key_arns: tuple[pulumi.Input[str], ...] = ()
    """Own KMS keys of these secrets."""
    private_api: PrivateApi | None = None
    """Reach the API inside the VPC, too."""
    endpoints: Endpoints | None = None
    """Reach these instead of the internet."""
    s3_prefix_list_id: pulumi.Input[str] | None = None
    """Without `endpoints`: S3, where a gateway endpoint leads to it. Image layers come
    from there.
    """
    dynamodb_prefix_list_id: pulumi.Input[str] | None = None
    """Without `endpoints`: DynamoDB, where a gateway endpoint leads to it."""
    egress_cidrs: tuple[str, ...] = ("0.0.0.0/0",)
    """Without `endpoints`: where tasks may open HTTPS connections to (AWS, package registries)."""
    arch: Architecture = DockerImageArgs.arch
    cpu: int = 1024
    """CPU units; 1024 is one vCPU."""
    memory_mib: int = 4096
    ephemeral_storage_gib: int = 30
    """Local disk for caches and installed packages, 21-200 GiB."""
    desired_count: int = 1
    """Number of tasks; with autoscaling only the number to begin with."""
    autoscaling: Autoscaling | None = None
    capacity: Capacity = "on-demand"
    wait_until_steady: bool = True
    """Have an update wait until the new tasks alone run. Turn it off where tasks protect
    themselves: the old ones may stay for hours, and an update waits for twenty minutes at most.
    """
    drain: Drain = field(default_factory=Drain)
    grace_seconds: int = 120
    """Seconds after a task's start during which a failed health check does not count."""
    execute_command: bool = False
    """ECS Exec: a shell in the running container, for people with the right to it."""
    log_retention_days: int = 30
    log_kms_key_arn: pulumi.Input[str] | None = None
    roles: task_roles.RoleOptions = field(default_factory=task_roles.RoleOptions)
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_size(self.cpu, self.memory_mib)
        low, high = EPHEMERAL_STORAGE_GIB
        if not low <= self.ephemeral_storage_gib <= high:
            raise ComponentError(
                f"ephemeral_storage_gib is {self.ephemeral_storage_gib}; allowed is {low}-{high}"
                " GiB on Fargate"
            )
        if self.desired_count < 0:
            raise ComponentError(
                f"desired_count is {self.desired_count}; allowed is 0 or more tasks"
            )
        if (
            self.autoscaling
            and not self.autoscaling.minimum <= self.desired_count <= self.autoscaling.maximum
        ):
            raise ComponentError(
                f"desired_count is {self.desired_count}, but autoscaling keeps"
                f" {self.autoscaling.minimum}-{self.autoscaling.maximum} tasks; choose a number"
                " between them"
            )
        most = self.autoscaling.maximum if self.autoscaling else self.desired_count
        if self.ownership is None and most > 1:
            raise ComponentError(
                f"the service may have {most} tasks and no ownership table; they would run a"
                " session twice. Give it one, or have one task"
            )
        if not leaves_in_time(self.capacity, self.drain.stop_timeout_seconds):
            raise ComponentError(
                f"capacity is {self.capacity!r} with stop_timeout_seconds"
                f" {self.drain.stop_timeout_seconds}; AWS reclaims a Spot task two minutes after"
                " its warning, so draining and stopping share 120 s. Lower stop_timeout_seconds to"
                f" {SPOT_STOP_SECONDS}"
            )


class EfsFargateService(Component):
    """Cluster, task definition, roles, log group and service."""

    cluster: aws.ecs.Cluster | KnownCluster
    log_group: aws.cloudwatch.LogGroup
    security_group: aws.ec2.SecurityGroup
    execution_role: aws.iam.Role
    """Starts the task."""
    task_role: aws.iam.Role
    """The running task."""
    task_definition: aws.ecs.TaskDefinition
    service: aws.ecs.Service

    def __init__(
        self,
        name: str,
        args: EfsFargateServiceArgs,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Transforms | None = None,
    ) -> None:
        super().__init__("EfsFargateService", name, opts, transforms)
        self.args = args
        self._region = aws.get_region_output(opts=pulumi.InvokeOptions(parent=self)).region
        self._create_cluster()
        self._create_log_group()
        self._create_security_group()
        self._create_roles()
        self._create_task_definition()
        self._create_service()
        self._create_scaling()
        self.finish({"clusterName": self.cluster.name, "serviceName": self.service.name})

    def _create_cluster(self) -> None:
        if self.args.cluster_arn is not None:
            self.cluster = look_up_cluster(self, self.args.cluster_arn)
            return
        cluster = aws.ecs.Cluster(
            self.child_name("cluster"),
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enabled")],
            tags=self.args.tags,
            opts=self.child_options(),
        )
        providers = aws.ecs.ClusterCapacityProviders(
            self.child_name("capacity_providers"),
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            opts=self.child_options(),
        )
        self.cluster = cluster
        self.expose(cluster=cluster, capacity_providers=providers)

    def _create_log_group(self) -> None:
        self.log_group = aws.cloudwatch.LogGroup(
            self.child_name("log_group"),
            retention_in_days=self.args.log_retention_days,
            kms_key_id=self.args.log_kms_key_arn,
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.expose(log_group=self.log_group)

    def _create_security_group(self) -> None:
        contract, tags = self.args.contract, self.args.tags
        group = empty_group(
            self,
            "security_group",
            description="Tasks of live sessions",
            vpc_id=self.args.vpc_id,
            tags=tags,
        )
        self.security_group = group
        alb, sites = self.args.alb.security_group.id, self.args.volume.security_group.id
        connect(
            self,
            "sessions",
            source=alb,
            target=group.id,
            port=contract.session_port,
            description="Session traffic",
            tags=tags,
        )
        connect(
            self,
            "api",
            source=alb,
            target=group.id,
            port=contract.api_port,
            description="Health checks and API",
            tags=tags,
        )
        connect(
            self,
            "nfs",
            source=group.id,
            target=sites,
            port=NFS_PORT,
            description="Sites on EFS",
            tags=tags,
        )
        if self.args.ownership:
            self._allow_peers()
        endpoints = self.args.endpoints
        s3 = endpoints.s3_prefix_list_id if endpoints else self.args.s3_prefix_list_id
        if s3 is not None:
            allow_egress(
                self,
                "egress_s3",
                group.id,
                port=443,
                prefix_list_id=s3,
                description="Image layers from S3",
                tags=tags,
            )
        if endpoints:
            target = endpoints.security_group.id
            connect(
                self,
                "endpoints",
                source=group.id,
                target=target,
                port=443,
                description="AWS services",
                tags=tags,
            )
            return
        about = "AWS and package registries"
        for index, cidr in enumerate(self.args.egress_cidrs):
            key, before = f"egress_{range_key(cidr)}", f"egress_{index}"
            allow_egress(
                self,
                key,
                group.id,
                port=443,
                cidr=cidr,
                description=about,
                tags=tags,
                before=before,
            )

    def _allow_peers(self) -> None:
        """Tasks forward to each other, and reach the table."""
        args, group = self.args, self.security_group.id
        port = args.contract.peers_port
        connect(
            self,
            "peers",
            source=group,
            target=group,
            port=port,
            description="Sessions of other tasks",
            tags=args.tags,
        )
        table = (
            args.endpoints.dynamodb_prefix_list_id
            if args.endpoints
            else args.dynamodb_prefix_list_id
        )
        if table is not None:
            about = "Ownership table in DynamoDB"
            allow_egress(
                self,
                "egress_dynamodb",
                group,
                port=443,
                prefix_list_id=table,
                description=about,
                tags=args.tags,
            )

    def _create_roles(self) -> None:
        args, roles = self.args, task_roles
        self.execution_role = roles.create_role(
            self,
            "execution_role",
            "Starts tasks: image, secrets, logs",
            args.tags,
            options=args.roles,
        )
        self.task_role = roles.create_role(
            self,
            "task_role",
            "The running task: sites and its own protection",
            args.tags,
            options=args.roles,
        )
        start = roles.execution_statements(
            args.repository_arn, self.log_group.arn, args.secrets.arns
        )
        partition = aws.get_partition_output(opts=pulumi.InvokeOptions(parent=self))
        if args.secrets.args.kms_key_arn:
            start += roles.decrypt_statements(
                args.secrets.args.kms_key_arn, self._region, partition.dns_suffix
            )
        run = roles.mount_statements(args.volume.file_system.arn, args.volume.access_point.arn)
        run += roles.protection_statements(self.cluster.arn)
        if args.execute_command:
            run += roles.exec_statements()
        roles.allow(self, "execution_policy", self.execution_role, start)
        roles.allow(self, "task_policy", self.task_role, run)
        if args.ownership:
            # A policy apart: what a program leaves out is deleted last, so running tasks keep their
            # table until others have come.
            owning = args.ownership.statements(self._region, partition.dns_suffix)
            roles.allow(self, "ownership_policy", self.task_role, owning)
        if args.git_secret_arns:
            reading = roles.git_secret_statements(args.git_secret_arns)
            if args.git_secret_key_arns:
                reading += roles.decrypt_statements(
                    list(args.git_secret_key_arns), self._region, partition.dns_suffix
                )
            roles.allow(self, "git_secrets_policy", self.task_role, reading)

    def _create_task_definition(self) -> None:
        args = self.args
        container = container_definition(
            contract=args.contract,
            image=args.image,
            user=f"{args.volume.args.uid}:{args.volume.args.gid}",
            environment={
                **args.environment,
                **({OWNERSHIP_TABLE: args.ownership.table.name} if args.ownership else {}),
                **({PEER_RANGE: args.vpc_cidr} if args.ownership and args.vpc_cidr else {}),
            },
            secrets=args.secrets.environment(),
            stop_timeout_seconds=args.drain.stop_timeout_seconds,
            execute_command=args.execute_command,
            log_group=self.log_group.name,
            region=self._region,
        )
        local_disk = [
            aws.ecs.TaskDefinitionVolumeArgs(name=name)
            for name in writable_volumes(execute_command=args.execute_command)
        ]
        self.task_definition = aws.ecs.TaskDefinition(
            self.child_name("task"),
            # An account has one family of a name: without project and stack, a rollback might find
            # another stack's image.
            family=own_name(pulumi.get_project(), pulumi.get_stack(), self.child_name("task")),
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(args.cpu),
            memory=str(args.memory_mib),
            ephemeral_storage=aws.ecs.TaskDefinitionEphemeralStorageArgs(
                size_in_gib=args.ephemeral_storage_gib
            ),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                operating_system_family="LINUX", cpu_architecture=args.arch.upper()
            ),
            execution_role_arn=self.execution_role.arn,
            task_role_arn=self.task_role.arn,
            container_definitions=pulumi.Output.json_dumps([container]),
            volumes=[self._sites_volume(), *local_disk],
            # Earlier revisions stay: the circuit breaker, or a person, goes back to one.
            skip_destroy=True,
            tags=args.tags,
            opts=self.child_options(),
        )
        self.expose(task=self.task_definition)

    def _sites_volume(self) -> aws.ecs.TaskDefinitionVolumeArgs:
        volume = self.args.volume
        return aws.ecs.TaskDefinitionVolumeArgs(
            name="sites",
            efs_volume_configuration=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs(
                file_system_id=volume.file_system.id,
                transit_encryption="ENABLED",
                authorization_config=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs(
                    access_point_id=volume.access_point.id, iam="ENABLED"
                ),
            ),
        )

    def _create_service(self) -> None:
        args, alb = self.args, self.args.alb
        groups = [(alb.session_target_group, args.contract.session_port)]
        if alb.api_target_group:
            groups.append((alb.api_target_group, args.contract.api_port))
        name = self._private_name()
        self.service = aws.ecs.Service(
            self.child_name("service"),
            cluster=self.cluster.arn,
            task_definition=self.task_definition.arn,
            capacity_provider_strategies=capacity_strategies(args.capacity),
            # AWS changes the strategy of a running service only together with a new deployment, and
            # the provider refuses the change otherwise. Updates that would start none by themselves
            # (a number of tasks, a grace period) start one, too.
            force_new_deployment=True,
            platform_version="LATEST",
            desired_count=args.desired_count,
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=list(args.subnet_ids),
                security_groups=[self.security_group.id],
                assign_public_ip=False,
            ),
            load_balancers=[
                aws.ecs.ServiceLoadBalancerArgs(
                    target_group_arn=group.arn, container_name=CONTAINER, container_port=port
                )
                for group, port in groups
            ],
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(
                enable=True, rollback=True
            ),
            # New tasks first, then the old ones drain: live sessions are never left without a task.
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            # Moving tasks between zones to even them out would cut live sessions.
            availability_zone_rebalancing="DISABLED",
            service_registries=(
                aws.ecs.ServiceServiceRegistriesArgs(registry_arn=name.arn) if name else None
            ),
            health_check_grace_period_seconds=args.grace_seconds,
            enable_execute_command=args.execute_command,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=args.wait_until_steady,
            tags=args.tags,
            opts=self.child_options(
                # A task that starts before its mount target or the listener's rule fails, and ECS
                # counts it against the deployment.
                depends_on=[*args.volume.mount_targets, *alb.rules.values(), *self._ready_first()],
                ignore_changes=["desiredCount"] if args.autoscaling else None,
            ),
        )
        self.expose(service=self.service)

    def _private_name(self) -> aws.servicediscovery.Service | None:
        """What ECS registers tasks under, where the API is reached inside the VPC."""
        args, group = self.args, self.security_group.id
        if args.private_api is None:
            return None
        return args.private_api.create(
            self, vpc_id=args.vpc_id, group=group, port=args.contract.api_port, tags=args.tags
        )

    def _ready_first(self) -> list[pulumi.Resource]:
        """Without its rights the first task fails to pull, to read its secrets or to mount.
        Existing parts are ready.
        """
        own = [self.children[key] for key in ("execution_policy", "task_policy")]
        maybe = [
            *map(self.children.get, ("ownership_policy", "capacity_providers")),
            self.args.volume.children.get("file_system_policy"),
        ]
        return [*own, *(resource for resource in maybe if resource)]

    def _create_scaling(self) -> None:
        if self.args.autoscaling:
            self.args.autoscaling.attach(
                self,
                cluster=self.cluster.name,
                service=self.service,
                namespace=self.args.metric_namespace,
                tags=self.args.tags,
            )
