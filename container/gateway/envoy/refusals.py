"""Routes that no dev server answers: refusals, and what goes to the control plane."""

from __future__ import annotations

from typing import Final

from contract.hmr import HmrContract

from .address_limit import ADDRESS_LIMIT
from .clusters import CONTROL
from .cookie_filters import wanted
from .matches import exact, header
from .model import Json

FORBIDDEN_ORIGIN: Final = 460
BLOCKED: Final = 461
MALFORMED: Final = 462
"""Marks that the listener's reply mapping turns into 403, 404 and 400 pages; no client ever sees
these numbers.
"""

HOST: Final = r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?"
"""A single host with or without a port. Envoy joins two Host headers with a comma."""

BLOCKED_DOORS: Final = r"(?i)(?:__open-[a-z-]*editor|__open-in-[a-z-]+|__inspect|__devtools__?|__vite_devtools__|__react-devtools)(?:/.*)?"
"""Middlewares that open files in the user's editor or show the server's inside: Vite and Astro
(`__open-in-editor`), Create React App's `__open-stack-frame-in-editor`, vite-plugin-inspect, Vite's
and Vue's developer tools. Connect compares paths without regard to case.
"""

UNBOUNDED: Final = "0s"


def idle(contract: HmrContract) -> Json:
    """How long a stream may carry nothing."""
    return {"idle_timeout": f"{contract.upstream_keep_alive_seconds}s"}


def to_control(
    name: str, match: Json, contract: HmrContract, *, with_upgrades: bool = False
) -> Json:
    """A route to the control plane. `with_upgrades`: it never accepts one, but learns which task to
    forward the next one to.
    """
    upgrades = [{"upgrade_type": "websocket", "enabled": with_upgrades}]
    return {
        "name": name,
        "match": match,
        "route": {
            "cluster": CONTROL,
            "timeout": UNBOUNDED,
            **idle(contract),
            "upgrade_configs": upgrades,
        },
        "typed_per_filter_config": wanted(ADDRESS_LIMIT),
    }


def refuse(name: str, match: Json, status: int) -> Json:
    """A route that answers with this status or mark."""
    return {"name": name, "match": match, "direct_response": {"status": status}}


def unsafe() -> Json:
    """A match of methods that change something."""
    return header(
        ":method", string_match={"safe_regex": {"regex": "GET|HEAD|OPTIONS"}}, invert_match=True
    )


def origin_routes(contract: HmrContract) -> list[Json]:
    """1 and 2: `Origin` is what a browser vouches for; `null` and look-alikes differ from a
    session's origin and are refused.

    Under host routing any session's origin passes here; each session's routes admit its own only
    (`_own_origin_routes`).
    """
    foreign = exact("origin", contract.public_url, invert=True)
    if contract.by_host:
        # A suffix, not an expression: Envoy refuses expressions that compile to more than 100
        # steps, and a host may have 126 characters.
        host = contract.public_url.partition("://")[2]
        foreign = header("origin", string_match={"suffix": f".{host}"}, invert_match=True)
    present = header("origin", present_match=True)
    upgrade = {"prefix": "/", "headers": [header("upgrade", present_match=True)]}
    return [
        refuse(
            "upgrade-without-origin",
            {**upgrade, "headers": [*upgrade["headers"], {**present, "invert_match": True}]},
            FORBIDDEN_ORIGIN,
        ),
        refuse(
            "upgrade-foreign-origin",
            {**upgrade, "headers": [*upgrade["headers"], foreign]},
            FORBIDDEN_ORIGIN,
        ),
        refuse(
            "write-foreign-origin",
            {"prefix": "/", "headers": [unsafe(), present, foreign]},
            FORBIDDEN_ORIGIN,
        ),
    ]
