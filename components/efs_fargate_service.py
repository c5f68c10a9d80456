"""The service: Fargate tasks in private subnets, behind the load balancer, with the sites' file system mounted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

from components import task_roles
from components.base import Component, Transforms
from components.docker_image import Architecture
from components.drain import Drain
from components.efs_volume import NFS_PORT, EfsVolume
from components.fargate_sizes import check_size
from components.hmr import HmrContract
from components.session_secrets import SessionSecrets
from components.web_socket_alb import WebSocketAlb

CONTAINER = "astro"
SITES_DIRECTORY = "/sites"
SCRATCH_DIRECTORY = "/scratch"
OPEN_FILES = 65536
"""Two descriptors per WebSocket, so room for far more sockets than one task's memory holds."""


@dataclass(frozen=True, kw_only=True)
class EfsFargateServiceArgs:
    """The task, and what it stands between."""

    contract: HmrContract
    vpc_id: pulumi.Input[str]
    subnet_ids: tuple[pulumi.Input[str], ...]
    alb: WebSocketAlb
    volume: EfsVolume
    secrets: SessionSecrets
    image: pulumi.Input[str]
    """Repository and digest."""
    repository_arn: pulumi.Input[str]
    environment: Mapping[str, str]
    """Plain environment of the container besides the contract's."""
    arch: Architecture = "arm64"
    cpu: int = 1024
    memory_mib: int = 4096
    ephemeral_storage_gib: int = 21
    desired_count: int = 1
    drain: Drain = field(default_factory=Drain)
    log_retention_days: int = 30
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_size(self.cpu, self.memory_mib)


