"""Examples for the rules of registries and logs."""

import json

import pulumi_aws as aws


def ecr_scan_on_push_violating() -> None:
    aws.ecr.Repository("live")


def ecr_scan_on_push_complying() -> None:
    aws.ecr.Repository("live", image_scanning_configuration={"scan_on_push": True})


def ecr_immutable_tags_violating() -> None:
    aws.ecr.Repository("live", image_tag_mutability="MUTABLE")


def ecr_immutable_tags_complying() -> None:
    aws.ecr.Repository("live", image_tag_mutability="IMMUTABLE")


def ecr_lifecycle_violating() -> None:
    aws.ecr.Repository(
        "live",
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration={"scan_on_push": True},
    )


def ecr_lifecycle_complying() -> None:
    live = aws.ecr.Repository(
        "live",
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration={"scan_on_push": True},
    )
    aws.ecr.LifecyclePolicy(
        "live",
        repository=live.name,
        policy=json.dumps(
            {
                "rules": [
                    {
                        "rulePriority": 1,
                        "selection": {
                            "tagStatus": "any",
                            "countType": "imageCountMoreThan",
                            "countNumber": 20,
                        },
                        "action": {"type": "expire"},
                    }
                ]
            }
        ),
    )


def log_retention_violating() -> None:
    aws.cloudwatch.LogGroup("live")


def log_retention_complying() -> None:
    aws.cloudwatch.LogGroup("live", retention_in_days=30)
