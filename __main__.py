"""The stack: wiring only. Every value comes from `settings`, every resource from `components`."""

from pathlib import Path

import pulumi

from components.certificate import Certificate, ExistingCertificate, IssuedCertificate
from components.docker_image import DockerImage, DockerImageArgs
from components.drain import Drain
from components.efs_fargate_service import EfsFargateService, EfsFargateServiceArgs
from components.efs_volume import EfsVolume, EfsVolumeArgs
from components.network import ExistingVpc, Network, NetworkArgs
from components.session_secrets import SessionSecrets, SessionSecretsArgs
from components.web_socket_alb import WebSocketAlb, WebSocketAlbArgs
from settings import StackSettings

ROOT = Path(__file__).resolve().parent
NAME = "astro-live"

settings = StackSettings.load()
contract = settings.contract
drain = Drain(stop_timeout_seconds=settings.stop_timeout_seconds)
tags = {"Project": pulumi.get_project(), "Stack": pulumi.get_stack()}

network = Network(
    f"{NAME}-net",
    NetworkArgs(
        existing=ExistingVpc(
            vpc_id=settings.vpc_id, public_subnet_ids=settings.public_subnet_ids, private_subnet_ids=settings.private_subnet_ids
        )
        if settings.vpc_id
        else None,
        cidr=settings.vpc_cidr,
        availability_zones=settings.availability_zones,
        egress=settings.egress,
        tags=tags,
    ),
)

certificate: Certificate = (
    ExistingCertificate(arn=settings.certificate_arn)
    if settings.certificate_arn
    else IssuedCertificate(domain=settings.host, hosted_zone_id=settings.hosted_zone_id)
)
alb = WebSocketAlb(
    f"{NAME}-alb",
    WebSocketAlbArgs(
        contract=contract,
        vpc_id=network.vpc_id,
        subnet_ids=network.public_subnet_ids,
        certificate=certificate,
        ingress_cidrs=settings.ingress_cidrs,
        drain=drain,
        client_keep_alive_seconds=settings.client_keep_alive_seconds,
        expose_api=settings.expose_api,
        deletion_protection=settings.deletion_protection,
        tags=tags,
    ),
)

volume = EfsVolume(
    f"{NAME}-sites",
    EfsVolumeArgs(vpc_id=network.vpc_id, subnet_ids=network.private_subnet_ids, protect=settings.deletion_protection, tags=tags),
)
secrets = SessionSecrets(f"{NAME}-secrets", SessionSecretsArgs(tags=tags))
image = DockerImage(
    f"{NAME}-image",
    DockerImageArgs(
        context=ROOT,
        dockerfile=ROOT / "container" / "Dockerfile",
        arch=settings.arch,
        pinned_digest=settings.image_digest or None,
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
        environment=settings.container_environment,
        arch=settings.arch,
        cpu=settings.cpu,
        memory_mib=settings.memory_mib,
        ephemeral_storage_gib=settings.ephemeral_storage_gib,
        desired_count=settings.desired_count,
        drain=drain,
        log_retention_days=settings.log_retention_days,
        tags=tags,
    ),
)

pulumi.export("url", settings.public_url)
pulumi.export("sessionUrlPattern", contract.session_url("{id}"))
pulumi.export("albDnsName", alb.load_balancer.dns_name)
pulumi.export("clusterName", service.cluster.name)
pulumi.export("serviceName", service.service.name)
pulumi.export("fileSystemId", volume.file_system.id)
pulumi.export("repositoryUrl", image.repository.repository_url)
pulumi.export("imageDigest", image.digest)
pulumi.export("apiTokenSecretArn", secrets.api_token.arn)
pulumi.export("signingKeysSecretArn", secrets.signing_keys.arn)
