"""An account in moto's server, in which previewed resources are created by boto3, one after the
other.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import jmespath  # type: ignore[import-untyped]
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from local.monitor import Resource
from local.values import reveal
from tests.aws.cloudformation import UnmappedError
from tests.aws.creation import CREATES, NOT_AWS, REGION
from tests.aws.requests import Properties, parameters


@dataclass(frozen=True, order=True)
class Refused:
    """A request that moto, or botocore before it, did not take."""

    type: str
    operation: str
    """`efs.put_backup_policy`."""
    message: str


@dataclass
class Account:
    """What exists in it, and what it refused."""

    endpoint: str
    ids: dict[str, str] = field(default_factory=dict)
    """What the preview calls something, and what it is called here."""
    created: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    refused: list[Refused] = field(default_factory=list)

    def create(self, resource: Resource) -> None:
        """Send the requests that make `resource`, and keep what its ids are here."""
        if resource.type in NOT_AWS:
            return
        recipe = CREATES.get(resource.type)
        if recipe is None:
            raise UnmappedError(f"{resource.type} is in neither CREATES nor NOT_AWS")
        inputs = self.here(
            {name: value for name, value in reveal(resource.inputs).items() if value is not None}
        )
        client = _client(self.endpoint, recipe.service)
        shape = client.meta.service_model.operation_model(
            client.meta.method_to_api_mapping[recipe.operation]
        ).input_shape
        response = self._send(
            resource.type,
            recipe.service,
            recipe.operation,
            parameters(recipe, resource.type, shape, inputs),
        )
        if response is None:
            return
        self.created[resource.type] += 1
        for operation, more in recipe.then(inputs, response) if recipe.then else ():
            self._send(resource.type, recipe.service, operation, more)
        outputs = {**reveal(resource.outputs), "id": resource.id}
        found = {
            name: jmespath.search(path, response) for name, path in recipe.gives.items()
        } | self._looked_up(resource.type, inputs)
        for name, value in found.items():
            assert value, f"{resource.type}: the response has no {recipe.gives[name]}: {response}"
            self.ids[outputs[name]] = value

    def here(self, value: Any) -> Any:
        """`value` with what the preview names replaced by what it is called here, in texts too."""
        if isinstance(value, dict):
            return {name: self.here(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.here(item) for item in value]
        if isinstance(value, str) and self.ids:
            return re.sub(
                "|".join(map(re.escape, sorted(self.ids, key=len, reverse=True))),
                lambda match: self.ids[match[0]],
                value,
            )
        return value

    def call(self, service: str, operation: str, **given: Any) -> Properties:
        """A request outside of any preview, for what existed before."""
        found: Properties = getattr(_client(self.endpoint, service), operation)(**given)
        return found

    def _send(
        self, type_: str, service: str, operation: str, given: Properties
    ) -> Properties | None:
        self.requests += 1
        try:
            return self.call(service, operation, **given)
        except (ClientError, ParamValidationError) as error:
            self.refused.append(
                Refused(type_, f"{service}.{operation}", " ".join(str(error).split()))
            )
            return None

    def _looked_up(self, type_: str, inputs: Properties) -> Properties:
        """What the provider asks for after the creation, since the response does not have it."""
        if type_ == "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace":
            (found,) = (
                each
                for each in self.call("servicediscovery", "list_namespaces")["Namespaces"]
                if each["Name"] == inputs["name"]
            )
            return {"id": found["Id"]}
        if type_ == "aws:ec2/vpcEndpoint:VpcEndpoint" and inputs["vpcEndpointType"] == "Gateway":
            named = [{"Name": "prefix-list-name", "Values": [inputs["serviceName"]]}]
            (found,) = self.call("ec2", "describe_managed_prefix_lists", Filters=named)[
                "PrefixLists"
            ]
            return {"prefixListId": found["PrefixListId"]}
        return {}


@cache
def _client(endpoint: str, service: str) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    once = Config(retries={"total_max_attempts": 1})
    return boto3.client(service, region_name=REGION, endpoint_url=endpoint, config=once, **keys)


def existing(account: Account) -> None:
    """What the options name as existing before: created first, under the names that the options
    have for it.
    """
    call, ids = account.call, account.ids
    zone = call("route53", "create_hosted_zone", Name="example.com", CallerReference="1")[
        "HostedZone"
    ]["Id"].rpartition("/")[2]
    arn = call("acm", "request_certificate", DomainName="edit.example.com")["CertificateArn"]
    key = call("kms", "create_key")["KeyMetadata"]["Arn"]
    uuid = "12345678-1234-1234-1234-123456789012"
    ids |= {
        "Z0123456789EXAMPLE": zone,
        f"arn:aws:acm:{REGION}:123456789012:certificate/{uuid}": arn,
        f"arn:aws:kms:{REGION}:123456789012:key/{uuid}": key,
        f"arn:aws:sns:{REGION}:123456789012:on-call": call("sns", "create_topic", Name="on-call")[
            "TopicArn"
        ],
    }
    vpc = call("ec2", "create_vpc", CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    ids["vpc-0123456789abcdef0"] = vpc
    gateway = call("ec2", "create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
    call("ec2", "attach_internet_gateway", VpcId=vpc, InternetGatewayId=gateway)
    for number in range(4):
        place = {
            "CidrBlock": f"10.99.{number}.0/24",
            "AvailabilityZone": f"{REGION}{'ab'[number % 2]}",
        }
        ids[f"subnet-0123456789abcdef{number}"] = call("ec2", "create_subnet", VpcId=vpc, **place)[
            "Subnet"
        ]["SubnetId"]
        group = {"GroupName": f"existing-{number}", "Description": "existing"}
        ids[f"sg-0123456789abcdef{number}"] = call(
            "ec2", "create_security_group", VpcId=vpc, **group
        )["GroupId"]
    ids["sg-0ff11ae0000000000"] = ids[
        "sg-0123456789abcdef0"
    ]  # the group of an existing load balancer in the preview
    call("ecs", "create_cluster", clusterName="shared")
    call("ecr", "create_repository", repositoryName="teams/web/live")
    ids["fs-0123456789abcdef0"] = call(
        "efs", "create_file_system", CreationToken="existing", Encrypted=True
    )["FileSystemId"]
    subnets, groups = (
        [ids[f"subnet-0123456789abcdef{number}"] for number in (0, 1)],
        [ids["sg-0123456789abcdef0"]],
    )
    balancer = call(
        "elbv2", "create_load_balancer", Name="edge", Subnets=subnets, SecurityGroups=groups
    )["LoadBalancers"][0]
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = {
        "Protocol": "HTTPS",
        "Port": 443,
        "Certificates": [{"CertificateArn": arn}],
        "DefaultActions": [action],
    }
    made = call(
        "elbv2", "create_listener", LoadBalancerArn=balancer["LoadBalancerArn"], **listener
    )["Listeners"][0]
    edge = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2"
    ids[edge] = made["ListenerArn"]
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource":'
        ' "*"}]}'
    )
    call("iam", "create_policy", PolicyName="boundary", Path="/teams/", PolicyDocument=policy)
