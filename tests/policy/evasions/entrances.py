"""Evasions of "no other way leads in": balancers, accelerators, managed services and what stands
around the front door's listener.
"""

from __future__ import annotations

import json
from typing import Any, Final

from policy.harness import UNKNOWN
from tests.policy.complying import LB, LISTENER, TARGETS

from .core import Evasion, alone, one, scene

ELB: Final = "aws:elb/loadBalancer:LoadBalancer"
RULE: Final = "aws:lb/listenerRule:ListenerRule"
ACCELERATOR: Final = "aws:globalaccelerator/listener:Listener"
GROUPS: Final = "aws:globalaccelerator/endpointGroup:EndpointGroup"
WAYS: Final = "no-public-listener listeners-stack"
ENTRANCE: Final = "no-public-entrance no-public-address"
EDGE: Final = one(LB, "edge")
NOT_FOUND: Final = [
    {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
]


def listener(
    name: str,
    number: object = 4321,
    *,
    on: object = "arn:edge",
    family: str = "listeners",
    edge: bool = True,
    **properties: Any,
) -> Evasion:
    given = {"port": number, "loadBalancerArn": on, **properties}
    return scene(family, WAYS, name, *([EDGE] if edge else []), one(LISTENER, "l", **given))


ELSEWHERE: Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/other/0123456789abcdef"
)
LISTENERS: Final = [
    listener("on the dev server's port"),
    listener("on another port", 8443),
    listener("default action answers 404", defaultActions=NOT_FOUND),
    listener("internal is not set", on="arn:bare"),
    listener("of a balancer outside the stack", on=ELSEWHERE, edge=False),
    listener(
        "of a balancer outside the stack, other port",
        8080,
        on=ELSEWHERE,
        edge=False,
        defaultActions=NOT_FOUND,
    ),
    scene(
        "listeners",
        WAYS,
        "port unknown",
        EDGE,
        one(LISTENER, "l", port=UNKNOWN, loadBalancerArn="arn:edge"),
        one(LISTENER, "m", port=81, loadBalancerArn="arn:edge"),
    ),
]
LISTENERS[3] = scene(
    "listeners",
    WAYS,
    "internal is not set",
    one(LB, "bare", internal=None),
    one(LISTENER, "l", port=4321, loadBalancerArn="arn:bare"),
)

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


def managed(name: str, type_: str, /, **properties: Any) -> Evasion:
    return alone("managed services", ENTRANCE, name, type_, **properties)


