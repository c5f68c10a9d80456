"""Live editing as one component: everything the stack declares, from the network to the
dashboard.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pulumi

from components.alarms import Thresholds, before_a_restart
from components.base import Component, ComponentError, Transforms
from components.certificate import Certificate, ExistingCertificate, IssuedCertificate
from components.config.shapes import given, is_everywhere
from components.config.stack import StackKeys
from components.dns_alias import DnsAlias
from components.docker_image import CacheStage, DockerImage, DockerImageArgs
from components.drain import Drain
from components.efs_fargate_service import EfsFargateService, EfsFargateServiceArgs
from components.efs_volume import EfsVolume, EfsVolumeArgs
from components.firewall import Firewall
from components.log_bucket import LogBucket, LogBucketArgs
from components.names import own_name, own_path
from components.network import Network, NetworkArgs
from components.observability import Observability, ObservabilityArgs
from components.ownership_table import OwnershipTable, OwnershipTableArgs
from components.private_api import PrivateApi, namespace_of
from components.session_secrets import SessionSecrets, SessionSecretsArgs
from components.web_socket_alb import WebSocketAlb, WebSocketAlbArgs
from contract import git_secrets
from contract.api import API_ROOT
from contract.telemetry import NAMESPACE

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: what the image is built from."""

PARTS = ("net", "logs", "alb", "sites", "secrets", "image", "owners", "svc", "watch")
"""Keys of the parts, as in their names."""

CACHE_STAGE = CacheStage(
    target="dependencies",
    files=(
        "requirements/bootstrap.txt",
        "requirements/container.txt",
        "container/astro/package.json",
        "container/astro/package-lock.json",
    ),
)


def owner(name: str) -> tuple[str, ...]:
    """Whose names an account holds once: project and stack, and the component where it is not
    called like its project.
    """
    project = pulumi.get_project()
    return (project, pulumi.get_stack(), *(() if name == project else (name,)))