class EfsFargateService(Component):
    """Cluster, task definition, roles, log group and service."""

    cluster: aws.ecs.Cluster
    log_group: aws.cloudwatch.LogGroup
    security_group: aws.ec2.SecurityGroup
    execution_role: aws.iam.Role
    task_role: aws.iam.Role
    task_definition: aws.ecs.TaskDefinition
    service: aws.ecs.Service

    def __init__(
        self, name: str, args: EfsFargateServiceArgs, opts: pulumi.ResourceOptions | None = None, transforms: Transforms | None = None
    ) -> None:
        super().__init__("EfsFargateService", name, opts, transforms)
        self.args = args
        self._create_cluster()
        self._create_security_group()
        self._create_roles()
        self._create_task_definition()
        self._create_service()
        self.finish({"clusterName": self.cluster.name, "serviceName": self.service.name})

    def _create_cluster(self) -> None:
        self.cluster = aws.ecs.Cluster(
            self.child_name("cluster"),
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enabled")],
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.log_group = aws.cloudwatch.LogGroup(
            self.child_name("log_group"), retention_in_days=self.args.log_retention_days, tags=self.args.tags, opts=self.child_options()
        )
        self.expose(cluster=self.cluster, log_group=self.log_group)

    def _create_security_group(self) -> None:
        self.security_group = aws.ec2.SecurityGroup(
            self.child_name("security_group"),
            description="Tasks of live sessions",
            vpc_id=self.args.vpc_id,
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.expose(security_group=self.security_group)
        contract, alb, volume = self.args.contract, self.args.alb.security_group, self.args.volume.security_group
        self._connect("sessions", alb, self.security_group, contract.session_port)
        self._connect("api", alb, self.security_group, contract.api_port)
        self._connect("nfs", self.security_group, volume, NFS_PORT)
        egress = aws.vpc.SecurityGroupEgressRule(
            self.child_name("egress_https"),
            security_group_id=self.security_group.id,
            description="HTTPS to AWS and to package registries",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4="0.0.0.0/0",
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.expose(egress_https=egress)

    def _connect(self, key: str, source: aws.ec2.SecurityGroup, target: aws.ec2.SecurityGroup, port: int) -> None:
        """Let `source` open TCP connections to `port` of `target`: one rule at each end, each naming the other group."""
        egress = aws.vpc.SecurityGroupEgressRule(
            self.child_name(f"{key}_out"),
            security_group_id=source.id,
            referenced_security_group_id=target.id,
            description=f"to {key}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=self.args.tags,
            opts=self.child_options(),
        )
        ingress = aws.vpc.SecurityGroupIngressRule(
            self.child_name(f"{key}_in"),
            security_group_id=target.id,
            referenced_security_group_id=source.id,
            description=f"to {key}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.expose(**{f"{key}_out": egress, f"{key}_in": ingress})

    def _create_roles(self) -> None:
        self.execution_role = task_roles.create_role(self, "execution_role", "Starts tasks: pulls the image, reads secrets, writes logs")
        self.task_role = task_roles.create_role(self, "task_role", "The running task: mounts the sites' file system")
        task_roles.allow(
            self,
            "execution_policy",
            self.execution_role,
            task_roles.execution_statements(self.args.repository_arn, self.log_group.arn, self.args.secrets.arns),
        )
        task_roles.allow(
            self,
            "task_policy",
            self.task_role,
            task_roles.mount_statements(self.args.volume.file_system.arn, self.args.volume.access_point.arn),
        )

    def _create_task_definition(self) -> None:
        volume = self.args.volume
        self.task_definition = aws.ecs.TaskDefinition(
            self.child_name("task"),
            family=self.child_name("task"),
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(self.args.cpu),
            memory=str(self.args.memory_mib),
            ephemeral_storage=aws.ecs.TaskDefinitionEphemeralStorageArgs(size_in_gib=self.args.ephemeral_storage_gib),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                operating_system_family="LINUX", cpu_architecture=self.args.arch.upper()
            ),
            execution_role_arn=self.execution_role.arn,
            task_role_arn=self.task_role.arn,
            container_definitions=self._container_definitions(),
            volumes=[
                aws.ecs.TaskDefinitionVolumeArgs(
                    name="sites",
                    efs_volume_configuration=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs(
                        file_system_id=volume.file_system.id,
                        transit_encryption="ENABLED",
                        authorization_config=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs(
                            access_point_id=volume.access_point.id, iam="ENABLED"
                        ),
                    ),
                ),
                aws.ecs.TaskDefinitionVolumeArgs(name="scratch"),
                aws.ecs.TaskDefinitionVolumeArgs(name="tmp"),
            ],
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.expose(task=self.task_definition)

    def _container_definitions(self) -> pulumi.Output[str]:
        contract, drain = self.args.contract, self.args.drain
        environment = {
            **contract.environment(),
            "ASTRO_LIVE_SITES_DIR": SITES_DIRECTORY,
            "ASTRO_LIVE_SCRATCH_DIR": SCRATCH_DIRECTORY,
            "ASTRO_LIVE_STOP_TIMEOUT_SECONDS": str(drain.stop_timeout_seconds),
            **self.args.environment,
        }
        container = {
            "name": CONTAINER,
            "image": self.args.image,
            "essential": True,
            "user": f"{self.args.volume.args.uid}:{self.args.volume.args.gid}",
            "privileged": False,
            "readonlyRootFilesystem": True,
            "stopTimeout": drain.stop_timeout_seconds,
            "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
            "ulimits": [{"name": "nofile", "softLimit": OPEN_FILES, "hardLimit": OPEN_FILES}],
            "portMappings": [
                {"name": "sessions", "containerPort": contract.session_port, "hostPort": contract.session_port, "protocol": "tcp"},
                {"name": "api", "containerPort": contract.api_port, "hostPort": contract.api_port, "protocol": "tcp"},
            ],
            "environment": [{"name": name, "value": value} for name, value in sorted(environment.items())],
            "secrets": [{"name": name, "valueFrom": arn} for name, arn in sorted(self.args.secrets.environment().items())],
            "mountPoints": [
                {"sourceVolume": "sites", "containerPath": SITES_DIRECTORY, "readOnly": False},
                {"sourceVolume": "scratch", "containerPath": SCRATCH_DIRECTORY, "readOnly": False},
                {"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False},  # noqa: S108 a volume of the task's own
            ],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self.log_group.name,
                    "awslogs-region": aws.get_region_output(opts=pulumi.InvokeOptions(parent=self)).region,
                    "awslogs-stream-prefix": CONTAINER,
                    # A log that cannot be delivered must not stall live editing.
                    "mode": "non-blocking",
                    "max-buffer-size": "25m",
                },
            },
        }
        return pulumi.Output.json_dumps([container])

    def _create_service(self) -> None:
        alb, contract = self.args.alb, self.args.contract
        groups = [(alb.session_target_group, contract.session_port)]
        if alb.api_target_group:
            groups.append((alb.api_target_group, contract.api_port))
        self.service = aws.ecs.Service(
            self.child_name("service"),
            cluster=self.cluster.arn,
            task_definition=self.task_definition.arn,
            launch_type="FARGATE",
            platform_version="LATEST",
            desired_count=self.args.desired_count,
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=list(self.args.subnet_ids), security_groups=[self.security_group.id], assign_public_ip=False
            ),
            load_balancers=[
                aws.ecs.ServiceLoadBalancerArgs(target_group_arn=group.arn, container_name=CONTAINER, container_port=port)
                for group, port in groups
            ],
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            # Moving tasks between zones to even them out would cut live sessions.
            availability_zone_rebalancing="DISABLED",
            health_check_grace_period_seconds=120,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            tags=self.args.tags,
            # A task that starts before its mount target or before the listener's rule fails, and ECS counts it against the deployment.
            opts=self.child_options(depends_on=[*self.args.volume.mount_targets, *alb.rules.values()]),
        )
        self.expose(service=self.service)


LaunchMode = Literal["on-demand", "spot"]