API: Final = "aws:apigatewayv2/api:Api"
PERMISSION: Final = "aws:lambda/permission:Permission"
MANAGED: Final = [
    managed(
        "function URL",
        "aws:lambda/functionUrl:FunctionUrl",
        authorizationType="NONE",
        functionName="f",
    ),
    managed(
        "function URL, type not set",
        "aws:lambda/functionUrl:FunctionUrl",
        functionName="f",
        authorizationType=None,
    ),
    managed(
        "permission for everyone",
        PERMISSION,
        action="lambda:InvokeFunction",
        function="f",
        principal="*",
    ),
    managed(
        "permission to call the URL",
        PERMISSION,
        action="lambda:InvokeFunctionUrl",
        function="f",
        principal="*",
        functionUrlAuthType="NONE",
    ),
    managed(
        "permission of any API",
        PERMISSION,
        action="lambda:InvokeFunction",
        function="f",
        principal="apigateway.amazonaws.com",
    ),
    managed(
        "permission of any balancer",
        PERMISSION,
        action="lambda:InvokeFunction",
        function="f",
        principal="elasticloadbalancing.amazonaws.com",
    ),
    *(
        managed(
            f"permission of any {name}",
            PERMISSION,
            action="lambda:InvokeFunction",
            function="f",
            principal=principal,
            **more,
        )
        for name, principal, more in (
            ("rule of Config", "config.amazonaws.com", {}),
            ("user pool", "cognito-idp.amazonaws.com", {}),
            ("bot", "lexv2.amazonaws.com", {}),
            ("skill", "alexa-appkit.amazon.com", {}),
            ("API, by ARN", "apigateway.amazonaws.com", {"sourceArn": "arn:aws:execute-api:*:*:*"}),
            ("ARN", "*", {"sourceArn": "*"}),
            ("bucket, by ARN", "s3.amazonaws.com", {"sourceArn": "arn:aws:s3:::uploads"}),
            (
                "account's topic",
                "sns.amazonaws.com",
                {"sourceArn": "arn:aws:sns:eu-west-1:*:edits"},
            ),
        )
    ),
    managed(
        "Lightsail deployment",
        "aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion",
        publicEndpoint={},
    ),
    managed("Amplify branch", "aws:amplify/branch:Branch", appId="a", branchName="main"),
    managed(
        "Amplify domain",
        "aws:amplify/domainAssociation:DomainAssociation",
        appId="a",
        domainName="example.com",
    ),
    managed(
        "App Runner's own domain",
        "aws:apprunner/customDomainAssociation:CustomDomainAssociation",
        domainName="example.com",
    ),
    managed(
        "way from HTTP APIs into a VPC",
        "aws:apigatewayv2/vpcLink:VpcLink",
        subnetIds=["s"],
        securityGroupIds=["sg-1"],
    ),
    managed(
        "addresses behind an accelerator",
        "aws:globalaccelerator/customRoutingEndpointGroup:CustomRoutingEndpointGroup",
        listenerArn="arn:a",
        endpointConfigurations=[{"endpointId": "subnet-1"}],
    ),
    managed(
        "VPC without its block",
        "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion",
        vpcId="vpc-1",
        internetGatewayExclusionMode="allow-bidirectional",
    ),
    managed(
        "account without a block",
        "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
        internetGatewayBlockMode="off",
    ),
    managed("REST API", "aws:apigateway/restApi:RestApi", name="api"),
    managed(
        "REST API, regional",
        "aws:apigateway/restApi:RestApi",
        endpointConfiguration={"types": "REGIONAL"},
    ),
    managed("HTTP API", API, protocolType="HTTP"),
    managed(
        "WebSocket API",
        API,
        protocolType="WEBSOCKET",
        routeSelectionExpression="$request.body.action",
    ),
    managed(
        "API's own domain", "aws:apigatewayv2/domainName:DomainName", domainName="api.example.com"
    ),
    managed(
        "REST API's own domain",
        "aws:apigateway/domainName:DomainName",
        domainName="api.example.com",
    ),
    managed("App Runner", "aws:apprunner/service:Service", serviceName="s", sourceConfiguration={}),
    managed(
        "App Runner, switch on",
        "aws:apprunner/service:Service",
        networkConfiguration={"ingressConfiguration": {"isPubliclyAccessible": True}},
    ),
    managed("Lightsail instance", "aws:lightsail/instance:Instance", name="i"),
    managed(
        "Lightsail ports",
        "aws:lightsail/instancePublicPorts:InstancePublicPorts",
        portInfos=[{"protocol": "tcp", "fromPort": 4321, "toPort": 4321}],
    ),
    managed(
        "Lightsail containers",
        "aws:lightsail/containerService:ContainerService",
        power="nano",
        scale=1,
    ),
    managed("Lightsail balancer", "aws:lightsail/lb:Lb", instancePort=4321),
    managed(
        "Lightsail distribution", "aws:lightsail/distribution:Distribution", origin={"name": "i"}
    ),
    managed(
        "VPC origin",
        "aws:cloudfront/vpcOrigin:VpcOrigin",
        vpcOriginEndpointConfig={"arn": "arn:alb", "httpPort": 4321, "httpsPort": 443},
    ),
    managed(
        "distribution with a VPC origin",
        "aws:cloudfront/distribution:Distribution",
        enabled=True,
        origins=[{"domainName": "d", "vpcOriginConfig": {"vpcOriginId": "vo_1"}}],
    ),
    managed(
        "endpoint service",
        "aws:ec2/vpcEndpointService:VpcEndpointService",
        acceptanceRequired=False,
        networkLoadBalancerArns=["arn:n"],
    ),
    managed(
        "endpoint service for everyone",
        "aws:ec2/vpcEndpointService:VpcEndpointService",
        acceptanceRequired=True,
        allowedPrincipals=["*"],
    ),
    managed(
        "endpoint service's principal",
        "aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple",
        principalArn="*",
        vpcEndpointServiceId="vpce-svc-1",
    ),
    managed("Lattice service", "aws:vpclattice/service:Service", name="s"),
    managed("Lattice network", "aws:vpclattice/serviceNetwork:ServiceNetwork", authType="NONE"),
    managed("SFTP server", "aws:transfer/server:Server", domain="EFS"),
    managed(
        "SFTP server with addresses",
        "aws:transfer/server:Server",
        endpointType="VPC",
        endpointDetails={"vpcId": "vpc-1", "addressAllocationIds": ["eipalloc-1"]},
    ),
    managed("Kubernetes API", "aws:eks/cluster:Cluster", vpcConfig={"subnetIds": ["subnet-1"]}),
    managed("Airflow", "aws:mwaa/environment:Environment", webserverAccessMode="PUBLIC_ONLY"),
    managed(
        "Kafka",
        "aws:msk/cluster:Cluster",
        brokerNodeGroupInfo={
            "connectivityInfo": {"publicAccess": {"type": "SERVICE_PROVIDED_EIPS"}}
        },
    ),
    managed("search domain", "aws:opensearch/domain:Domain", domainName="d"),
    managed(
        "game servers",
        "aws:gamelift/fleet:Fleet",
        ec2InboundPermissions=[
            {"fromPort": 4321, "toPort": 4321, "ipRange": "0.0.0.0/0", "protocol": "TCP"}
        ],
    ),
    managed("Amplify hosting", "aws:amplify/app:App", name="site"),
    managed("VPN", "aws:ec2clientvpn/endpoint:Endpoint", clientCidrBlock="10.0.0.0/16"),
    managed(
        "remote shell of nodes", "aws:eks/nodeGroup:NodeGroup", remoteAccess={"ec2SshKey": "k"}
    ),
    managed(
        "media input",
        "aws:medialive/inputSecurityGroup:InputSecurityGroup",
        whitelistRules=[{"cidr": "0.0.0.0/0"}],
    ),
    managed(
        "GraphQL API by key", "aws:appsync/graphQLApi:GraphQLApi", authenticationType="API_KEY"
    ),
    managed("graph database", "aws:neptunegraph/graph:Graph", publicConnectivity=True),
    managed(
        "serverless search",
        "aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy",
        type="network",
        policy='[{"AllowFromPublic": true}]',
    ),
    managed(
        "verified access",
        "aws:verifiedaccess/endpoint:Endpoint",
        attachmentType="vpc",
        endpointType="load-balancer",
    ),
]

