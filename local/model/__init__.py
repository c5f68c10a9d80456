"""The resource model: what each AWS, awsx and Docker resource type of the program computes, without
a cloud.

`kind_of` answers for a type token, `invoke` for a data source, `vpc.expand` for the children of
`awsx:ec2:Vpc`.
"""

from __future__ import annotations

from local.model import balancing, compute, network, platform
from local.model.core import ACCOUNT, Cloud, Kind, catalogue
from local.model.functions import invoke

KINDS = catalogue((*network.KINDS, *balancing.KINDS, *compute.KINDS, *platform.KINDS))

__all__ = ["ACCOUNT", "KINDS", "Cloud", "Kind", "invoke", "kind_of"]


def kind_of(token: str) -> Kind:
    """The kind of a type token. One that the model does not know gets an id and, in AWS, an ARN;
    its other outputs are its inputs.
    """
    if kind := KINDS.get(token):
        return kind
    package, _, rest = token.partition(":")
    if package != "aws":
        return Kind(type=token)
    service = rest.split("/", 1)[0]
    return Kind(type=token, arn=f"arn:{{partition}}:{service}:{{region}}:{{account}}:{{id}}")
