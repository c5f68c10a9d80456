"""Examples for the rules of other ways in, and of what listeners do with a request."""

import pulumi_aws as aws


def listener_redirect_target_violating() -> None:
    aws.lb.ListenerRule(
        "moved",
        listener_arn="arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/edge/1/2",
        conditions=[{"path_pattern": {"values": ["/old/*"]}}],
        actions=[
            {
                "type": "redirect",
                "redirect": {
                    "host": "other.example.net",
                    "protocol": "HTTP",
                    "status_code": "HTTP_302",
                },
            }
        ],
    )


def listener_redirect_target_complying() -> None:
    aws.lb.ListenerRule(
        "moved",
        listener_arn="arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/edge/1/2",
        conditions=[{"path_pattern": {"values": ["/old/*"]}}],
        actions=[
            {
                "type": "redirect",
                "redirect": {
                    "path": "/new/",
                    "protocol": "HTTPS",
                    "port": "443",
                    "status_code": "HTTP_302",
                },
            }
        ],
    )


def forward_stickiness_violating() -> None:
    aws.lb.ListenerRule(
        "sessions",
        listener_arn="arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/edge/1/2",
        conditions=[{"path_pattern": {"values": ["/session/*"]}}],
        actions=[
            {
                "type": "forward",
                "forward": {
                    "target_groups": [
                        {"arn": "arn:aws:…:targetgroup/blue/1"},
                        {"arn": "arn:aws:…:targetgroup/green/1"},
                    ]
                },
            }
        ],
    )


def forward_stickiness_complying() -> None:
    aws.lb.ListenerRule(
        "sessions",
        listener_arn="arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/edge/1/2",
        conditions=[{"path_pattern": {"values": ["/session/*"]}}],
        actions=[
            {
                "type": "forward",
                "forward": {
                    "target_groups": [
                        {"arn": "arn:aws:…:targetgroup/blue/1"},
                        {"arn": "arn:aws:…:targetgroup/green/1"},
                    ],
                    "stickiness": {"enabled": True, "duration": 3600},
                },
            }
        ],
    )


def no_public_entrance_violating() -> None:
    aws.lambda_.FunctionUrl("hook", function_name="hook", authorization_type="NONE")
    aws.apprunner.Service(
        "preview",
        service_name="preview",
        source_configuration={
            "image_repository": {
                "image_identifier": "public.ecr.aws/x/y:1",
                "image_repository_type": "ECR_PUBLIC",
            }
        },
    )


def no_public_entrance_complying() -> None:
    aws.lambda_.FunctionUrl("hook", function_name="hook", authorization_type="AWS_IAM")
    aws.apprunner.Service(
        "preview",
        service_name="preview",
        source_configuration={
            "image_repository": {
                "image_identifier": "public.ecr.aws/x/y:1",
                "image_repository_type": "ECR_PUBLIC",
            }
        },
        network_configuration={"ingress_configuration": {"is_publicly_accessible": False}},
    )


def no_opaque_resource_violating() -> None:
    aws.cloudformation.Stack(
        "extra", template_body='{"Resources": {"Door": {"Type": "AWS::EC2::SecurityGroup"}}}'
    )


def no_opaque_resource_complying() -> None:
    aws.ec2.SecurityGroup("extra", vpc_id="vpc-1")
