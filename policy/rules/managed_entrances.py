"""Managed services that lead in from the internet by themselves: each is refused unless its own
properties show that it is closed (S18).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from .core.exposure import Limits
from .core.networks import NetworkError, Sources, parse
from .core.place import Place, be_empty, be_false, be_one_of, be_set, be_true
from .core.rule import Finding, Resource, ResourceRule, Settings
from .core.values import Value, as_list
from .public_ports import NO_PUBLIC_PORT
from .webhooks import WEBHOOK, webhook

_Check: TypeAlias = Callable[[Resource, Limits], Iterable[Finding]]


def _always(what: str) -> _Check:
    """For services that are public by their nature."""
    return lambda resource, _: [
        Finding(
            message=(
                f"{resource.name} is {what}, which is on the internet; allowed is the front door"
                " only"
            )
        )
    ]


def _if(path: str, hold: Callable[[Value], bool], allowed: str, *, default: Value = None) -> _Check:
    """For services that one property closes."""
    return lambda resource, _: resource.at(*path.split(".")).must(hold, allowed, default=default)


def _private_only(types: Value) -> bool:
    return bool(as_list(types)) and all(each == "PRIVATE" for each in as_list(types))


# APIs and functions


def _rest_api(resource: Resource, _: Limits) -> Iterable[Finding]:
    if (
        resource.at("disableExecuteApiEndpoint").value is True
    ):  # its domain names are judged by themselves
        return []
    return resource.at("endpointConfiguration", "types").must(
        _private_only, "'PRIVATE'", default="EDGE"
    )


def _graphql(resource: Resource, _: Limits) -> Iterator[Finding]:
    if resource.at("visibility").value != "PRIVATE":
        allowed = "another than 'API_KEY', or visibility 'PRIVATE'"
        yield from resource.at("authenticationType").must(lambda kind: kind != "API_KEY", allowed)
        for more in resource.at("additionalAuthenticationProviders").each():
            yield from more.at("authenticationType").must(lambda kind: kind != "API_KEY", allowed)


def _permission(resource: Resource, _: Limits) -> Iterator[Finding]:
    yield from resource.at("functionUrlAuthType").must(
        be_one_of("AWS_IAM"), "'AWS_IAM'", default="AWS_IAM"
    )
    yield from resource.at("action").must(
        _named, "one action, as 'lambda:InvokeFunction'", default="lambda:InvokeFunction"
    )
    principal = resource.at("principal")
    if principal.unknown or _is_narrowed(resource):
        return
    if principal.value == "s3.amazonaws.com":
        yield Finding(
            message=(
                f"{principal} is S3 on behalf of every account; allowed is one with sourceAccount"
            )
        )
    elif isinstance(principal.value, str) and "*" in principal.value:
        yield Finding(
            message=(
                f"{principal} is everyone; allowed is a named principal, or one with sourceArn or"
                " sourceAccount"
            )
        )
    elif isinstance(principal.value, str) and _SERVICE.fullmatch(principal.value):
        yield Finding(
            message=(
                f"{principal} is a service on behalf of every account; allowed is one with"
                " sourceArn or sourceAccount"
            )
        )


_SERVICE: Final = re.compile(r"[\w-]+(\.[\w-]+)+")
"""A service, as `sns.amazonaws.com`; an account or an ARN is neither."""


def _is_narrowed(permission: Resource) -> bool:
    """Whether a permission says whose resources call, or will say it. The ARN of a bucket names no
    account, and anyone may take a name that is free.
    https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
    """
    narrowing = [
        permission.at(name) for name in ("sourceAccount", "principalOrgId", "eventSourceToken")
    ]
    if any(each.unknown or be_set(each.value) for each in narrowing):
        return True
    source = permission.at("sourceArn")
    of_bucket = permission.at("principal").value == "s3.amazonaws.com"
    return not of_bucket and (source.unknown or _names_a_source(source.value))


def _names_a_source(arn: Value) -> bool:
    """Whether an ARN names an account, or a resource where its kind has no account, as
    `arn:aws:apigateway:eu-west-1::/apis/1`.
    """
    fields = str(arn or "").split(":", 5)
    if len(fields) < 6:
        return bool(re.sub(r"arn:|[*?:/]", "", str(arn or "")))
    named = fields[4] or fields[5]
    return bool(named) and "*" not in named and "?" not in named


def _layer(resource: Resource, _: Limits) -> Iterator[Finding]:
    if not resource.at("organizationId").unknown and not be_set(
        resource.at("organizationId").value
    ):
        yield from resource.at("principal").must(
            _account, "the id of an account, or '*' with organizationId"
        )


def _account(principal: Value) -> bool:
    return principal is not None and "*" not in str(principal)


# Addresses


def _within(place: Place, limits: Limits) -> Iterator[Finding]:
    """A CIDR block, or a list of them, that holds no public address but trusted ones."""
    for each in place.each():
        try:
            wide = (
                Sources.of([parse(str(each.value))]).public - limits.trusted
                if not each.unknown
                else Sources()
            )
        except NetworkError:
            yield Finding(
                message=f"{each} is not a CIDR block; what cannot be read counts as public"
            )
            continue
        if each.unknown:
            yield each.question()
        elif wide:
            yield Finding(
                message=(
                    f"{each} admits {wide.describe()}; allowed are private networks and"
                    " no-public-port.trustedCidrs"
                )
            )


def _kubernetes(resource: Resource, limits: Limits) -> Iterator[Finding]:
    config = resource.at("vpcConfig")
    named = config.at("publicAccessCidrs")
    if named.unknown or be_empty(named.value):
        yield from config.at("endpointPublicAccess").must(
            be_false, "false, or publicAccessCidrs of trusted networks", default=True
        )
    elif config.at("endpointPublicAccess").value is not False:
        yield from _within(named, limits)


def _nodes(resource: Resource, _: Limits) -> Iterator[Finding]:
    remote = resource.at("remoteAccess")
    if remote.unknown or be_set(remote.at("ec2SshKey").value):
        allowed = (
            "a list of the groups that may open a shell, as AWS opens port 22 to everyone otherwise"
        )
        yield from remote.at("sourceSecurityGroupIds").must(be_set, allowed)


def _media(resource: Resource, limits: Limits) -> Iterator[Finding]:
    for rule in resource.at("whitelistRules").each():
        yield from _within(rule.at("cidr"), limits)


def _fleet(resource: Resource, limits: Limits) -> Iterator[Finding]:
    for permission in resource.at("ec2InboundPermissions").each():
        yield from _within(permission.at("ipRange"), limits)


def _file_transfer(resource: Resource, _: Limits) -> Iterator[Finding]:
    yield from resource.at("endpointType").must(
        be_one_of("VPC", "VPC_ENDPOINT"), "'VPC'", default="PUBLIC"
    )
    addresses = resource.at("endpointDetails", "addressAllocationIds")
    if not resource.at("endpointType").unknown:
        yield from addresses.must(be_empty, "no public address")


# Ways into a VPC


def _distribution(resource: Resource, _: Limits) -> Iterator[Finding]:
    for origin in resource.at("origins").each():
        leads_in = origin.at("vpcOriginConfig")
        if leads_in.unknown or leads_in.value is not None:
            yield Finding(
                message=(
                    f"{leads_in} leads from the internet into a VPC; allowed is the front door only"
                )
            )


def _endpoint_service(resource: Resource, _: Limits) -> Iterator[Finding]:
    yield from resource.at("acceptanceRequired").must(
        be_true, "true, so that somebody looks at who connects"
    )
    for principal in resource.at("allowedPrincipals").each():
        yield from principal.must(_named, "the ARN of an account, user or role")


def _named(principal: Value) -> bool:
    return isinstance(principal, str) and "*" not in principal


def _telephony(resource: Resource, limits: Limits) -> Iterator[Finding]:
    yield from _within(resource.at("cidrAllowLists"), limits)


def _not_into_vpc(kind: Value) -> bool:
    return str(kind).upper() != "VPC_LINK"


_KAFKA: Final = "brokerNodeGroupInfo.connectivityInfo.publicAccess.type"
_IAM: Final = (be_one_of("AWS_IAM"), "'AWS_IAM'")

ENTRANCES: Final[Mapping[str, _Check]] = {
    "aws:amplify/app:App": _always("an Amplify site"),
    "aws:amplify/branch:Branch": _always("a branch of an Amplify site"),
    "aws:amplify/domainAssociation:DomainAssociation": _always("a domain of an Amplify site"),
    "aws:apigateway/basePathMapping:BasePathMapping": _if(
        "domainNameId", be_set, "the id of a private domain name, as others are public"
    ),
    "aws:apigateway/integration:Integration": _if(
        "connectionType", _not_into_vpc, "anything but 'VPC_LINK', which leads into a VPC"
    ),
    "aws:apigateway/vpcLink:VpcLink": _always("a way from APIs into a VPC"),
    "aws:apigatewayv2/apiMapping:ApiMapping": _always("a name of an API"),
    "aws:apigatewayv2/integration:Integration": _if(
        "connectionType", _not_into_vpc, "anything but 'VPC_LINK', which leads into a VPC"
    ),
    "aws:apigateway/domainName:DomainName": _if(
        "endpointConfiguration.types", _private_only, "'PRIVATE'", default="EDGE"
    ),
    "aws:apigateway/restApi:RestApi": _rest_api,
    "aws:apigatewayv2/api:Api": _if(
        "disableExecuteApiEndpoint", be_true, "true, as an API Gateway API is public", default=False
    ),
    "aws:apigatewayv2/domainName:DomainName": _always("a domain name of an API"),
    "aws:apigatewayv2/routingRule:RoutingRule": _always("a path of an API's domain name"),
    "aws:apigatewayv2/vpcLink:VpcLink": _always("a way from HTTP APIs into a VPC"),
    "aws:apprunner/customDomainAssociation:CustomDomainAssociation": _always(
        "a domain of an App Runner service"
    ),
    "aws:apprunner/service:Service": _if(
        "networkConfiguration.ingressConfiguration.isPubliclyAccessible",
        be_false,
        "false",
        default=True,
    ),
    "aws:appsync/graphQLApi:GraphQLApi": _graphql,
    "aws:chime/voiceConnectorTermination:VoiceConnectorTermination": _telephony,
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudfront/multitenantDistribution:MultitenantDistribution": _distribution,
    "aws:cloudfront/vpcOrigin:VpcOrigin": _always("a way from CloudFront into a VPC"),
    WEBHOOK: lambda resource, _: webhook(resource),
    "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion": _if(
        "internetGatewayExclusionMode", be_one_of("allow-egress"), "'allow-egress'"
    ),
    "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions": _if(
        "internetGatewayBlockMode",
        be_one_of("block-ingress", "block-bidirectional"),
        "'block-ingress' or 'block-bidirectional'",
    ),
    "aws:ec2/vpcEndpointService:VpcEndpointService": _endpoint_service,
    "aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple": _if(
        "principalArn", _named, "the ARN of an account, user or role"
    ),
    "aws:ec2clientvpn/endpoint:Endpoint": _always("a VPN endpoint into a VPC"),
    "aws:eks/cluster:Cluster": _kubernetes,
    "aws:eks/nodeGroup:NodeGroup": _nodes,
    "aws:elasticsearch/domain:Domain": _if(
        "vpcOptions.subnetIds",
        be_set,
        "a list of subnets of a VPC, as the domain is public otherwise",
    ),
    "aws:gamelift/fleet:Fleet": _fleet,
    "aws:globalaccelerator/customRoutingEndpointGroup:CustomRoutingEndpointGroup": _always(
        "a list of addresses behind an accelerator"
    ),
    "aws:lambda/functionUrl:FunctionUrl": _if("authorizationType", *_IAM),
    "aws:lambda/layerVersionPermission:LayerVersionPermission": _layer,
    "aws:lambda/permission:Permission": _permission,
    "aws:lightsail/bucket:Bucket": _always("a Lightsail bucket"),
    "aws:lightsail/containerService:ContainerService": _if(
        "isDisabled", be_true, "true, as a container service is public", default=False
    ),
    "aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion": _if(
        "publicEndpoint", be_empty, "none, as it is on the internet"
    ),
    "aws:lightsail/distribution:Distribution": _always("a Lightsail distribution"),
    "aws:lightsail/instance:Instance": _always("a Lightsail instance"),
    "aws:lightsail/instancePublicPorts:InstancePublicPorts": _always("a list of public ports"),
    "aws:lightsail/lb:Lb": _always("a Lightsail load balancer"),
    "aws:lightsail/staticIpAttachment:StaticIpAttachment": _always(
        "a public address of a Lightsail instance"
    ),
    "aws:mailmanager/ingressPoint:IngressPoint": _if(
        "networkConfiguration.privateNetworkConfiguration",
        be_set,
        "the endpoint of a VPC, as it takes mail from everyone otherwise",
    ),
    "aws:medialive/inputSecurityGroup:InputSecurityGroup": _media,
    "aws:msk/cluster:Cluster": _if(_KAFKA, be_one_of("DISABLED"), "'DISABLED'", default="DISABLED"),
    "aws:mwaa/environment:Environment": _if(
        "webserverAccessMode", be_one_of("PRIVATE_ONLY"), "'PRIVATE_ONLY'", default="PRIVATE_ONLY"
    ),
    "aws:opensearch/domain:Domain": _if(
        "vpcOptions.subnetIds",
        be_set,
        "a list of subnets of a VPC, as the domain is public otherwise",
    ),
    "aws:transfer/server:Server": _file_transfer,
    "aws:transfer/webApp:WebApp": _always("a web page over S3"),
    "aws:verifiedaccess/endpoint:Endpoint": _always("a Verified Access endpoint"),
    "aws:vpclattice/service:Service": _if("authType", *_IAM, default="NONE"),
    "aws:vpclattice/serviceNetwork:ServiceNetwork": _if("authType", *_IAM, default="NONE"),
}
"""Type to what closes it."""


def _check(resource: Resource, settings: Settings) -> Iterable[Finding]:
    return ENTRANCES[resource.type](resource, Limits(settings))


PUBLIC_ENTRANCE = ResourceRule(
    id="no-public-entrance",
    title="No managed service opens an endpoint to the internet",
    reason=(
        "A function URL, an API gateway, a container service or a way from CloudFront into the VPC"
        " reaches the internet without a load balancer or a security group: no port has to be"
        " opened for it, and the front door's sign-in is not asked. A webhook that builds"
        " everyone's pull requests runs their code with the build's role."
    ),
    fix=(
        "close it (private endpoint, AWS_IAM, no public access), or exempt it by name with a reason"
        " and a date"
    ),
    link="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_network_protection_create_layers.html",
    severity="high",
    level="mandatory",
    shares=NO_PUBLIC_PORT,
    types=frozenset(ENTRANCES),
    check=_check,
)

RULES = (PUBLIC_ENTRANCE,)
