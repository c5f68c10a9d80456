"""Every input of an AWS resource whose name says that it can open something: the rule that judges
it, or why it opens nothing.

A line is a pattern of `service/type path` and the verdict. The first that fits counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REVIEWED: Final[tuple[tuple[str, str], ...]] = (
    # judged
    (
        (
            r"\S+ (.*\.)?(publiclyAccessible|assignPublicIp|associatePublicIp\w+|createPublicIp|publicConnectivity)"
        ),
        "no-public-address",
    ),
    (r"ec2/\S+ (.*\.)?ipv6Address(Count|es|Lists)", "no-public-address"),
    (r"ec2/(securityGroup|defaultSecurityGroup) ingress.*", "no-public-port"),
    (
        (
            r"(ec2/securityGroupRule|vpc/securityGroupIngressRule)"
            r" (cidr\w+|ipv6CidrBlocks|referencedSecurityGroupId)"
        ),
        "no-public-port",
    ),
    (r"ec2/managedPrefixList(Entry)? (entries\.)?cidr", "no-public-port"),
    (r"ec2/(networkAcl|defaultNetworkAcl) ingress.*|ec2/networkAclRule .*", "network-acl"),
    (
        r"ec2/(subnet|defaultSubnet) (mapPublicIpOnLaunch|assignIpv6AddressOnCreation)",
        "private-subnets",
    ),
    (r"ec2/(route|routeTable|defaultRouteTable) .*", "private-subnets, by the gateway"),
    (r"(lb|alb|elb)/loadBalancer internal", "no-public-listener, listeners-stack"),
    (
        (
            r"(apigateway|apigatewayv2|apprunner|gamelift|lightsail|mwaa|msk|transfer|verifiedaccess|vpclattice|ec2clientvpn)/\S+ .*"
        ),
        "no-public-entrance",
    ),
    (
        (
            r"(appsync/graphQLApi|eks/(cluster|nodeGroup)|lambda/(functionUrl|permission)|medialive/inputSecurityGroup) .*"
        ),
        "no-public-entrance",
    ),
    (
        r"(opensearch|elasticsearch)/domain .*",
        "no-public-entrance: only a domain in a VPC is let through",
    ),
    (r"ec2/vpcEndpoint vpcEndpointType", "no-default-security-group"),
    (
        (
            r"(cloudformation|cfg|servicecatalog|lambdamicrovms|fms|elasticbeanstalk|datapipeline|sagemaker/project)/?\S* .*"
        ),
        "no-opaque-resource",
    ),
    (
        r"s3/(bucketPublicAccessBlock|accessPoint|multiRegionAccessPoint|\S+) .*[pP]ublic.*",
        "no-public-bucket",
    ),
    (r"s3control/\S+ .*[pP]ublic.*", "no-public-bucket"),
    (r"secretsmanager/secretPolicy blockPublicPolicy", "no-public-policy, by the policy itself"),
    # security groups: judged where they are declared
    (
        r"\S+ (.*\.)?\w*[sS]ecurityGroups?(s?Ids?|Names|Arns|IdLists|Memberships)?",
        "names a group, whose rules are judged",
    ),
    (
        r"drs/\S+ (associateDefaultSecurityGroup|replicationServersSecurityGroupsIds)",
        "recovery drills, outside a live-editing stack",
    ),
    (
        r"lambda/function replace(SecurityGroupsOnDestroy|mentSecurityGroupIds)",
        "how groups are handled",
    ),
    (r"\S+ (.*\.)?(\w*SecurityGroup\w+|appSecurityGroupManagement)", "how groups are handled"),
    (r"ec2/vpcSecurityGroupRulesExclusive ingressRuleIds", "names rules, which are judged"),
    # what goes out, and what the network is made of
    (
        (
            r"(ec2/(securityGroup|defaultSecurityGroup|networkAcl|defaultNetworkAcl)"
            r" egress.*|vpc/securityGroupEgressRule .*)"
        ),
        "egress",
    ),
    (r"\S+ (.*\.)?(enable(Default)?InternetAccess|directInternetAccess)", "egress"),
    (r"ec2/\S+ (.*\.)?\w*[cC]idr\w*", "addresses of networks, tunnels and routes"),
    (
        (
            r"(ec2transitgateway|networkmanager|odb|directoryservice|finspace|globalaccelerator|route53|securityhub)/\S+ .*"
        ),
        "networks and filters",
    ),
    (
        (
            r"ec2/\S+"
            r" .*([iI]nternetGateway\w*|publicIp\w*|publiclyAdvertisable|ipv6Address\w+|\w+InboundResolverEndpoint)"
        ),
        "addresses and gateways",
    ),
    (
        r"(efs/mountTarget|s3/filesMountTarget|(lb|alb)/loadBalancer) .*ipv6Address",
        "the address of a balancer or a mount target",
    ),
    (r"ec2/\S+ .*userData.*", "code of an instance, which its role and groups bound"),
    # other words
    (
        (
            r"\S+ (.*\.)?(\w*[vV]isibility\w*|\w*[pP]ublicKeys?\w*|\w*authScheme|\w*AuthScheme|\w*AuthType|authType)"
        ),
        "another meaning, or who signs in",
    ),
    (
        r"\S+ (.*\.)?(\w*[aA]uthenticationType|authenticationScheme|authorizationType)",
        "who signs in to what AWS calls",
    ),
    (
        r"\S+ (.*\.)?(\w*[eE]ndpointType|\w*AccessMode|inboundToken\w+|scheme|analysisScheme)",
        "another meaning",
    ),
    (
        r"\S+ (.*\.)?template(Arn|Body|Configuration|S3Uri)|sagemaker/\S+ .*",
        "a template of a text, a certificate or a thing",
    ),
    (
        (
            r"(chime|codepipeline|cognito|connect|mailmanager|quicksight|ses|workspaces|workspacesweb)/\S+ .*"
        ),
        "a service outside every VPC",
    ),
    (
        (
            r"(cloudwatch|ecs|imagebuilder|kinesis|lambda|medialive|redshift|emr|rds|ssoadmin|storagegateway|wafv2)/\S+ .*"
        ),
        "another meaning",
    ),
)

NEED_NONE: Final[Mapping[str, str]] = {
    r"ec2/launchTemplate .*": "judged with what uses it",
    r"eks/\S+ .*": "AWS makes a group for the cluster and its nodes",
    r"(emr|cloud9)/\S+ .*": "AWS makes separate groups",
    r"\S+ (.*\.)?(vpcConfigs?|vpcConfiguration|vpc|workforceVpcConfig|vpcEgressConfiguration)\.\w+": (
        "required, or a mere client"
    ),
    r"\S+ (.*\.)?(managedVpcResource|networkModeConfigs?|networkConfigurations?|source\.eks|ec2Config)\.\w+": (
        "a mere client"
    ),
    r"(apigatewayv2/vpcLink|apprunner/vpcConnector|msk/(cluster|vpcConnection)|mwaa/\S+|quicksight/\S+) .*": (
        "required"
    ),
    r"timestreaminfluxdb/\S+ .*": "required",
    r"(route53/resolverEndpoint|s3outposts/endpoint|workspacesweb/\S+|m2/\S+|glue/\S+|rds/optionGroup) .*": (
        "required, or an option"
    ),
    r"(datasync|dms/instanceProfile|drs|imagebuilder|opensearchingest|sagemaker|workspaces|codebuild)\S* .*": (
        "a mere client"
    ),
    r"(ec2clientvpn/endpoint|verifiedaccess/endpoint|transfer/webApp) .*": (
        "judged by no-public-entrance"
    ),
    r"(vpclattice)/\S+ .*": "without groups it takes what the network's policy says",
    r"ec2/(networkInterfaceSecurityGroupAttachment|securityGroupAssociation) .*": "names one",
    r"\S+ (.*\.)?(securityGroupNames|replacementSecurityGroupIds)": "beside the list of ids",
}
"""Types that name security groups and do not fall back to a default one: patterns of `service/type
path`, and why.
"""
