"""A small program for the tests of the local engine: one of each thing that it must run."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

config = pulumi.Config()
vpc = awsx.ec2.Vpc(
    "net",
    cidr_block="10.1.0.0/16",
    number_of_availability_zones=2,
    nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=awsx.ec2.NatGatewayStrategy.SINGLE),
)
balancer = aws.lb.LoadBalancer(
    "edit",
    idle_timeout=config.require_int("idleTimeoutSeconds"),
    subnets=vpc.public_subnet_ids,
)
group = aws.lb.TargetGroup(
    "session", port=4321, protocol="HTTP", target_type="ip", vpc_id=vpc.vpc_id
)
listener = aws.lb.Listener(
    "https",
    load_balancer_arn=balancer.arn,
    port=443,
    protocol="HTTPS",
    default_actions=[{"type": "forward", "target_group_arn": group.arn}],
)
secret = aws.secretsmanager.Secret("token")
version = aws.secretsmanager.SecretVersion(
    "token", secret_id=secret.arn, secret_string=pulumi.Output.secret("hush")
)
pulumi.export("dns", balancer.dns_name)
pulumi.export("token", version.secret_string)
pulumi.export("cidr", vpc.vpc.apply(lambda v: v.cidr_block))
pulumi.export("doc", pulumi.Output.json_dumps({"arn": group.arn}))
pulumi.export("json", json.dumps({"a": 1}))
