"""What looks like an evasion and is right: the false alarms that the rules must not raise."""

from __future__ import annotations

import json
from typing import Any, Final

from policy.harness import Resource
from tests.policy.complying import (
    BUCKET_BLOCK,
    COMPLYING,
    CONTAINER,
    DEFAULT_GROUP,
    GROUP,
    LB,
    LISTENER,
    LOG_GROUP,
    ROLE_POLICY,
    SERVICE,
    TARGETS,
    TASK,
    policy,
)

from .core import one
from .entrances import ACCELERATOR, ELB
from .listeners import FORWARD, NOT_FOUND, PLAIN, RULE, TO_HTTPS, host, path
from .managed_entrances import PERMISSION
from .places import ACL, ALLOW, BOX, HOME, IGW, INSTANCE, LINK, NETWORK, TABLE, TASKS, route
from .ports import EDGE, GROUP_T, INGRESS, NEW_RULE, OLD, TCP, prefix_list
from .services import FINE_SERVICES

TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
JOB: Final = "aws:batch/jobDefinition:JobDefinition"
OLD_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"


def ingress(**properties: Any) -> Resource:
    return one(INGRESS, "a", **{**NEW_RULE, "securityGroupId": "t-id"}, **properties)


def rule(*conditions: dict[str, Any], actions: Any = FORWARD) -> Resource:
    return one(RULE, "r", listenerArn="arn:l", conditions=list(conditions), actions=actions)


def may(resource: str, *actions: str) -> Resource:
    return one(
        ROLE_POLICY,
        "p",
        role="r",
        policy=policy({"Effect": "Allow", "Action": list(actions), "Resource": resource}),
    )


def acl(**properties: Any) -> Resource:
    return one(ACL, "acl", vpcId="vpc-1", ingress=[{**ALLOW, **properties}])


MAINTENANCE: Final = [
    {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "503"}}
]

