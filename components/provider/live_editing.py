"""`LiveEditing` as other languages see it: the keys of a stack as arguments, checked as a stack's config is.

Pulumi reads the annotations of this module and of `arguments` to make the package's schema, so they are evaluated, not texts.
"""

from typing import Any, Optional

import pulumi

from components import live_editing
from components.base import ComponentError
from components.config.keys import fields, read
from components.config.stack import StackKeys
from components.provider.arguments import LiveEditingArgs


class LiveEditing(pulumi.ComponentResource):
    """Live editing of Astro sites on AWS Fargate: network, load balancer, file system, image, service and observation."""

    url: pulumi.Output[str]
    """Origin that browsers use."""
    session_url_pattern: pulumi.Output[str]
    """Address of a session, with `{id}` for its id."""
    alb_dns_name: pulumi.Output[str]
    """Name of the load balancer, for a DNS record of your own."""
    cluster_name: pulumi.Output[str]
    """ECS cluster."""
    service_name: pulumi.Output[str]
    """ECS service."""
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

    def __init__(self, name: str, args: LiveEditingArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:  # noqa: UP045 see above
        super().__init__("astro-live:index:LiveEditing", name, None, opts)
        inner = live_editing.LiveEditing(name, keys_of(name, dict(args)), pulumi.ResourceOptions(parent=self))
        results = inner.results()
        for output in self.__annotations__:
            first, *rest = output.split("_")
            setattr(self, output, pulumi.Output.from_input(results[first + "".join(map(str.capitalize, rest))]))
        self.register_outputs(dict(results))


def keys_of(name: str, args: dict[str, Any]) -> StackKeys:
    """The arguments as a stack's keys, with every default.

    What only the deployment knows (an `Output`, such as the id of a VPC in the same program) is taken as it is; all else is checked.
    Raises `ComponentError` listing every bad argument with its value, what is allowed and the fix.
    """
    by_key = {key: field for key, field in fields(StackKeys).items() if args.get(field.name) is not None}
    late = {field.name: _as_tuple(args[field.name]) for field in by_key.values() if _is_late(args[field.name])}
    known = {key: args[field.name] for key, field in by_key.items() if field.name not in late}
    values, problems = read(StackKeys, known.get, known, stack=name)
    problems = [problem for problem in problems if not (problem.value == "not set" and fields(StackKeys)[problem.key].name in late)]
    if not problems:
        keys = StackKeys(**{**values, **late})
        problems = keys.contradictions()
        if not problems:
            return keys
    lines = "\n".join(f"  {problem}" for problem in problems)
    raise ComponentError(f"LiveEditing {name!r} has {len(problems)} bad arguments:\n{lines}")


def _is_late(value: object) -> bool:
    return isinstance(value, pulumi.Output) or (isinstance(value, list) and any(isinstance(item, pulumi.Output) for item in value))


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
