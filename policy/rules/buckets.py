"""Buckets: nobody reads, writes or lists one who is not named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .core.place import Place, be_one_of, be_true
from .core.rule import Finding, Resource, ResourceRule, Settings, Stack, StackRule, texts, unjudged
from .core.values import UNKNOWN, as_dict, as_list, boolean
from .resource_policies import NAMED_THIRD_PARTIES

BUCKETS: Final = frozenset({"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"})
_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_BLOCKS: Final = frozenset({_BLOCK, "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"})
_ACCESS_POINTS: Final = frozenset(
    {
        "aws:s3/accessPoint:AccessPoint",
        "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint",
    }
)
_WITH_ACL: Final = BUCKETS | {
    "aws:s3/bucketAcl:BucketAcl",
    "aws:s3/bucketAclV2:BucketAclV2",
    "aws:s3/bucketObject:BucketObject",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/objectCopy:ObjectCopy",
}
_SWITCHES: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)
_PRIVATE_ACLS: Final = (
    None,
    "private",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
    "log-delivery-write",
)
"""Canned ACLs that name their readers:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
"""

_LOG_DELIVERY: Final = "http://acs.amazonaws.com/groups/s3/LogDelivery"


def _public(resource: Resource, _: Settings) -> Iterable[Finding]:
    if resource.type in _BLOCKS:
        for prop in _SWITCHES:
            yield from resource.at(prop).must(be_true, "true")
    elif resource.type in _ACCESS_POINTS:
        for block in (
            resource.at("publicAccessBlockConfiguration"),
            resource.at("details", "publicAccessBlock"),
        ):
            for prop in _SWITCHES:
                yield from block.at(prop).must(be_true, "true", default=True)
    else:
        yield from resource.at("acl").must(
            be_one_of(*_PRIVATE_ACLS), "'private', as others than the owner are admitted"
        )
        for grants in (resource.at("grants"), resource.at("accessControlPolicy", "grants")):
            for each in grants.each():
                yield from _grant(each)


def _grant(grant: Place) -> Iterable[Finding]:
    """Groups are everyone, everyone with an account, or S3's log delivery, which only
    has to write.
    """
    for group in (grant.at("grantee", "uri"), grant.at("uri")):
        yield from group.must(
            be_one_of(None, _LOG_DELIVERY), "a named account; a group is everyone"
        )
    if (
        as_dict(grant.value).get("uri") == _LOG_DELIVERY
        or grant.at("grantee", "uri").value == _LOG_DELIVERY
    ):
        rights = {
            str(each)
            for name in ("permission", "permissions")
            for each in as_list(as_dict(grant.value).get(name))
        }
        if rights & {"WRITE_ACP", "FULL_CONTROL"}:
            yield Finding(
                message=f"{grant} lets log delivery change the ACL; allowed are WRITE and READ_ACP"
            )


def _close(resource: Resource, _: Settings) -> Mapping[str, object]:
    if resource.type in _BLOCKS:
        return dict.fromkeys(_SWITCHES, True)
    return {"acl": "private"} if resource.props.get("acl") not in _PRIVATE_ACLS else {}


NO_PUBLIC_BUCKET = ResourceRule(
    id="no-public-bucket",
    title="No bucket is public",
    reason=(
        "Access logs say who opened whose session, with addresses and times. They are in a bucket."
        " A canned ACL, a grant to a group, an object's own ACL or a switch of the access block"
        " that is off opens it."
    ),
    fix=(
        "set all four switches of the bucket's public access block to true, and no ACL or grant for"
        " a group"
    ),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    severity="high",
    level="mandatory",
    types=_BLOCKS | _WITH_ACL | _ACCESS_POINTS,
    check=_public,
    remedy=_close,
)


_OF_ACCOUNT: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"


def _unblocked(stack: Stack, settings: Settings) -> Iterable[Finding]:
    own = texts(settings, "ownAccounts")
    closed = [
        each
        for each in stack.of({_OF_ACCOUNT})
        if all(boolean(each.asked.get(switch)) is True for switch in _SWITCHES)
    ]
    accounts = [each.asked.get("accountId") for each in closed]
    if any(each is None or each in own for each in accounts):
        return  # AWS takes the stricter of the account's and the bucket's switches
    if UNKNOWN in accounts:
        yield from (
            unjudged(f"{each.name}: accountId is not known yet", each.urn) for each in closed
        )
        return
    blocked = {
        bucket.urn
        for block in stack.of({_BLOCK})
        for bucket in stack.join(block, "bucket", block.props.get("bucket"), BUCKETS).found
    }
    for bucket in stack.of(BUCKETS):
        if bucket.urn not in blocked:
            message = (
                f"{bucket.name} has no public access block in this stack; allowed is one with all"
                " four switches on"
            )
            if closed:
                message += (
                    f" ({closed[0].name} names an account by accountId that is not among"
                    " ownAccounts of policy-third-parties)"
                )
            yield Finding(message=message, urn=bucket.urn)


BUCKET_ACCESS_BLOCK = StackRule(
    id="bucket-access-block",
    title="Every bucket has a public access block",
    reason=(
        "S3 blocks public access to new buckets by itself, but not to buckets made before April"
        " 2023, and anyone who may change a bucket can take the block away. A declared block is"
        " restored by the next update."
    ),
    fix=(
        "add an aws.s3.BucketPublicAccessBlock for the bucket, or an"
        " aws.s3.AccountPublicAccessBlock without account_id, with all four switches true"
    ),
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-8",
    severity="medium",
    level="mandatory",
    shares=NAMED_THIRD_PARTIES,
    check=_unblocked,
)

RULES: Final = (NO_PUBLIC_BUCKET, BUCKET_ACCESS_BLOCK)