class LiveEditing(Component):
    """The whole service. Its parts are attributes, each with its own children."""

    network: Network
    logs: LogBucket | None
    alb: WebSocketAlb
    volume: EfsVolume
    secrets: SessionSecrets
    image: DockerImage
    ownership: OwnershipTable | None
    """By which several tasks agree on who runs a session."""
    service: EfsFargateService
    observability: Observability

    def __init__(
        self,
        name: str,
        keys: StackKeys,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Mapping[str, Transforms] | None = None,
    ) -> None:
        """`transforms` are those of the parts, by the part's key in `PARTS`: `{"alb":
        {"lb": …}}`.
        """
        self._of_part = dict(transforms or {})
        if unknown := sorted(self._of_part.keys() - PARTS):
            raise ComponentError(
                f"{name}: transforms names {', '.join(map(repr, unknown))}; its parts are"
                f" {', '.join(PARTS)}. Correct the key"
            )
        super().__init__("LiveEditing", name, opts, None)
        self.keys = keys
        self.contract = keys.contract
        self._drain = Drain(
            stop_timeout_seconds=keys.stop_timeout_seconds, hands_over=keys.shared_ownership
        )
        self._owner = owner(name)
        self._namespace = own_path(NAMESPACE, *self._owner)
        self._tags = {"Project": pulumi.get_project(), "Stack": pulumi.get_stack(), **keys.tags}
        self.network = self._create_network()
        self.logs = self._create_logs() if keys.access_logs and not keys.existing_listener else None
        self.alb = self._create_alb()
        self.volume = self._create_volume()
        self.secrets = self._create_secrets()
        self.image = self._create_image()
        self.ownership = self._create_ownership() if keys.shared_ownership else None
        self.service = self._create_service()
        self.observability = self._create_observability()
        self.expose(
            net=self.network,
            alb=self.alb,
            sites=self.volume,
            secrets=self.secrets,
            image=self.image,
        )
        self.expose(
            svc=self.service, watch=self.observability, **({"logs": self.logs} if self.logs else {})
        )
        if self.ownership:
            self.expose(owners=self.ownership)
        self.finish(self.results())

    @property
    def _private_api(self) -> PrivateApi | None:
        groups = self.keys.api_ingress_security_groups
        return (
            PrivateApi(security_groups=groups, namespace=namespace_of(*self._owner))
            if groups
            else None
        )

    def results(self) -> dict[str, pulumi.Input[str]]:
        """What people and programs want to know of a deployed service; the stack's outputs. An
        empty text: there is none.
        """
        api = self._private_api
        return {
            "url": self.keys.public_url,
            "sessionUrlPattern": self.contract.session_url("{id}"),
            "apiUrl": f"{self.keys.public_url}{API_ROOT}" if self.keys.expose_api else "",
            "privateApiUrl": f"http://{api.host}:{self.contract.api_port}{API_ROOT}" if api else "",
            "albDnsName": self.alb.load_balancer.dns_name,
            "clusterName": self.service.cluster.name,
            "serviceName": self.service.service.name,
            "taskDefinitionArn": self.service.task_definition.arn,
            "logGroupName": self.service.log_group.name,
            "fileSystemId": self.volume.file_system.id,
            "repositoryUrl": self.image.repository.repository_url,
            "imageDigest": self.image.digest,
            "apiTokenSecretArn": self.secrets.api_token.arn,
            "signingKeysSecretArn": self.secrets.signing_keys.arn,
            "ownershipTableName": self.ownership.table.name if self.ownership else "",
        }

    def _create_network(self) -> Network:
        keys = self.keys
        args = NetworkArgs(
            existing=keys.existing_vpc,
            cidr=keys.vpc_cidr,
            availability_zones=keys.availability_zones,
            zone_names=keys.availability_zone_names,
            egress=keys.egress,
            execute_command=keys.execute_command,
            flow_logs=keys.network_flow_logs,
            tags=self._tags,
        )
        self._report_narrow_egress()
        return Network(self.child_name("net"), args, self.child_options(), self._of_part.get("net"))

    def _report_narrow_egress(self) -> None:
        """Whether the ranges hold AWS's own cannot be known here: AWS publishes and
        changes them.
        """
        keys = self.keys
        if (
            keys.in_own_vpc
            or keys.egress == "endpoints"
            or any(map(is_everywhere, keys.egress_cidrs))
        ):
            return
        pulumi.log.warn(
            f"egressCidrs is {', '.join(keys.egress_cidrs)}: tasks start only if it holds AWS's"
            " ranges of the region, from which they pull the image, read secrets and write logs"
            " (https://ip-ranges.amazonaws.com/ip-ranges.json, service AMAZON)",
            self,
        )

    def _create_logs(self) -> LogBucket:
        keys = self.keys
        args = LogBucketArgs(
            retention_days=keys.access_log_retention_days,
            force_destroy=not keys.deletion_protection,
            protect=keys.deletion_protection,
            tags=self._tags,
        )
        return LogBucket(
            self.child_name("logs"), args, self.child_options(), self._of_part.get("logs")
        )

    def _create_alb(self) -> WebSocketAlb:
        keys, network = self.keys, self.network
        alias = None
        if keys.dns_record and given(keys.hosted_zone_id):
            alias = DnsAlias(
                zone_id=keys.hosted_zone_id, name=keys.host, wildcard=self.contract.by_host
            )
        args = WebSocketAlbArgs(
            contract=self.contract,
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids if keys.internal else network.public_subnet_ids,
            certificate=self._certificate(),
            ingress_cidrs=keys.ingress_cidrs,
            drain=self._drain,
            tls_policy=keys.tls_policy,
            client_keep_alive_seconds=keys.client_keep_alive_seconds,
            internal=keys.internal,
            ip_address_type=keys.ip_address_type,
            hsts_seconds=keys.hsts_seconds,
            expose_api=keys.expose_api,
            api_cidrs=keys.api_ingress_cidrs,
            access_logs=self.logs,
            dns_alias=alias,
            existing=keys.existing_listener,
            firewall=Firewall(rate_limit=keys.firewall_rate_limit) if keys.firewall else None,
            sign_in=keys.people_sign_in,
            sign_in_cidrs=keys.sign_in_cidrs,
            deletion_protection=keys.deletion_protection,
            tags=self._tags,
        )
        return WebSocketAlb(
            self.child_name("alb"), args, self.child_options(), self._of_part.get("alb")
        )

    def _certificate(self) -> Certificate | None:
        if self.keys.existing_listener:
            return None
        if given(self.keys.certificate_arn):
            return ExistingCertificate(arn=self.keys.certificate_arn)
        return IssuedCertificate(
            domain=self.keys.host,
            hosted_zone_id=self.keys.hosted_zone_id,
            wildcard=self.contract.by_host,
        )

    def _create_volume(self) -> EfsVolume:
        keys, network = self.keys, self.network
        existing = keys.existing_vpc
        args = EfsVolumeArgs(
            vpc_id=network.vpc_id,
            # Ids that are known now name the mount targets.
            subnet_ids=existing.private_subnet_ids if existing else network.private_subnet_ids,
            kms_key_arn=self._own_key(),
            throughput_mode=keys.efs_throughput,
            archive_after_days=keys.archive_after_days,
            backups=keys.efs_backups,
            restore_role_arn=keys.restore_role_arn if given(keys.restore_role_arn) else None,
            replica_region=keys.efs_replica_region or None,
            protect=keys.deletion_protection,
            revision=keys.file_system_revision,
            path=keys.file_system_path,
            existing=keys.existing_file_system,
            tags=self._tags,
        )
        return EfsVolume(
            self.child_name("sites"), args, self.child_options(), self._of_part.get("sites")
        )

    def _create_secrets(self) -> SessionSecrets:
        args = SessionSecretsArgs(kms_key_arn=self._own_key(), tags=self._tags)
        return SessionSecrets(
            self.child_name("secrets"), args, self.child_options(), self._of_part.get("secrets")
        )

    def _own_key(self) -> pulumi.Input[str] | None:
        return self.keys.kms_key_arn if given(self.keys.kms_key_arn) else None

    def _create_image(self) -> DockerImage:
        args = DockerImageArgs(
            context=ROOT,
            dockerfile=ROOT / "container" / "Dockerfile",
            arch=self.keys.arch,
            pinned_digest=self.keys.image_digest or None,
            cache_stage=CACHE_STAGE,
            revision=self.keys.image_revision,
            repository_name=self.keys.repository_name if given(self.keys.repository_name) else None,
            keep_images=self.keys.keep_images,
            force_destroy=not self.keys.deletion_protection,
            protect=self.keys.deletion_protection,
            kms_key_arn=self._own_key(),
            tags=self._tags,
        )
        return DockerImage(
            self.child_name("image"), args, self.child_options(), self._of_part.get("image")
        )

    def _create_ownership(self) -> OwnershipTable:
        args = OwnershipTableArgs(
            kms_key_arn=self._own_key(), protect=self.keys.deletion_protection, tags=self._tags
        )
        return OwnershipTable(
            self.child_name("owners"), args, self.child_options(), self._of_part.get("owners")
        )

    def _create_service(self) -> EfsFargateService:
        keys, network = self.keys, self.network
        args = EfsFargateServiceArgs(
            contract=self.contract,
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            vpc_cidr="" if keys.in_own_vpc else keys.vpc_cidr,
            alb=self.alb,
            volume=self.volume,
            secrets=self.secrets,
            image=self.image.reference,
            repository_arn=self.image.repository.arn,
            metric_namespace=self._namespace,
            private_api=self._private_api,
            cluster_arn=keys.cluster_arn if given(keys.cluster_arn) else None,
            environment=keys.container_environment,
            git_secret_arns=git_secrets.arns(keys.git_secret_names),
            git_secret_key_arns=keys.git_secret_key_arns,
            ownership=self.ownership,
            endpoints=network.endpoints,
            s3_prefix_list_id=network.s3_prefix_list_id,
            dynamodb_prefix_list_id=network.dynamodb_prefix_list_id,
            egress_cidrs=keys.egress_cidrs,
            arch=keys.arch,
            cpu=keys.cpu,
            memory_mib=keys.memory_mib,
            ephemeral_storage_gib=keys.ephemeral_storage_gib,
            desired_count=keys.desired_count,
            autoscaling=keys.scaling,
            capacity=keys.capacity,
            wait_until_steady=keys.shared_ownership or keys.protection_minutes == 0,
            drain=self._drain,
            grace_seconds=keys.grace_seconds,
            execute_command=keys.execute_command,
            log_retention_days=keys.log_retention_days,
            roles=keys.role_options,
            tags=self._tags,
        )
        return EfsFargateService(
            self.child_name("svc"), args, self.child_options(), self._of_part.get("svc")
        )

    def _create_observability(self) -> Observability:
        keys = self.keys
        args = ObservabilityArgs(
            alb=self.alb,
            service=self.service,
            volume=self.volume,
            metric_namespace=self._namespace,
            url=keys.public_url,
            topic_arn=keys.alarm_topic_arn if given(keys.alarm_topic_arn) else None,
            thresholds=Thresholds(session_memory_mib=before_a_restart(keys.session_memory_mib)),
            email=keys.alarm_email or None,
            dashboard_name=own_name(NAMESPACE, *self._owner) if keys.dashboard else None,
            tags=self._tags,
        )
        return Observability(
            self.child_name("watch"), args, self.child_options(), self._of_part.get("watch")
        )
