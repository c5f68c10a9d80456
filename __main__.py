"""The stack: wiring only. Every value comes from `settings`, every resource from `components`."""

from pathlib import Path

import pulumi

from components.certificate import ExistingCertificate, IssuedCertificate
from components.dns_alias import DnsAlias
from components.docker_image import CacheStage, DockerImage, DockerImageArgs
from components.drain import Drain
from components.efs_fargate_service import EfsFargateService, EfsFargateServiceArgs
from components.efs_volume import EfsVolume, EfsVolumeArgs
from components.firewall import Firewall
from components.log_bucket import LogBucket, LogBucketArgs
from components.network import Network, NetworkArgs
from components.observability import Observability, ObservabilityArgs
from components.session_secrets import SessionSecrets, SessionSecretsArgs
from components.telemetry import metric_namespace
from components.web_socket_alb import WebSocketAlb, WebSocketAlbArgs
from settings import StackSettings

ROOT = Path(__file__).resolve().parent
NAME = "astro-live"

settings = StackSettings.load()
contract = settings.contract
drain = Drain(stop_timeout_seconds=settings.stop_timeout_seconds)
namespace = metric_namespace(pulumi.get_stack())
tags = {"Project": pulumi.get_project(), "Stack": pulumi.get_stack()}

network = Network(
    f"{NAME}-net",
    NetworkArgs(
        existing=settings.existing_vpc,
        cidr=settings.vpc_cidr,
        availability_zones=settings.availability_zones,
        egress=settings.egress,
        execute_command=settings.execute_command,
        tags=tags,
    ),
)

logs = (
    LogBucket(
        f"{NAME}-logs",
        LogBucketArgs(retention_days=settings.access_log_retention_days, force_destroy=not settings.deletion_protection, tags=tags),
    )
    if settings.access_logs
    else None
)

alb = WebSocketAlb(
    f"{NAME}-alb",
    WebSocketAlbArgs(
        contract=contract,
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids if settings.internal else network.public_subnet_ids,
        certificate=ExistingCertificate(arn=settings.certificate_arn)
        if settings.certificate_arn
        else IssuedCertificate(domain=settings.host, hosted_zone_id=settings.hosted_zone_id),
        ingress_cidrs=settings.ingress_cidrs,
        drain=drain,
        tls_policy=settings.tls_policy,
        client_keep_alive_seconds=settings.client_keep_alive_seconds,
        internal=settings.internal,
        ip_address_type=settings.ip_address_type,
        hsts_seconds=settings.hsts_seconds,
        expose_api=settings.expose_api,
        access_logs=logs,
        dns_alias=DnsAlias(zone_id=settings.hosted_zone_id, name=settings.host)
        if settings.dns_record and settings.hosted_zone_id
        else None,
        firewall=Firewall(rate_limit=settings.firewall_rate_limit) if settings.firewall else None,
        sign_in=settings.people_sign_in,
        deletion_protection=settings.deletion_protection,
        tags=tags,
    ),
)

volume = EfsVolume(
    f"{NAME}-sites",
    EfsVolumeArgs(
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        kms_key_arn=settings.kms_key_arn or None,
        throughput_mode=settings.efs_throughput,
        archive_after_days=settings.archive_after_days,
        backups=settings.efs_backups,
        replica_region=settings.efs_replica_region or None,
        protect=settings.deletion_protection,
        tags=tags,
    ),
)

secrets = SessionSecrets(f"{NAME}-secrets", SessionSecretsArgs(kms_key_arn=settings.kms_key_arn or None, tags=tags))

image = DockerImage(
    f"{NAME}-image",
    DockerImageArgs(
        context=ROOT,
        dockerfile=ROOT / "container" / "Dockerfile",
        arch=settings.arch,
        pinned_digest=settings.image_digest or None,
        cache_stage=CacheStage(
            target="dependencies",
            files=(
                "requirements/bootstrap.txt",
                "requirements/container.txt",
                "container/astro/package.json",
                "container/astro/package-lock.json",
            ),
        ),
        keep_images=settings.keep_images,
        tags=tags,
    ),
)

service = EfsFargateService(
    f"{NAME}-svc",
    EfsFargateServiceArgs(
        contract=contract,
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        alb=alb,
        volume=volume,
        secrets=secrets,
        image=image.reference,
        repository_arn=image.repository.arn,
        metric_namespace=namespace,
        environment=settings.container_environment,
        endpoints=network.endpoints,
        egress_cidrs=settings.egress_cidrs,
        arch=settings.arch,
        cpu=settings.cpu,
        memory_mib=settings.memory_mib,
        ephemeral_storage_gib=settings.ephemeral_storage_gib,
        desired_count=settings.desired_count,
        autoscaling=settings.scaling,
        capacity=settings.capacity,
        drain=drain,
        grace_seconds=settings.grace_seconds,
        execute_command=settings.execute_command,
        log_retention_days=settings.log_retention_days,
        tags=tags,
    ),
)

Observability(
    f"{NAME}-watch",
    ObservabilityArgs(
        alb=alb,
        service=service,
        volume=volume,
        metric_namespace=namespace,
        url=settings.public_url,
        topic_arn=settings.alarm_topic_arn or None,
        email=settings.alarm_email or None,
        dashboard=settings.dashboard,
        tags=tags,
    ),
)

pulumi.export("url", settings.public_url)
pulumi.export("sessionUrlPattern", contract.session_url("{id}"))
pulumi.export("albDnsName", alb.load_balancer.dns_name)
pulumi.export("clusterName", service.cluster.name)
pulumi.export("serviceName", service.service.name)
pulumi.export("logGroupName", service.log_group.name)
pulumi.export("fileSystemId", volume.file_system.id)
pulumi.export("repositoryUrl", image.repository.repository_url)
pulumi.export("imageDigest", image.digest)
pulumi.export("apiTokenSecretArn", secrets.api_token.arn)
pulumi.export("signingKeysSecretArn", secrets.signing_keys.arn)
