"""Examples for the rules of access."""

import json

import pulumi_aws as aws


def iam_least_privilege_violating() -> None:
    aws.iam.RolePolicy(
        "task",
        role="live-task",
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
            }
        ),
    )


def iam_least_privilege_complying() -> None:
    aws.iam.RolePolicy(
        "task",
        role="live-task",
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["s3:GetObject"],
                        "Resource": "arn:aws:s3:::templates/*",
                    }
                ],
            }
        ),
    )


def outside_identities_violating() -> None:
    user = aws.iam.User("builds", name="builds")
    aws.iam.UserGroupMembership("builds", user=user.name, groups=["release"])


def outside_identities_complying() -> None:
    user = aws.iam.User("builds", name="builds")
    group = aws.iam.Group("release", name="release")
    aws.iam.UserGroupMembership("builds", user=user.name, groups=[group.name])


def no_public_policy_violating() -> None:
    aws.ecr.RepositoryPolicy(
        "live",
        repository="live",
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}],
            }
        ),
    )


def no_public_policy_complying() -> None:
    aws.ecr.RepositoryPolicy(
        "live",
        repository="live",
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                        "Action": "ecr:BatchGetImage",
                    }
                ],
            }
        ),
    )


def no_public_bucket_violating() -> None:
    aws.s3.BucketPublicAccessBlock(
        "logs", bucket="logs", block_public_acls=True, ignore_public_acls=True
    )


def no_public_bucket_complying() -> None:
    aws.s3.BucketPublicAccessBlock(
        "logs",
        bucket="logs",
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )


def bucket_access_block_violating() -> None:
    aws.s3.Bucket("logs")


def bucket_access_block_complying() -> None:
    bucket = aws.s3.Bucket("logs")
    aws.s3.BucketPublicAccessBlock(
        "logs",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )


def no_public_share_violating() -> None:
    aws.ec2.AmiLaunchPermission("base", image_id="ami-0123456789abcdef0", group="all")


def no_public_share_complying() -> None:
    aws.ec2.AmiLaunchPermission("base", image_id="ami-0123456789abcdef0", account_id="123456789012")


def policy_third_parties_violating() -> None:
    aws.iam.Role(
        "monitor",
        assume_role_policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )


def policy_third_parties_complying() -> None:
    aws.iam.Role(
        "monitor",
        assume_role_policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                        "Action": "sts:AssumeRole",
                        "Condition": {"StringEquals": {"sts:ExternalId": "customer-4711"}},
                    }
                ],
            }
        ),
    )
