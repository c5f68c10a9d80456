"""What all sessions of a task share."""

from __future__ import annotations

from dataclasses import dataclass

from contract.hmr import HmrContract

from .build_turns import BuildTurns
from .cleaner import Cleaner
from .envoy.xds import XdsPublisher
from .file_quota import FileQuota
from .ownership.service import Ownership
from .settings import GatewaySettings
from .storage import Storage
from .telemetry import Telemetry
from .warm import WarmPool


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What all sessions share."""

    contract: HmrContract
    settings: GatewaySettings
    publisher: XdsPublisher
    warm: WarmPool
    telemetry: Telemetry
    storage: Storage
    cleaner: Cleaner
    files: FileQuota
    build_turns: BuildTurns
    ownership: Ownership
