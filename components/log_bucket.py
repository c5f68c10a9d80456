"""The bucket that takes the load balancer's access logs: private, encrypted, expiring."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.base import Component, ComponentError, Transforms

RETENTION_DAYS = (1, 3650)
"""Of access logs."""


@dataclass(frozen=True, kw_only=True)
class LogBucketArgs:
    """How long logs stay."""

    retention_days: int = 90
    """Days after which a log is deleted."""
    force_destroy: bool = False
    """Delete the bucket together with its logs; otherwise a bucket that holds logs cannot be
    destroyed.
    """
    protect: bool = False
    """Refuse to delete the bucket when the update is previewed. Otherwise AWS refuses one that
    holds logs, at the update's end.
    """
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        low, high = RETENTION_DAYS
        if not low <= self.retention_days <= high:
            raise ComponentError(
                f"retention_days is {self.retention_days}; allowed is {low}-{high} days"
            )


class LogBucket(Component):
    """Bucket, and the policy by which load balancing may write to it."""

    bucket: aws.s3.Bucket
    policy: aws.s3.BucketPolicy
    """Wait for it before turning logs on: AWS tests the bucket by writing to it."""

    def __init__(
        self,
        name: str,
        args: LogBucketArgs,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Transforms | None = None,
    ) -> None:
        super().__init__("LogBucket", name, opts, transforms)
        self.args = args
        self._create_bucket()
        self._close_to_the_public()
        self._expire_logs()
        self._admit_load_balancing()
        self.finish({"bucket": self.bucket.bucket})

    def _create_bucket(self) -> None:
        self.bucket = aws.s3.Bucket(
            self.child_name("bucket"),
            force_destroy=self.args.force_destroy,
            tags=self.args.tags,
            opts=self.child_options(protect=self.args.protect),
        )
        encryption = aws.s3.BucketServerSideEncryptionConfiguration(
            self.child_name("encryption"),
            bucket=self.bucket.id,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    # Load balancing cannot write to a bucket under a KMS key.
                    apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="AES256"
                    )
                )
            ],
            opts=self.child_options(),
        )
        self.expose(bucket=self.bucket, encryption=encryption)

    def _close_to_the_public(self) -> None:
        block = aws.s3.BucketPublicAccessBlock(
            self.child_name("public_access_block"),
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child_options(),
        )
        ownership = aws.s3.BucketOwnershipControls(
            self.child_name("ownership"),
            bucket=self.bucket.id,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self.child_options(),
        )
        self.expose(public_access_block=block, ownership=ownership)

    def _expire_logs(self) -> None:
        lifecycle = aws.s3.BucketLifecycleConfiguration(
            self.child_name("lifecycle"),
            bucket=self.bucket.id,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="expire",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(
                        days=self.args.retention_days
                    ),
                    abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=1
                    ),
                )
            ],
            opts=self.child_options(),
        )
        self.expose(lifecycle=lifecycle)

    def _admit_load_balancing(self) -> None:
        """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html#attach-bucket-policy"""
        account = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=self)).account_id
        objects = pulumi.Output.concat(self.bucket.arn, "/*")
        self.policy = aws.s3.BucketPolicy(
            self.child_name("policy"),
            bucket=self.bucket.id,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "WriteLogs",
                            "Effect": "Allow",
                            "Principal": {
                                "Service": "logdelivery.elasticloadbalancing.amazonaws.com"
                            },
                            "Action": "s3:PutObject",
                            "Resource": pulumi.Output.concat(
                                self.bucket.arn, "/AWSLogs/", account, "/*"
                            ),
                        },
                        {
                            "Sid": "DenyWithoutTls",
                            "Effect": "Deny",
                            "Principal": {"AWS": "*"},
                            "Action": "s3:*",
                            "Resource": [self.bucket.arn, objects],
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        },
                    ],
                }
            ),
            opts=self.child_options(depends_on=[self.children["public_access_block"]]),
        )
        self.expose(policy=self.policy)
