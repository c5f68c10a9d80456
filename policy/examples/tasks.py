"""Examples for the rules of tasks and their images."""

import json

import pulumi_aws as aws


def task_user_violating() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        network_mode="awsvpc",
        container_definitions=json.dumps([{"name": "astro", "image": "registry/live@sha256:…"}]),
    )


def task_user_complying() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        network_mode="awsvpc",
        container_definitions=json.dumps(
            [{"name": "astro", "image": "registry/live@sha256:…", "user": "1000:1000"}]
        ),
    )


def task_privileges_violating() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        network_mode="host",
        container_definitions=json.dumps([{"name": "astro", "privileged": True}]),
    )


def task_privileges_complying() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        network_mode="awsvpc",
        container_definitions=json.dumps(
            [
                {
                    "name": "astro",
                    "privileged": False,
                    "linuxParameters": {
                        "capabilities": {"drop": ["ALL"]},
                        "initProcessEnabled": True,
                    },
                }
            ]
        ),
    )


def task_read_only_root_violating() -> None:
    aws.ecs.TaskDefinition(
        "live", family="live", container_definitions=json.dumps([{"name": "astro"}])
    )


def task_read_only_root_complying() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        volumes=[{"name": "scratch"}],
        container_definitions=json.dumps(
            [
                {
                    "name": "astro",
                    "readonlyRootFilesystem": True,
                    "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/scratch"}],
                }
            ]
        ),
    )


def task_logging_violating() -> None:
    aws.ecs.TaskDefinition(
        "live", family="live", container_definitions=json.dumps([{"name": "astro"}])
    )


def task_logging_complying() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions=json.dumps(
            [
                {
                    "name": "astro",
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": "live",
                            "awslogs-region": "eu-west-1",
                            "awslogs-stream-prefix": "astro",
                        },
                    },
                }
            ]
        ),
    )


def task_plain_secrets_violating() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions=json.dumps(
            [
                {
                    "name": "astro",
                    "environment": [{"name": "API_TOKEN", "value": "correct horse battery"}],
                }
            ]
        ),
    )


def task_plain_secrets_complying() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions=json.dumps(
            [
                {
                    "name": "astro",
                    "secrets": [
                        {
                            "name": "API_TOKEN",
                            "valueFrom": (
                                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-token"
                            ),
                        }
                    ],
                }
            ]
        ),
    )


def task_image_digest_violating() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions=json.dumps(
            [{"name": "astro", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/live:latest"}]
        ),
    )


def task_image_digest_complying() -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions=json.dumps(
            [
                {
                    "name": "astro",
                    "image": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/live@{digest}",
                }
            ]
        ),
    )


def service_no_shell_violating() -> None:
    aws.ecs.Service("live", task_definition="live:1", enable_execute_command=True)


def service_no_shell_complying() -> None:
    aws.ecs.Service("live", task_definition="live:1", enable_execute_command=False)


def no_plain_secrets_violating() -> None:
    aws.lambda_.Function(
        "thumbnails",
        role="arn:aws:iam::123456789012:role/thumbnails",
        environment={"variables": {"DB_PASS": "correct horse battery staple"}},
    )


def no_plain_secrets_complying() -> None:
    aws.lambda_.Function(
        "thumbnails",
        role="arn:aws:iam::123456789012:role/thumbnails",
        environment={
            "variables": {
                "DB_PASS_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db"
            }
        },
    )
