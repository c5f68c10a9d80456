"""Evasions of "no other way leads in": balancers, accelerators, and what nobody can see into. Those
around the front door's listener are in `listeners.py`, managed services in `managed_entrances.py`.
"""

from __future__ import annotations

import json
from typing import Any, Final

from policy.harness import UNKNOWN
from tests.policy.complying import LB, LISTENER

from .core import alone, one, scene
from .listeners import AROUND, LISTENERS, REDIRECTS, STICKINESS, TIMES, TLS, WAYS
from .managed_entrances import MANAGED

ELB: Final = "aws:elb/loadBalancer:LoadBalancer"
ACCELERATOR: Final = "aws:globalaccelerator/listener:Listener"
GROUPS: Final = "aws:globalaccelerator/endpointGroup:EndpointGroup"
NETWORK: Final[dict[str, Any]] = {"loadBalancerType": "network", "subnets": ["subnet-1"]}
BALANCERS: Final = [
    alone(
        "balancers",
        WAYS,
        "network balancer without groups",
        LB,
        **{**NETWORK, "securityGroups": []},
    ),
    alone(
        "balancers",
        WAYS,
        "network balancer, groups not set",
        LB,
        **{**NETWORK, "securityGroups": None},
    ),
    *(
        scene(
            "balancers",
            WAYS,
            f"network balancer that listens on {port} with {protocol}",
            one(LB, "nlb", **NETWORK),
            one(
                LISTENER,
                "l",
                port=port,
                protocol=protocol,
                loadBalancerArn="arn:nlb",
                sslPolicy=None,
                certificateArn=None,
            ),
        )
        for port, protocol in (
            (4321, "TCP"),
            (443, "TCP"),
            (443, "UDP"),
            (80, "TCP_UDP"),
            (443, "QUIC"),
            (443, "TLS"),
        )
    ),
    *(
        alone(
            "balancers",
            WAYS,
            f"classic balancer: {name}",
            ELB,
            securityGroups=["sg-1"],
            subnets=["subnet-1"],
            listeners=listeners,
            **more,
        )
        for name, listeners, more in (
            (
                "dev server's port",
                [
                    {
                        "lbPort": 4321,
                        "lbProtocol": "tcp",
                        "instancePort": 4321,
                        "instanceProtocol": "tcp",
                    }
                ],
                {},
            ),
            (
                "plain http",
                [
                    {
                        "lbPort": 80,
                        "lbProtocol": "http",
                        "instancePort": 4321,
                        "instanceProtocol": "http",
                    }
                ],
                {},
            ),
            (
                "tcp on 443",
                [
                    {
                        "lbPort": 443,
                        "lbProtocol": "tcp",
                        "instancePort": 4321,
                        "instanceProtocol": "tcp",
                    }
                ],
                {},
            ),
            (
                "second listener",
                [
                    {"lbPort": 443, "lbProtocol": "https", "sslCertificateId": "arn:c"},
                    {"lbPort": 8080, "lbProtocol": "http"},
                ],
                {},
            ),
            (
                "internal false",
                [{"lbPort": 443, "lbProtocol": "https", "sslCertificateId": "arn:c"}],
                {"internal": False},
            ),
        )
    ),
    *(
        alone(
            "accelerators",
            WAYS,
            name,
            ACCELERATOR,
            protocol=protocol,
            portRanges=[{"fromPort": first, "toPort": last}],
        )
        for name, protocol, first, last in (
            ("every port", "TCP", 1, 65535),
            ("dev server's port", "TCP", 4321, 4321),
            ("udp on 443", "UDP", 443, 443),
            ("443 and more", "TCP", 443, 444),
        )
    ),
    alone(
        "accelerators",
        WAYS,
        "second range",
        ACCELERATOR,
        protocol="TCP",
        portRanges=[{"fromPort": 443, "toPort": 443}, {"fromPort": 22, "toPort": 22}],
    ),
    alone(
        "accelerators",
        WAYS,
        "other port behind",
        GROUPS,
        listenerArn="arn:a",
        portOverrides=[{"listenerPort": 443, "endpointPort": 4321}],
    ),
    *(
        scene(
            "accelerators",
            WAYS,
            f"internal balancer without callers' addresses, {name}",
            one(LB, "inside", internal=True),
            one(
                GROUPS,
                "g",
                listenerArn="arn:a",
                endpointConfigurations=[endpoint],
                refs={"endpointConfigurations": [f"{LB}::inside"]},
            ),
        )
        for name, endpoint in (
            ("not set", {"endpointId": "arn:inside"}),
            ("false", {"endpointId": "arn:inside", "clientIpPreservationEnabled": False}),
            ("at a preview", {"endpointId": UNKNOWN, "clientIpPreservationEnabled": False}),
        )
    ),
    alone(
        "accelerators",
        WAYS,
        "a network balancer and a listener, both outside",
        GROUPS,
        listenerArn="arn:aws:globalaccelerator::123456789012:accelerator/a/listener/l",
        endpointConfigurations=[
            {
                "endpointId": (
                    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/x/1"
                )
            }
        ],
    ),
    alone(
        "accelerators",
        WAYS,
        "straight to an instance",
        GROUPS,
        listenerArn="arn:a",
        endpointConfigurations=[{"endpointId": "i-0123456789abcdef0"}],
    ),
    alone(
        "accelerators",
        WAYS,
        "straight to an address",
        GROUPS,
        listenerArn="arn:a",
        endpointConfigurations=[{"endpointId": "eipalloc-0123456789abcdef0"}],
    ),
    alone(
        "accelerators",
        WAYS,
        "custom routing",
        "aws:globalaccelerator/customRoutingListener:CustomRoutingListener",
        portRanges=[{"fromPort": 443, "toPort": 443}],
    ),
]


