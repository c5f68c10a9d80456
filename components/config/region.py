"""Rules about the stack's region: what AWS takes only from there."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from components.config.shapes import given
from contract.git_secrets import arns
from contract.settings import Names, Problem, Problems, Reading, Rule, Settings

PARTITIONS: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
"""Partition by the beginning of a region's name; the others are in `aws`, or in one of the isolated
ones.
"""


def partition_of(region: str) -> str:
    """The partition of a region, as ARNs name it."""
    return next((name for start, name in PARTITIONS.items() if region.startswith(start)), "aws")


def beside(region: str | None) -> Reading[Any] | None:
    """The provider's region as rules see it; None where only the deployment knows it."""
    if not region:
        return None
    return Reading(
        cls=Settings, values={"region": region}, names={"region": "aws:region"}, problems=[]
    )


def _elsewhere(names: Names, region: str, field: str, arn: object, what: str) -> Problems:
    if not isinstance(arn, str) or not given(arn):  # not set, or known during the deployment
        return
    _, partition, _, place, *_ = arn.split(":")
    if place != region or ("iso" not in region and partition != partition_of(region)):
        yield Problem(
            key=names[field],
            value=arn,
            allowed=f"{what} of the stack's region, arn:{partition_of(region)}:…:{region}:…",
            fix=f"choose one of {region}, or set {names['region']}",
        )


def the_certificate_is_of_the_region(names: Names, region: str, certificate_arn: str) -> Problems:
    """A load balancer takes no other."""
    yield from _elsewhere(names, region, "certificate_arn", certificate_arn, "a certificate")


def the_key_is_of_the_region(names: Names, region: str, kms_key_arn: str) -> Problems:
    """EFS and Secrets Manager take no other."""
    yield from _elsewhere(names, region, "kms_key_arn", kms_key_arn, "a key")


def the_topic_is_of_the_region(names: Names, region: str, alarm_topic_arn: str) -> Problems:
    """CloudWatch notifies no other."""
    yield from _elsewhere(names, region, "alarm_topic_arn", alarm_topic_arn, "a topic")


def the_user_pool_is_of_the_region(
    names: Names, region: str, cognito_user_pool_arn: str
) -> Problems:
    """A load balancer asks no other."""
    yield from _elsewhere(
        names, region, "cognito_user_pool_arn", cognito_user_pool_arn, "a user pool"
    )


def the_listener_is_of_the_region(names: Names, region: str, listener_arn: str) -> Problems:
    """Target groups are only forwarded to from there."""
    yield from _elsewhere(names, region, "listener_arn", listener_arn, "a listener")


def the_cluster_is_of_the_region(names: Names, region: str, cluster_arn: str) -> Problems:
    """A service is where its cluster is."""
    yield from _elsewhere(names, region, "cluster_arn", cluster_arn, "a cluster")


def the_replica_is_in_the_partition(names: Names, region: str, efs_replica_region: str) -> Problems:
    """EFS replicates within a partition only."""
    if efs_replica_region and partition_of(efs_replica_region) != partition_of(region):
        yield Problem(
            key=names["efs_replica_region"],
            value=f'"{efs_replica_region}"',
            allowed=f"a region of the partition {partition_of(region)}, as {region} is",
            fix=f"choose another region, or remove {names['efs_replica_region']}",
        )


def the_zones_are_of_the_region(
    names: Names, region: str, availability_zone_names: tuple[str, ...]
) -> Problems:
    """A VPC has subnets in its region only."""
    if others := [zone for zone in availability_zone_names if zone[:-1] != region]:
        yield Problem(
            key=names["availability_zone_names"],
            value=str(others),
            allowed=f"availability zones of the stack's region, such as {region}a",
            fix=f"name zones of {region}, or set {names['region']}",
        )


def the_git_secrets_are_of_the_region(
    names: Names, region: str, git_secret_names: tuple[str, ...]
) -> Problems:
    """Tasks ask the region's Secrets Manager only."""
    for source in arns(git_secret_names):
        yield from _elsewhere(names, region, "git_secret_names", source, "a secret")


def the_git_keys_are_of_the_region(
    names: Names, region: str, git_secret_key_arns: tuple[str, ...]
) -> Problems:
    """Secrets Manager decrypts with those only."""
    for key in git_secret_key_arns:
        yield from _elsewhere(names, region, "git_secret_key_arns", key, "a key")


class RegionKeys(Settings):
    """No keys: `region` is the provider's, and reaches the rules beside the stack's."""

    rules: ClassVar[tuple[Rule, ...]] = (
        the_certificate_is_of_the_region,
        the_key_is_of_the_region,
        the_topic_is_of_the_region,
        the_user_pool_is_of_the_region,
        the_listener_is_of_the_region,
        the_cluster_is_of_the_region,
        the_replica_is_in_the_partition,
        the_zones_are_of_the_region,
        the_git_secrets_are_of_the_region,
        the_git_keys_are_of_the_region,
    )
