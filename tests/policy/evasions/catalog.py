"""All evasions."""

from __future__ import annotations

from typing import Final

from .containers import CONTAINER_EVASIONS
from .core import Evasion
from .entrances import ENTRANCE_EVASIONS
from .places import PLACE_EVASIONS
from .ports import PORT_EVASIONS
from .services import SERVICE_EVASIONS

EVASIONS: Final[tuple[Evasion, ...]] = (
    *PORT_EVASIONS,
    *ENTRANCE_EVASIONS,
    *PLACE_EVASIONS,
    *CONTAINER_EVASIONS,
    *SERVICE_EVASIONS,
)