FINE: Final[dict[str, list[Resource]]] = {
    "a page for maintenance on every path": [
        one(
            RULE,
            "r",
            listenerArn="arn:l",
            conditions=[{"pathPattern": {"values": ["/*"]}}],
            actions=MAINTENANCE,
        )
    ],
    "the load balancer's own ports": [*EDGE],
    "private addresses": [GROUP_T, ingress(cidrIpv4="10.0.0.0/8")],
    "shared addresses": [GROUP_T, ingress(cidrIpv4="100.64.0.0/10")],
    "unique local addresses": [GROUP_T, ingress(cidrIpv6="fc00::/7")],
    "another group": [GROUP_T, ingress(referencedSecurityGroupId="sg-1")],
    "ping": [
        one(
            GROUP,
            "t",
            ingress=[{"protocol": "icmp", "fromPort": 8, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}],
        )
    ],
    "old rule for egress": [
        one(OLD_RULE, "out", **{**OLD, "type": "egress", **TCP, "cidrBlocks": ["10.0.0.0/8"]})
    ],
    "prefix list of private networks": [
        GROUP_T,
        prefix_list("10.0.0.0/8"),
        ingress(prefixListId="p-id"),
    ],
    "prefix list for the front door": [
        EDGE[0],
        EDGE[2],
        prefix_list("8.8.8.0/24"),
        one(
            INGRESS,
            "f",
            **{**NEW_RULE, "securityGroupId": "edge-id", "fromPort": 443, "toPort": 443},
            prefixListId="p-id",
        ),
    ],
    "internal balancer on the dev server's port": [
        one(LB, "inside", internal=True),
        one(LISTENER, "l", port=4321, loadBalancerArn="arn:inside"),
    ],
    "internal network balancer": [
        one(LB, "inside", loadBalancerType="network", internal=True, securityGroups=None),
        one(
            LISTENER,
            "l",
            port=4321,
            protocol="TCP",
            loadBalancerArn="arn:inside",
            sslPolicy=None,
            certificateArn=None,
        ),
    ],
    "internal network balancer with groups and TLS": [
        one(LB, "nlb", loadBalancerType="network", internal=True),
        one(LISTENER, "l", protocol="TLS", loadBalancerArn="arn:nlb", defaultActions=FORWARD),
    ],
    "internal classic balancer": [
        one(
            ELB,
            "old",
            internal=True,
            securityGroups=["sg-1"],
            idleTimeout=3600,
            listeners=[{"lbPort": 4321}],
        ),
    ],
    "accelerator of the front door": [
        one(ACCELERATOR, "a", protocol="TCP", portRanges=[{"fromPort": 443, "toPort": 443}])
    ],
    "accelerator's endpoint": [
        one(
            "aws:globalaccelerator/endpointGroup:EndpointGroup",
            "g",
            endpointConfigurations=[{"endpointId": "arn:alb"}],
        ),
    ],
    "network balancer of another stack behind the accelerator's listener": [
        one(ACCELERATOR, "a", protocol="TCP", portRanges=[{"fromPort": 443, "toPort": 443}]),
        one(
            "aws:globalaccelerator/endpointGroup:EndpointGroup",
            "g",
            listenerArn="arn:a",
            endpointConfigurations=[
                {
                    "endpointId": (
                        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/x/1"
                    )
                }
            ],
            refs={"listenerArn": [f"{ACCELERATOR}::a"]},
        ),
    ],
    "accelerator of an internal balancer that sees its callers": [
        one(LB, "inside", internal=True),
        one(
            "aws:globalaccelerator/endpointGroup:EndpointGroup",
            "g",
            endpointConfigurations=[
                {"endpointId": "arn:inside", "clientIpPreservationEnabled": True}
            ],
        ),
    ],
    "function URL with IAM": [
        one("aws:lambda/functionUrl:FunctionUrl", "u", authorizationType="AWS_IAM")
    ],
    "permission of one API": [
        one(PERMISSION, "p", principal="apigateway.amazonaws.com", sourceArn="arn:api")
    ],
    "permission of one topic": [
        one(
            PERMISSION,
            "p",
            principal="sns.amazonaws.com",
            sourceArn="arn:aws:sns:eu-west-1:123456789012:edits",
        )
    ],
    "permission of one bucket": [
        one(
            PERMISSION,
            "p",
            principal="s3.amazonaws.com",
            sourceArn="arn:aws:s3:::uploads",
            sourceAccount="123456789012",
        ),
    ],
    "permission of one skill": [
        one(
            PERMISSION,
            "p",
            principal="alexa-appkit.amazon.com",
            eventSourceToken="amzn1.ask.skill.1",
        )
    ],
    "permission of one role": [
        one(PERMISSION, "p", principal="arn:aws:iam::123456789012:role/caller")
    ],
    "VPC from which traffic may leave": [
        one(
            "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion",
            "x",
            vpcId="vpc-1",
            internetGatewayExclusionMode="allow-egress",
        ),
    ],
    "permission of one account": [one(PERMISSION, "p", principal="123456789012")],
    "private REST API": [
        one("aws:apigateway/restApi:RestApi", "a", endpointConfiguration={"types": "PRIVATE"})
    ],
    "private App Runner": [
        one(
            "aws:apprunner/service:Service",
            "s",
            networkConfiguration={"ingressConfiguration": {"isPubliclyAccessible": False}},
        ),
    ],
    "distribution of a bucket": [
        one(
            "aws:cloudfront/distribution:Distribution",
            "d",
            enabled=True,
            origins=[{"domainName": "b", "originAccessControlId": "o"}],
        ),
    ],
    "SFTP server inside": [
        one(
            "aws:transfer/server:Server",
            "s",
            endpointType="VPC",
            endpointDetails={"vpcId": "vpc-1"},
        )
    ],
    "private Kubernetes API": [
        one(
            "aws:eks/cluster:Cluster",
            "c",
            vpcConfig={"endpointPublicAccess": False, "subnetIds": ["s"]},
        )
    ],
    "Kubernetes API for private networks": [
        one("aws:eks/cluster:Cluster", "c", vpcConfig={"publicAccessCidrs": ["10.0.0.0/8"]})
    ],
    "rule of a path": [rule(path("/session/*"))],
    "rule of several paths": [rule(path("/session/*", "/_hmr/*", "/api/*", "/health"))],
    "rule of a path, as an expression": [
        rule({"pathPattern": {"regexValues": ["^/session/[a-z0-9-]+/.*$"]}})
    ],
    "rule of a host below a public suffix": [rule(host("*.edit.example.co.uk"))],
    "rule of one host": [rule(host("edit.example.com"))],
    "rule of every session's host": [rule(host("*.edit.example.com"))],
    "rule of a host and every path": [rule(host("*.edit.example.com"), path("/*"))],
    "rule of a secret header": [
        rule({"httpHeader": {"httpHeaderName": "X-Origin", "values": ["0123456789"]}})
    ],
    "rule of an office": [rule(path("/*"), {"sourceIp": {"values": ["10.0.0.0/8"]}})],
    "rule that denies everything": [rule(path("/*"), actions=NOT_FOUND)],
    "rule that redirects everything": [
        rule(path("/*"), actions=[{"type": "redirect", "redirect": TO_HTTPS}])
    ],
    "redirect that keeps host, path and query": [
        one(
            LISTENER,
            "l",
            **PLAIN,
            defaultActions=[
                {
                    "type": "redirect",
                    "redirect": {
                        **TO_HTTPS,
                        "host": "#{host}",
                        "path": "/#{path}",
                        "query": "#{query}",
                    },
                },
            ],
        ),
    ],
    "forward to one group": [
        rule(
            path("/session/*"),
            actions=[{"type": "forward", "forward": {"targetGroups": [{"arn": "arn:a"}]}}],
        )
    ],
    "sticky forward to two groups": [
        rule(
            path("/session/*"),
            actions=[
                {
                    "type": "forward",
                    "forward": {
                        "targetGroups": [{"arn": "arn:a"}, {"arn": "arn:b"}],
                        "stickiness": {"enabled": True, "duration": 3600},
                    },
                }
            ],
        ),
    ],
    "target group for TCP, sticky by address": [
        one(
            TARGETS,
            "t",
            protocol="TCP",
            stickiness={"enabled": True, "type": "source_ip"},
            healthCheck=None,
        ),
    ],
    "target group of a cache": [
        one(TARGETS, "t", protocol="TCP", port=6379, stickiness=None, healthCheck=None)
    ],
    "target group for UDP": [one(TARGETS, "t", protocol="UDP", stickiness=None, healthCheck=None)],
    "load balancer behind a network load balancer": [
        one(
            TARGETS,
            "t",
            targetType="alb",
            protocol="TCP",
            port=443,
            stickiness=None,
            healthCheck={"protocol": "HTTPS", "path": "/up"},
        ),
    ],
    "NAT route": [HOME, TABLE, LINK, route(natGatewayId="nat-1"), TASKS],
    "way out for IPv6": [HOME, TABLE, LINK, route(egressOnlyGatewayId="eigw-1"), BOX],
    "gateway endpoint": [HOME, TABLE, LINK, route(gatewayId="vpce-1"), TASKS],
    "internet gateway for another subnet": [
        IGW,
        HOME,
        one("aws:ec2/subnet:Subnet", "public", vpcId="vpc-id", mapPublicIpOnLaunch=True),
        TABLE,
        one(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            "a",
            routeTableId="rt-id",
            subnetId="public-id",
        ),
        route(gatewayId="igw-id"),
        TASKS,
    ],
    "empty default group": [NETWORK, one(DEFAULT_GROUP, "d", vpcId="vpc-id")],
    "instance whose template names groups": [
        one(INSTANCE, "i", launchTemplate={"id": "lt-1"}, subnetId="s")
    ],
    "instance with its own interface": [
        one(INSTANCE, "i", networkInterfaces=[{"networkInterfaceId": "eni-1", "deviceIndex": 0}]),
    ],
    "function outside a VPC": [one("aws:lambda/function:Function", "f", runtime="python3.12")],
    "gateway endpoint without groups": [
        one("aws:ec2/vpcEndpoint:VpcEndpoint", "e", vpcEndpointType="Gateway")
    ],
    "service of a bridge network": [one(SERVICE, "s", networkConfiguration=None, launchType="EC2")],
    "ACL for the front door": [acl(protocol="tcp", fromPort=443, toPort=443)],
    "ACL for answers": [acl(protocol="tcp", fromPort=1024, toPort=65535)],
    "ACL for answers, AWS's own range": [acl(protocol="tcp", fromPort=49152, toPort=65535)],
    "function with empty lists for a VPC": [
        one(
            "aws:lambda/function:Function",
            "f",
            role="arn:aws:iam::123456789012:role/f",
            vpcConfig={"subnetIds": [], "securityGroupIds": []},
        ),
    ],
    "tag with the name of a switch": [
        one(
            INSTANCE,
            "i",
            tags={"PubliclyAccessible": "no"},
            vpcSecurityGroupIds=["sg-1"],
            subnetId="s",
        )
    ],
    "ACL that denies": [acl(protocol="-1", fromPort=0, toPort=0, action="deny")],
    "ACL for private networks": [acl(protocol="-1", fromPort=0, toPort=0, cidrBlock="10.0.0.0/8")],
    "policy that writes logs": [
        may(
            "arn:aws:logs:*:*:*", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"
        )
    ],
    "policy of a function in a VPC": [
        may(
            "*",
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DeleteNetworkInterface",
        )
    ],
    "policy that describes": [
        may("*", "elasticfilesystem:DescribeFileSystems", "ecs:ListTasks", "ecs:DescribeTasks")
    ],
    "policy that registers task definitions": [may("*", "ecs:RegisterTaskDefinition")],
    "launch template of EKS nodes": [
        one(TEMPLATE, "lt", imageId="ami-1"),
        one(
            "aws:eks/nodeGroup:NodeGroup",
            "n",
            launchTemplate={"id": "lt-id", "version": "1"},
            subnetIds=["subnet-1"],
        ),
    ],
    "Windows task": [
        one(
            TASK,
            "t",
            runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
            containerDefinitions=json.dumps(
                [
                    {
                        key: value
                        for key, value in CONTAINER.items()
                        if key not in ("user", "linuxParameters", "readonlyRootFilesystem")
                    }
                ]
            ),
        ),
    ],
    "log group that AWS keeps for a day": [
        one(LOG_GROUP, "l", logGroupClass="DELIVERY", retentionInDays=None)
    ],
    "bucket of an account with a block": [
        one("aws:s3/bucket:Bucket", "b"),
        one(
            "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
            "a",
            **COMPLYING[BUCKET_BLOCK],
        ),
    ],
    "job in a private network": [
        one(
            JOB,
            "j",
            containerProperties=json.dumps(
                {
                    "image": CONTAINER["image"],
                    "user": "1000",
                    "readonlyRootFilesystem": True,
                    "command": ["build"],
                },
            ),
        ),
    ],
    "group's id in a parameter": [
        *EDGE,
        one("aws:ssm/parameter:Parameter", "p", type="String", value="edge-id"),
    ],
    **FINE_SERVICES,
    "password": [one("random:index/randomPassword:RandomPassword", "p", length=20)],
    "image": [one("docker:index/image:Image", "i", imageName="live")],
}
