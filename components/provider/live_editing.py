"""`LiveEditing` as other languages see it: the keys of a stack as arguments, checked as a stack's
config is.

Pulumi reads the annotations of this module and of `arguments` to make the package's schema, so they
are evaluated, not texts.
"""

from collections.abc import Iterable
from typing import Any, Optional

import pulumi

from components import live_editing
from components.base import ComponentError
from components.config.stack import StackKeys
from components.provider.arguments import LiveEditingArgs
from contract.settings import read_keys
from contract.settings.declaration import Setting


class LiveEditing(pulumi.ComponentResource):
    """Live editing of Astro sites on AWS Fargate: network, load balancer, file system, image,
    service and observation.
    """

    url: pulumi.Output[str]
    """Origin that browsers use."""
    session_url_pattern: pulumi.Output[str]
    """Address of a session, with `{id}` for its id."""
    api_url: pulumi.Output[str]
    """Root of the REST API; empty where the load balancer does not forward to it."""
    private_api_url: pulumi.Output[str]
    """Root of the REST API inside the VPC; empty without `apiIngressSecurityGroups`."""
    alb_dns_name: pulumi.Output[str]
    """Name of the load balancer, for your own DNS record."""
    cluster_name: pulumi.Output[str]
    """ECS cluster."""
    service_name: pulumi.Output[str]
    """ECS service."""
    task_definition_arn: pulumi.Output[str]
    """Revision of the task definition that the service was told to run."""
    log_group_name: pulumi.Output[str]
    """CloudWatch log group."""
    file_system_id: pulumi.Output[str]
    """EFS file system of the sites."""
    repository_url: pulumi.Output[str]
    """ECR repository."""
    image_digest: pulumi.Output[str]
    """Digest of the image that runs."""
    api_token_secret_arn: pulumi.Output[str]
    """Secret that holds the REST API's credential."""
    signing_keys_secret_arn: pulumi.Output[str]
    """Secret that holds the keys of session tokens."""

    def __init__(
        self,
        name: str,
        args: LiveEditingArgs,
        opts: Optional[pulumi.ResourceOptions] = None,  # noqa: UP045 see above
    ) -> None:
        super().__init__("astro-live:index:LiveEditing", name, None, opts)
        inner = live_editing.LiveEditing(
            name, keys_of(name, dict(args)), pulumi.ResourceOptions(parent=self)
        )
        results = inner.results()
        for output in self.__annotations__:
            first, *rest = output.split("_")
            setattr(
                self,
                output,
                pulumi.Output.from_input(results[first + "".join(map(str.capitalize, rest))]),
            )
        self.register_outputs(dict(results))


def keys_of(name: str, args: dict[str, Any]) -> StackKeys:
    """The arguments as a stack's keys, with every default.

    What only the deployment knows (an `Output`, such as the id of a VPC in the same program) is
    taken as it is; all else is checked. Raises `ComponentError` listing every bad argument with its
    value, what is allowed and the fix.
    """
    present = {field: value for field, value in args.items() if value is not None}
    late = {field: _as_tuple(value) for field, value in present.items() if _is_late(value)}
    declared = StackKeys.declared()
    config = {declared[field].key: value for field, value in present.items() if field not in late}
    whole_lists = {
        declared[field].key: late.pop(field)
        for field in [*late]
        if _is_whole_list(declared[field], late[field])
    }
    reading = read_keys(
        StackKeys,
        config | dict.fromkeys(whole_lists, _NO_LIST),
        advice=lambda entry: f"correct {entry.key}",
        unknown="remove it",
        late=late,
    )
    others = [problem for problem in reading.problems if problem.key not in whole_lists]
    problems = [*_refused_lists(whole_lists), *map(str, others)]
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        count = "a bad argument" if len(problems) == 1 else f"{len(problems)} bad arguments"
        raise ComponentError(f"LiveEditing {name!r} has {count}:\n{lines}")
    return reading.settings()


def _is_whole_list(entry: Setting, value: object) -> bool:
    return isinstance(value, pulumi.Output) and entry.kind == "array"


_NO_LIST = ""
"""Refused as a list, so that no rule reads it."""


def _refused_lists(keys: Iterable[str]) -> list[str]:
    """How many mount targets and rules there are must be known before anything is deployed."""
    return [
        f"{key} is an output as a whole; allowed is a list of a known length. "
        f'Name its elements: ["${{vpc.{key}[0]}}", "${{vpc.{key}[1]}}"] in YAML, [vpc.{key}[0],'
        f" vpc.{key}[1]] elsewhere"
        for key in sorted(keys)
    ]


def _is_late(value: object) -> bool:
    return isinstance(value, pulumi.Output) or (
        isinstance(value, list) and any(isinstance(item, pulumi.Output) for item in value)
    )


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
