"""Load balancing, certificates, DNS and the web application firewall."""

from __future__ import annotations

from local.model.core import Kind, Scope, arn


def _dns_name(scope: Scope) -> str:
    prefix = "internal-" if scope["inputs"].get("internal") else ""
    return f"{prefix}{scope['name']}-{scope['digits9']}.{scope['region']}.elb.{scope['dns_suffix']}"


def _balancers(module: str) -> tuple[Kind, ...]:
    """The resources of `aws:lb`; `aws:alb` is an older name of the same ones."""
    prefix = f"aws:{module}/"
    return (
        Kind(
            type=f"{prefix}loadBalancer:LoadBalancer",
            id="{arn}",
            arn=arn("elasticloadbalancing", "loadbalancer/app/{name}/{hex16}"),
            outputs={
                "arnSuffix": "app/{name}/{hex16}",
                "dnsName": _dns_name,
                "zoneId": "Z{digits13}",
                "vpcId": "vpc-{hex17}",
                "ipAddressType": "ipv4",
            },
            name="name",
            name_limit=32,
            defaults={
                "loadBalancerType": "application",
                "idleTimeout": 60,
                "clientKeepAlive": 3600,
                "enableHttp2": True,
                "enableDeletionProtection": False,
                "enableCrossZoneLoadBalancing": True,
                "dropInvalidHeaderFields": False,
                "desyncMitigationMode": "defensive",
                "preserveHostHeader": False,
                "xffHeaderProcessingMode": "append",
                "enableXffClientPort": False,
                "enableTlsVersionAndCipherSuiteHeaders": False,
                "enableWafFailOpen": False,
            },
            replaces=frozenset(
                {"name", "namePrefix", "internal", "loadBalancerType", "customerOwnedIpv4Pool"}
            ),
        ),
        Kind(
            type=f"{prefix}targetGroup:TargetGroup",
            id="{arn}",
            arn=arn("elasticloadbalancing", "targetgroup/{name}/{hex16}"),
            outputs={"arnSuffix": "targetgroup/{name}/{hex16}", "loadBalancerArns": lambda _: []},
            name="name",
            name_limit=32,
            defaults={
                "deregistrationDelay": 300,
                "lambdaMultiValueHeadersEnabled": False,
                "proxyProtocolV2": False,
                "slowStart": 0,
                "targetType": "instance",
                "ipAddressType": "ipv4",
            },
            replaces=frozenset(
                {
                    "name",
                    "namePrefix",
                    "port",
                    "protocol",
                    "protocolVersion",
                    "targetType",
                    "vpcId",
                    "ipAddressType",
                }
            ),
        ),
        Kind(
            type=f"{prefix}listener:Listener",
            id="{arn}",
            arn=arn("elasticloadbalancing", "listener/app/{logical}/{hex16}/{digits8}"),
            replaces=frozenset({"loadBalancerArn"}),
            kept=frozenset({"routingHttpResponseStrictTransportSecurityHeaderValue"}),
            required=("loadBalancerArn", "defaultActions"),
        ),
        Kind(
            type=f"{prefix}listenerRule:ListenerRule",
            id="{arn}",
            arn=arn("elasticloadbalancing", "listener-rule/app/{logical}/{hex16}/{digits8}"),
            replaces=frozenset({"listenerArn"}),
            required=("listenerArn", "actions", "conditions"),
        ),
        Kind(
            type=f"{prefix}listenerCertificate:ListenerCertificate",
            id="{inputs[listenerArn]}_{inputs[certificateArn]}",
            replaces=frozenset({"listenerArn", "certificateArn"}),
            required=("listenerArn", "certificateArn"),
        ),
    )


def _validation_options(scope: Scope) -> list[dict[str, str]]:
    inputs = scope["inputs"]
    names = [inputs["domainName"], *(inputs.get("subjectAlternativeNames") or [])]
    return [
        {
            "domainName": name,
            "resourceRecordName": f"_{scope['hex32']}.{str(name).removeprefix('*.')}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": f"_{scope['hex31']}.acm-validations.aws.",
        }
        for name in dict.fromkeys(names)
    ]


KINDS = (
    *_balancers("lb"),
    *_balancers("alb"),
    Kind(
        type="aws:acm/certificate:Certificate",
        id="{arn}",
        arn=arn("acm", "certificate/{hex8}-{hex4}-{hex4}-{hex4}-{hex12}"),
        outputs={
            "domainValidationOptions": _validation_options,
            "status": "ISSUED",
            "validationEmails": lambda _: [],
        },
        replaces=frozenset(
            {"domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"}
        ),
    ),
    Kind(
        type="aws:acm/certificateValidation:CertificateValidation",
        id="{hex40}",
        replaces=frozenset({"certificateArn", "validationRecordFqdns"}),
        required=("certificateArn",),
    ),
    Kind(
        type="aws:route53/record:Record",
        id="{inputs[zoneId]}_{name}_{inputs[type]}",
        outputs={"fqdn": "{name}"},
        replaces=frozenset({"zoneId", "name", "setIdentifier"}),
        required=("name", "type", "zoneId"),
    ),
    Kind(
        type="aws:wafv2/webAcl:WebAcl",
        id="{hex8}-{hex4}-{hex4}-{hex4}-{hex12}",
        arn=arn("wafv2", "regional/webacl/{name}/{id}"),
        outputs={"capacity": lambda _: 100, "lockToken": "{hex32}"},
        name="name",
        replaces=frozenset({"name", "scope"}),
        required=("scope", "defaultAction", "visibilityConfig"),
    ),
    Kind(
        type="aws:wafv2/webAclAssociation:WebAclAssociation",
        id="{inputs[webAclArn]},{inputs[resourceArn]}",
        replaces=frozenset({"webAclArn", "resourceArn"}),
        required=("webAclArn", "resourceArn"),
    ),
)
