"""Nothing is built where the rules cannot see it: what a type of resource builds is known, or it is
refused (S18).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final

from .calls import DEPENDS
from .core.classes import CLOSED, JUDGED, OPAQUE, POLICY, class_of
from .core.reading import read_json
from .core.resource import INTERNAL
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, texts
from .core.values import Value, as_dict

HARMLESS_PROVIDERS: Final = (
    "archive",
    "cloudinit",
    "docker",
    "docker-build",
    "null",
    "random",
    "std",
    "time",
    "tls",
)
"""Providers that reach neither AWS's network nor its IAM: they make values, keys, files
and images.
"""

_ONLY: Final = {
    "docker": re.compile(
        r"docker:(index/)?(image|registryImage|remoteImage|tag|buildxBuilder):\w+|docker:image:Image",
        re.IGNORECASE,
    )
}
"""Of these providers only the types that make images: a container runs a command, on whatever host
the provider names.
"""

_SETTINGS: Final[dict[str, Schema]] = {
    "harmlessProviders": {
        "type": "array",
        # The engine reads patterns with Go's regular expressions, which know no look-ahead.
        "items": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9-]*$",
            "not": {"pattern": "^(aws.*|pulumi)$"},
        },
        "default": list(HARMLESS_PROVIDERS),
        "description": (
            "Names of providers that reach neither AWS's network nor its IAM: their resources need"
            " no rules. Replaces the default list."
        ),
    },
}


def _opaque(resource: Resource, settings: Settings) -> Iterable[Finding]:
    package = resource.type.split(":")[0]
    provider = resource.provider.removeprefix("pulumi:providers:")
    if resource.type.startswith("pulumi:providers:"):
        yield from _program(resource)
    if package != "aws":
        # A component has no provider: what it builds are separate resources, each judged by itself.
        if resource.provider and package != "pulumi":
            harmless = texts(settings, "harmlessProviders")
            other = next((each for each in (package, provider) if each not in harmless), "")
            if other:
                yield _refused(
                    resource, f"of the provider {other!r}, whose effect no rule here can judge"
                )
            elif package in _ONLY and not _ONLY[package].fullmatch(resource.type):
                yield _refused(
                    resource,
                    f"of the provider {package!r} and not an image; it may run commands on the"
                    " provider's host",
                )
        elif re.fullmatch(r"pulumi-(python|nodejs):dynamic.*", resource.type):
            yield _refused(resource, "of a dynamic provider, which is code")
        return
    kind = class_of(resource.type)
    if kind in OPAQUE:
        yield _refused(resource, f"which {OPAQUE[kind]}")
    elif kind in DEPENDS:
        yield from DEPENDS[kind](resource)
    elif kind not in (JUDGED, POLICY, *CLOSED):
        yield _refused(
            resource, "a type that these rules do not know; a newer version of the pack may"
        )


_SOURCES: Final = re.compile(
    r"https://get\.pulumi\.com(/[\w./-]*)?|github://api\.github\.com/pulumi(verse)?(/[\w.-]+)?"
)
"""Where Pulumi and its community's organization publish providers; their SDKs name
these addresses.
"""

_WRAPPED: Final = re.compile(
    r"(registry\.(opentofu\.org|terraform\.io)/)?hashicorp/[a-z][a-z0-9-]*"
)
"""Terraform providers of HashiCorp, which a parameterized provider wraps."""


def _program(provider: Resource) -> Iterable[Finding]:
    """Whether the name of a provider says what its program does: it may come from any address, or
    wrap another provider.
    """
    internal = as_dict(provider.props.get(INTERNAL))
    addresses = [each.get("pluginDownloadURL") for each in (provider.props, internal)]
    if any(
        each not in (None, "") and not (isinstance(each, str) and _SOURCES.fullmatch(each))
        for each in addresses
    ):
        yield _refused(
            provider,
            "whose program is downloaded from a given address (pluginDownloadURL), so that it may"
            " do anything",
        )
    name = provider.type.removeprefix("pulumi:providers:")
    parameter = internal.get("parameterization")
    if parameter not in (None, "") and not (
        _WRAPPED.fullmatch(_remote(parameter)) and _remote(parameter).endswith(f"/{name}")
    ):
        yield _refused(
            provider,
            "that wraps another provider (parameterization), so that its name does not say what it"
            " does",
        )


def _remote(parameter: Value) -> str:
    """The Terraform provider that a parameterized one wraps; empty for a text that
    nobody can read.
    """
    try:
        content = read_json(base64.b64decode(str(parameter), validate=True).decode())
    except ValueError:
        return ""
    return str(as_dict(as_dict(content).get("remote")).get("url", ""))


def _refused(resource: Resource, why: str) -> Finding:
    message = (
        f"{resource.name} is of type {resource.type}, {why}; allowed are types whose effect a rule"
        " can judge"
    )
    return Finding(message=message)


NO_OPAQUE_RESOURCE = ResourceRule(
    id="no-opaque-resource",
    title="Nothing is built where the rules cannot see it",
    reason=(
        "A template, a cloud-control document, a script or another provider can open the very ports"
        " that every other rule keeps shut. So a resource is let through when its type is"
        " classified as closed, or when a rule reads what it opens; docs/resource-classes.md lists"
        " the class of every type of the AWS provider. Code that runs later, with a role, is not"
        " opaque: the role's policies are judged, and a function, build or job has no way in by"
        " itself."
    ),
    fix=(
        "declare what it builds with resources of the AWS provider, name its provider in"
        " no-opaque-resource.harmlessProviders if it reaches neither AWS's network nor its IAM, or"
        " exempt it by name with a reason and a date"
    ),
    link="https://www.pulumi.com/docs/insights/policy/",
    severity="medium",
    level="mandatory",
    properties=_SETTINGS,
    types=None,
    check=_opaque,
)

RULES = (NO_OPAQUE_RESOURCE,)