FORWARD: Final = [{"type": "forward", "targetGroupArn": "arn:tg"}]


def rule(name: str, *conditions: Any) -> Evasion:
    given = {"listenerArn": "arn:l", "actions": FORWARD, "conditions": list(conditions)}
    return alone("rules around the default", "listener-default-deny", name, RULE, **given)


def path(*values: str) -> dict[str, Any]:
    return {"pathPattern": {"values": list(values)}}


def host(*values: str) -> dict[str, Any]:
    return {"hostHeader": {"values": list(values)}}


AROUND: Final = [
    *(
        alone(
            "rules around the default",
            "listener-default-deny",
            f"default {name}",
            LISTENER,
            defaultActions=actions,
        )
        for name, actions in (
            ("forwards", FORWARD),
            (
                "forwards by weight",
                [
                    {
                        "type": "forward",
                        "forward": {
                            "targetGroups": [
                                {"arn": "arn:tg", "weight": 1},
                                {"arn": "arn:tg2", "weight": 0},
                            ]
                        },
                    }
                ],
            ),
            (
                "answers 200",
                [
                    {
                        "type": "fixed-response",
                        "fixedResponse": {"contentType": "text/plain", "statusCode": "200"},
                    }
                ],
            ),
            ("signs in, then forwards", [{"type": "authenticate-oidc", "order": 1}, *FORWARD]),
            ("answers 404 after a forward", [*FORWARD, *NOT_FOUND]),
        )
    ),
    rule("every path", path("*")),
    rule("every path below the root", path("/*")),
    rule("every path, twice", path("/**")),
    rule("every path with a dot or a slash", path("*/*", "*.*")),
    rule("every path of one character or more", path("/?*")),
    rule("a path and every path", path("/session/*", "/*")),
    rule("every host", host("*")),
    rule("every host with a dot", host("*.*")),
    rule("every host of a top-level domain", host("*.com")),
    rule("every method", {"httpRequestMethod": {"values": ["GET", "POST"]}}),
    rule("every address", {"sourceIp": {"values": ["0.0.0.0/0"]}}),
    rule("every address in halves", {"sourceIp": {"values": ["0.0.0.0/1", "128.0.0.0/1"]}}),
    rule("any value of a header", {"httpHeader": {"httpHeaderName": "Accept", "values": ["*"]}}),
    rule("any query", {"queryStrings": [{"value": "*"}]}),
    rule("every host and every path", host("*"), path("/*")),
    rule("every path with a frequent letter", path("/*e*", "/*a*", "/*o*", "/*i*")),
    rule("nearly every path, as an expression", {"pathPattern": {"regexValues": ["^/(x|.*)$"]}}),
    rule("every path, as an expression with a letter", {"pathPattern": {"regexValues": ["x*.*"]}}),
    rule("every path that begins with a letter", {"pathPattern": {"regexValues": ["^/[a-z]"]}}),
    rule("an expression that cannot be read", {"pathPattern": {"regexValues": ["(?<"]}}),
    rule("every name of AWS's balancers", host("*.elb.amazonaws.com")),
    rule("every host of a public suffix", host("*.co.uk")),
    rule("every host of two labels", host("*.*.com")),
    rule("every address as a host", host("203.0.113.*", "*.*.*.*")),
    rule("every host, as an expression", {"hostHeader": {"regexValues": ["^[a-z0-9.-]+$"]}}),
    rule(
        "every browser", {"httpHeader": {"httpHeaderName": "User-Agent", "values": ["*Mozilla*"]}}
    ),
    rule("every upgrade", {"httpHeader": {"httpHeaderName": "Upgrade", "values": ["websocket"]}}),
    rule(
        "every connection",
        {"httpHeader": {"httpHeaderName": "Connection", "values": ["keep-alive", "upgrade"]}},
    ),
    rule(
        "a short value of a header", {"httpHeader": {"httpHeaderName": "X-Live", "values": ["1"]}}
    ),
    rule("a short value of a query", {"queryStrings": [{"key": "live", "value": "1"}]}),
    rule("a quarter of all addresses", {"sourceIp": {"values": ["0.0.0.0/2", "64.0.0.0/3"]}}),
    rule("addresses that cannot be read", {"sourceIp": {"values": ["everyone"]}}),
]

