"""Numbers of Pulumi's analyzer protocol, for the pack that serves it and the harness that speaks to
it.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/analyzer.proto
"""

from __future__ import annotations

from typing import Final

LEVELS: Final = {"advisory": 0, "mandatory": 1, "disabled": 2, "remediate": 3}
SEVERITIES: Final = {"": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}
KINDS: Final = {"": 0, "resource": 1, "stack": 2}

LEVEL_NAMES: Final = {number: name for name, number in LEVELS.items()}
SEVERITY_NAMES: Final = {number: name for name, number in SEVERITIES.items()}
KIND_NAMES: Final = {number: name for name, number in KINDS.items()}

_MIB: Final = 1024 * 1024
MESSAGE_OPTIONS: Final = [
    ("grpc.max_receive_message_length", 400 * _MIB),
    ("grpc.max_send_message_length", 400 * _MIB),
]
"""As the engine's: a stack of 10,000 resources is one message."""
