"""Examples for the rules of tables."""

import json

import pulumi_aws as aws


def table_point_in_time_recovery_violating() -> None:
    aws.dynamodb.Table(
        "owners",
        hash_key="pk",
        attributes=[{"name": "pk", "type": "S"}],
        billing_mode="PAY_PER_REQUEST",
    )


def table_point_in_time_recovery_complying() -> None:
    aws.dynamodb.Table(
        "owners",
        hash_key="pk",
        attributes=[{"name": "pk", "type": "S"}],
        billing_mode="PAY_PER_REQUEST",
        point_in_time_recovery={"enabled": True},
    )


def table_deletion_protection_violating() -> None:
    aws.dynamodb.Table(
        "owners",
        hash_key="pk",
        attributes=[{"name": "pk", "type": "S"}],
        billing_mode="PAY_PER_REQUEST",
    )


def table_deletion_protection_complying() -> None:
    aws.dynamodb.Table(
        "owners",
        hash_key="pk",
        attributes=[{"name": "pk", "type": "S"}],
        billing_mode="PAY_PER_REQUEST",
        deletion_protection_enabled=True,
    )


def service_session_owners_violating() -> None:
    task = aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions=json.dumps(
            [
                {
                    "name": "astro",
                    "image": "registry/live@sha256:…",
                    "environment": [{"name": "ASTRO_LIVE_SITES_DIR", "value": "/sites"}],
                }
            ]
        ),
    )
    aws.ecs.Service("live", task_definition=task.arn, desired_count=2)


def service_session_owners_complying() -> None:
    table = aws.dynamodb.Table(
        "owners",
        name="live-owners",
        billing_mode="PAY_PER_REQUEST",
        hash_key="pk",
        range_key="sk",
        attributes=[{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}],
        ttl={"enabled": True, "attribute_name": "expires"},
    )
    task = aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions=table.name.apply(
            lambda name: json.dumps(
                [
                    {
                        "name": "astro",
                        "image": "registry/live@sha256:…",
                        "environment": [
                            {"name": "ASTRO_LIVE_SITES_DIR", "value": "/sites"},
                            {"name": "ASTRO_LIVE_OWNERSHIP_TABLE", "value": name},
                        ],
                    }
                ]
            )
        ),
    )
    aws.ecs.Service("live", task_definition=task.arn, desired_count=2)