TO_HTTPS: Final[dict[str, Any]] = {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}
PLAIN: Final[dict[str, Any]] = {
    "port": 80,
    "protocol": "HTTP",
    "certificateArn": None,
    "sslPolicy": None,
}
REDIRECT: Final = "listener-redirect-target listener-https-redirect"
REDIRECTS: Final = [
    evasion
    for name, changes in (
        ("to plain HTTP", {"protocol": "HTTP", "port": "80"}),
        ("to another host", {"host": "evil.example.net"}),
        ("to a host made of the path", {"host": "#{path}"}),
        ("to a host that begins with this one", {"host": "#{host}.example.net"}),
        ("to another port", {"port": "4321"}),
    )
    for evasion in (
        alone(
            "redirects",
            REDIRECT,
            f"default of HTTP {name}",
            LISTENER,
            **PLAIN,
            defaultActions=[{"type": "redirect", "redirect": {**TO_HTTPS, **changes}}],
        ),
        alone(
            "redirects",
            REDIRECT,
            f"rule {name}",
            RULE,
            listenerArn="arn:l",
            conditions=[path("/old/*")],
            actions=[{"type": "redirect", "redirect": {**TO_HTTPS, **changes}}],
        ),
    )
] + [
    alone(
        "redirects",
        REDIRECT,
        "default of HTTP to its own protocol",
        LISTENER,
        **PLAIN,
        defaultActions=[{"type": "redirect", "redirect": {**TO_HTTPS, "protocol": "#{protocol}"}}],
    ),
    alone(
        "redirects",
        REDIRECT,
        "protocol not set on HTTP",
        LISTENER,
        **PLAIN,
        defaultActions=[
            {"type": "redirect", "redirect": {"statusCode": "HTTP_301", "port": "443"}}
        ],
    ),
]