OPAQUE: Final = [
    alone("opaque resources", "no-opaque-resource", name, type_, **properties)
    for name, type_, properties in (
        (
            "template",
            "aws:cloudformation/stack:Stack",
            {"templateBody": json.dumps({"Resources": {}})},
        ),
        ("stack set", "aws:cloudformation/stackSet:StackSet", {}),
        ("stack set's instance", "aws:cloudformation/stackSetInstance:StackSetInstance", {}),
        (
            "cloud control",
            "aws:cloudcontrol/resource:Resource",
            {"typeName": "AWS::EC2::SecurityGroup"},
        ),
        (
            "serverless repository",
            "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
            {},
        ),
        ("service catalog", "aws:servicecatalog/provisionedProduct:ProvisionedProduct", {}),
        ("express service", "aws:ecs/expressGatewayService:ExpressGatewayService", {}),
        ("Beanstalk", "aws:elasticbeanstalk/environment:Environment", {}),
        ("aws-native", "aws-native:ec2:SecurityGroup", {}),
        ("awscc", "awscc:ec2/securityGroup:SecurityGroup", {}),
        ("bridged Terraform provider", "aws2:index/securityGroup:SecurityGroup", {}),
        ("Terraform module", "vpc:index:Module", {}),
        ("Kubernetes service", "kubernetes:core/v1:Service", {"spec": {"type": "LoadBalancer"}}),
        ("Helm chart", "kubernetes:helm.sh/v3:Release", {}),
        (
            "command",
            "command:local:Command",
            {"create": "aws ec2 authorize-security-group-ingress"},
        ),
        ("remote command", "command:remote:Command", {}),
        ("dynamic Python", "pulumi-python:dynamic:Resource", {}),
        ("dynamic Node.js", "pulumi-nodejs:dynamic:Resource", {}),
        ("Pulumi service", "pulumiservice:index:DeploymentSettings", {}),
        ("another cloud", "gcp:compute/firewall:Firewall", {}),
        ("a type that AWS's provider does not have", "aws:ec2/backdoor:Backdoor", {}),
        (
            "a function's call",
            "aws:lambda/invocation:Invocation",
            {"functionName": "f", "input": "{}"},
        ),
        ("null resource", "terraform:null/resource:Resource", {}),
    )
]

ENTRANCE_EVASIONS: Final = [
    *LISTENERS,
    *BALANCERS,
    *MANAGED,
    *AROUND,
    *REDIRECTS,
    *STICKINESS,
    *TIMES,
    *TLS,
    *OPAQUE,
]
