"""Answers of the data sources (`aws.get_region`, `aws.iam.get_policy_document`, …) in the modelled
account.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from local.model.core import Cloud
from local.values import Properties


class UnknownFunction(LookupError):
    """The program calls a data source that the model has no answer for."""


def invoke(cloud: Cloud, token: str, arguments: Properties) -> Properties:
    """The result of the data source `token`. Raises `UnknownFunction` with the token and what to
    do.
    """
    answer = _FUNCTIONS.get(token)
    if answer is None:
        known = ", ".join(sorted(_FUNCTIONS))
        raise UnknownFunction(
            f"the offline model has no data source {token}; known are {known}. "
            "Give the value through config, or add an answer to local/model/functions.py"
        )
    return {**arguments, **answer(cloud, arguments)}


def zone_names(cloud: Cloud, *, only_regional: bool = True) -> list[str]:
    """Availability zones of the region; otherwise also the local zone that the account has opted in
    to, in AWS's order.
    """
    names = [f"{cloud.region}{letter}" for letter in "abc"]
    return names if only_regional else [f"{cloud.region}-lcl-1a", *names]


def _zones(cloud: Cloud, arguments: Properties) -> Properties:
    filters = {each["name"]: each["values"] for each in arguments.get("filters") or []}
    names = zone_names(cloud, only_regional=filters.get("zone-type") == ["availability-zone"])
    return {
        "id": cloud.region,
        "names": names,
        "zoneIds": [f"{cloud.region}-az{i + 1}" for i in range(len(names))],
        "groupNames": [cloud.region],
    }


def _region(cloud: Cloud, arguments: Properties) -> Properties:
    name = arguments.get("region") or cloud.region
    return {
        "id": name,
        "name": name,
        "region": name,
        "description": name,
        "endpoint": f"ec2.{name}.{cloud.partition.dns_suffix}",
    }


def _identity(cloud: Cloud, _: Properties) -> Properties:
    return {
        "id": cloud.account,
        "accountId": cloud.account,
        "arn": f"arn:{cloud.partition.id}:iam::{cloud.account}:user/offline",
        "userId": "AIDAOFFLINE",
    }


def _partition(cloud: Cloud, _: Properties) -> Properties:
    partition = cloud.partition
    return {
        "id": partition.id,
        "partition": partition.id,
        "dnsSuffix": partition.dns_suffix,
        "reverseDnsPrefix": partition.reverse_dns_prefix,
    }


def _registry_token(cloud: Cloud, _: Properties) -> Properties:
    password = "offline"  # noqa: S105 (nothing accepts it)
    return {
        "id": cloud.region,
        "authorizationToken": base64.b64encode(f"AWS:{password}".encode()).decode(),
        "userName": "AWS",
        "password": password,
        "expiresAt": "2099-01-01T00:00:00Z",
        "proxyEndpoint": (
            f"https://{cloud.account}.dkr.ecr.{cloud.region}.{cloud.partition.dns_suffix}"
        ),
    }


def _policy_document(_: Cloud, arguments: Properties) -> Properties:
    document = {
        "Version": arguments.get("version") or "2012-10-17",
        "Statement": [_statement(s) for s in arguments.get("statements") or []],
    }
    text = json.dumps(
        {**({"Id": arguments["policyId"]} if arguments.get("policyId") else {}), **document},
        indent=2,
    )
    return {
        "id": "document",
        "json": text,
        "minifiedJson": json.dumps(json.loads(text), separators=(",", ":")),
    }


def _statement(statement: Properties) -> dict[str, Any]:
    result: dict[str, Any] = {"Effect": statement.get("effect") or "Allow"}
    for key in ("sid", "actions", "notActions", "resources", "notResources"):
        name = key[0].upper() + key[1:].removesuffix("s")
        if value := statement.get(key):
            result[name] = value[0] if isinstance(value, list) and len(value) == 1 else value
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if principals := statement.get(key):
            everyone = any(p["type"] == "*" for p in principals)
            result[name] = "*" if everyone else {p["type"]: p["identifiers"] for p in principals}
    for condition in statement.get("conditions") or []:
        result.setdefault("Condition", {}).setdefault(condition["test"], {})[
            condition["variable"]
        ] = condition["values"]
    return result


def _vpc(cloud: Cloud, arguments: Properties) -> Properties:
    identifier = arguments.get("id") or "vpc-0offline"
    return {
        "id": identifier,
        "arn": f"arn:{cloud.partition.id}:ec2:{cloud.region}:{cloud.account}:vpc/{identifier}",
        "cidrBlock": arguments.get("cidrBlock") or "10.0.0.0/16",
        "ipv6CidrBlock": "",
        "enableDnsSupport": True,
        "enableDnsHostnames": True,
        "state": "available",
        "ownerId": cloud.account,
    }


def _subnet(cloud: Cloud, arguments: Properties) -> Properties:
    identifier = arguments.get("id") or "subnet-0offline"
    zones = zone_names(cloud)
    index = sum(identifier.encode()) % len(zones)
    return {
        "id": identifier,
        "arn": f"arn:{cloud.partition.id}:ec2:{cloud.region}:{cloud.account}:subnet/{identifier}",
        "vpcId": arguments.get("vpcId") or "vpc-0offline",
        "availabilityZone": zones[index],
        "cidrBlock": f"10.0.{index}.0/24",
        "mapPublicIpOnLaunch": False,
    }


def _zone(_: Cloud, arguments: Properties) -> Properties:
    name = arguments.get("name") or "example.com"
    return {
        "id": "Z0OFFLINE",
        "zoneId": "Z0OFFLINE",
        "name": str(name).rstrip("."),
        "privateZone": False,
        "nameServers": [],
    }


def _prefix_list(cloud: Cloud, arguments: Properties) -> Properties:
    identifier = arguments.get("id") or arguments.get("prefixListId") or "pl-0offline"
    name = arguments.get("name") or f"com.amazonaws.{cloud.region}.s3"
    return {
        "id": identifier,
        "name": name,
        "cidrBlocks": ["3.5.136.0/22"],
        "entries": [],
        "addressFamily": "IPv4",
    }


def _listener(_: Cloud, arguments: Properties) -> Properties:
    """An existing HTTPS listener, as the program wants it."""
    arn = str(arguments["arn"])
    return {
        "id": arn,
        "loadBalancerArn": arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0],
        "port": 443,
        "protocol": "HTTPS",
    }


def _load_balancer(cloud: Cloud, arguments: Properties) -> Properties:
    """An existing load balancer. Only AWS knows how it is set up, so its idle timeout
    is left out.
    """
    arn = str(arguments["arn"])
    name = arn.split("/")[2]
    return {
        "id": arn,
        "name": name,
        "arnSuffix": arn.partition("loadbalancer/")[2],
        "dnsName": f"{name}.{cloud.region}.elb.{cloud.partition.dns_suffix}",
        "zoneId": "Z0OFFLINE",
        "securityGroups": ["sg-0ff11ae0000000000"],
    }


def _file_system(cloud: Cloud, arguments: Properties) -> Properties:
    identifier = arguments["fileSystemId"]
    arn = f"arn:{cloud.partition.id}:elasticfilesystem:{cloud.region}:{cloud.account}:file-system/{identifier}"
    return {"id": identifier, "arn": arn}


def _cluster(cloud: Cloud, arguments: Properties) -> Properties:
    arn = f"arn:{cloud.partition.id}:ecs:{cloud.region}:{cloud.account}:cluster/{arguments['clusterName']}"
    return {"id": arn, "arn": arn, "status": "ACTIVE"}


def _repository(cloud: Cloud, arguments: Properties) -> Properties:
    name = arguments["name"]
    return {
        "id": name,
        "arn": f"arn:{cloud.partition.id}:ecr:{cloud.region}:{cloud.account}:repository/{name}",
        "registryId": cloud.account,
        "repositoryUrl": (
            f"{cloud.account}.dkr.ecr.{cloud.region}.{cloud.partition.dns_suffix}/{name}"
        ),
        "imageTagMutability": "IMMUTABLE",
    }


_FUNCTIONS: dict[str, Callable[[Cloud, Properties], Properties]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getCallerIdentity:getCallerIdentity": _identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _registry_token,
    "aws:ecr/getCredentials:getCredentials": _registry_token,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:route53/getZone:getZone": _zone,
    "aws:lb/getListener:getListener": _listener,
    "aws:lb/getLoadBalancer:getLoadBalancer": _load_balancer,
    "aws:efs/getFileSystem:getFileSystem": _file_system,
    "aws:ecs/getCluster:getCluster": _cluster,
    "aws:ecr/getRepository:getRepository": _repository,
    "aws:elb/getServiceAccount:getServiceAccount": lambda cloud, _: {
        "id": "054676820928",
        "arn": f"arn:{cloud.partition.id}:iam::054676820928:root",
    },
    "aws:index/getDefaultTags:getDefaultTags": lambda _, __: {"id": "default", "tags": {}},
}