TWO: Final = [{"arn": "arn:a", "weight": 50}, {"arn": "arn:b", "weight": 50}]
STICKY: Final = "forward-stickiness target-group-stickiness"
STICKINESS: Final = [
    *(
        alone(
            "stickiness",
            STICKY,
            f"forward to two groups, stickiness {name}",
            RULE,
            listenerArn="arn:l",
            conditions=[path("/session/*")],
            actions=[{"type": "forward", "forward": {"targetGroups": TWO, **stickiness}}],
        )
        for name, stickiness in (
            ("not set", {}),
            ("off", {"stickiness": {"enabled": False, "duration": 3600}}),
            ("of a minute", {"stickiness": {"enabled": True, "duration": 60}}),
        )
    ),
    *(
        alone("stickiness", STICKY, name, TARGETS, **changes)
        for name, changes in (
            ("off", {"stickiness": {"enabled": False, "type": "lb_cookie"}}),
            ("by source address", {"stickiness": {"enabled": True, "type": "source_ip"}}),
            (
                "by a cookie of the application",
                {"stickiness": {"enabled": True, "type": "app_cookie", "cookieName": "c"}},
            ),
            (
                "of a minute",
                {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 60}},
            ),
            (
                "of no time",
                {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 0}},
            ),
            ("not set", {"stickiness": None}),
            ("a list", {"stickiness": []}),
            ("protocol in small letters", {"protocol": "http", "stickiness": None}),
        )
    ),
]

TIMES: Final = [
    alone("idle timeout", "alb-idle-timeout", name, LB, **changes)
    for name, changes in (
        ("AWS's default", {"idleTimeout": None}),
        ("a minute", {"idleTimeout": 60}),
        ("one heartbeat and no more", {"idleTimeout": 119}),
        ("more than AWS takes", {"idleTimeout": 4001}),
        ("no number", {"idleTimeout": "long"}),
        ("part of a second", {"idleTimeout": 3600.5}),
        ("type in capitals", {"idleTimeout": 60, "loadBalancerType": "Application"}),
        ("type not set", {"idleTimeout": 60, "loadBalancerType": None}),
        ("type unknown", {"idleTimeout": 60, "loadBalancerType": UNKNOWN}),
    )
]

TLS: Final = [
    alone("TLS", "listener-tls-policy", name, LISTENER, **changes)
    for name, changes in (
        ("policy not set", {"sslPolicy": None}),
        ("policy of 2016", {"sslPolicy": "ELBSecurityPolicy-2016-08"}),
        ("TLS 1.0 in a policy of TLS 1.3", {"sslPolicy": "ELBSecurityPolicy-TLS13-1-0-2021-06"}),
        ("extended policy", {"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"}),
        ("line end behind the policy", {"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06\n"}),
        ("no certificate", {"certificateArn": ""}),
        ("protocol not set", {"protocol": None, "sslPolicy": None}),
        ("TLS listener", {"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-2016-08"}),
        ("protocol in small letters", {"protocol": "https", "sslPolicy": None}),
    )
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
