"""What docs/alternatives.md says of other AWS services, asked of the API models that botocore
carries (S25).
"""

from __future__ import annotations

from collections.abc import Iterator

import botocore.session
from botocore.model import Shape

SESSION = botocore.session.get_session()
LONGEST_SECONDS = 8 * 3600


def fields(shape: Shape, depth: int = 4) -> Iterator[str]:
    """Names of a shape's members, those of its members included."""
    for name, member in getattr(shape, "members", {}).items():
        yield name
        if depth:
            yield from fields(member, depth - 1)


def test_an_express_service_takes_no_volume_and_no_idle_timeout() -> None:
    asked = (
        SESSION.get_service_model("ecs").operation_model("CreateExpressGatewayService").input_shape
    )
    assert asked is not None
    named = {name.lower() for name in fields(asked)}
    assert {"primarycontainer", "securitygroups"} <= named
    assert [
        name
        for name in named
        if "volume" in name or "mount" in name or "timeout" in name or "stick" in name
    ] == []


def test_a_microvm_lives_eight_hours_and_takes_no_file_system() -> None:
    asked = SESSION.get_service_model("lambda-microvms").operation_model("RunMicrovm").input_shape
    assert asked is not None
    longest = asked.members["maximumDurationInSeconds"].metadata
    assert longest["max"] == LONGEST_SECONDS
    assert asked.members["idlePolicy"].members["maxIdleDurationSeconds"].metadata["min"] == 60
    assert [
        name for name in fields(asked) if "filesystem" in name.lower() or "mount" in name.lower()
    ] == []
