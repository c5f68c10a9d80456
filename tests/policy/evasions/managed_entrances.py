"""Evasions of "no other way leads in" by services that AWS manages."""

from __future__ import annotations

from typing import Any, Final

from .core import Evasion, alone

ENTRANCE: Final = "no-public-entrance no-public-address"


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
