"""Settings of a task that its task definition gives to the container, and the names of its secrets.

No stack key sets these: the stack writes them from what it declares (mount points, the ownership
table), and the local stack gives each of its tasks an address. What only the container needs is in
`container/gateway/settings.py`.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Final

from contract.settings.declaration import VARIABLE_PREFIX, Shape, setting
from contract.settings.model import Settings

SIGNING_KEYS: Final = f"{VARIABLE_PREFIX}SIGNING_KEYS"
API_TOKEN: Final = f"{VARIABLE_PREFIX}API_TOKEN"
SECRET_VARIABLES: Final = (SIGNING_KEYS, API_TOKEN)
"""Variables that a secret store fills. They are not settings: nothing shows or writes them."""

CONTAINER: Final = "Container"
"""Group of the settings that no stack key sets."""

AbsolutePath = Annotated[
    Path, Shape("an absolute path", lambda path: path.is_absolute() and "\0" not in str(path))
]
IpAddress = Annotated[
    str,
    Shape("an IP address", lambda text: bool(ipaddress.ip_address(text)), example="0.0.0.0"),  # noqa: S104
]
AddressRange = Annotated[
    str,
    Shape(
        "a CIDR block, or empty",
        lambda text: not text or bool(ipaddress.ip_network(text)),
        example="10.20.0.0/16",
    ),
]
TableName = Annotated[
    str,
    Shape(
        "the name of a DynamoDB table (3-255 of letters, digits, '_', '.' and '-'), or empty",
        lambda text: re.fullmatch(r"[A-Za-z0-9_.-]{3,255}|", text) is not None,
        example="astro-live-ownership",
    ),
]


class TaskSettings(Settings):
    """What a task definition decides of its container, besides the HMR contract and the settings of
    sessions.
    """

    sites_dir: AbsolutePath = setting(
        Path("/sites"), "Folder of the projects: session X is `{SITES_DIR}/X`.", group=CONTAINER
    )
    scratch_dir: AbsolutePath = setting(
        Path("/scratch"), "Local disk for caches, installs, builds and sockets.", group=CONTAINER
    )
    bind_address: IpAddress = setting("0.0.0.0", "Address of both listeners.", group=CONTAINER)  # noqa: S104 the task's own interface
    ownership_table: TableName = setting(
        "",
        "DynamoDB table by which several tasks agree who runs a session. Empty: this task is the"
        " only one.",
        group=CONTAINER,
    )
    peer_range: AddressRange = setting(
        "",
        "Where the other tasks are: the range of the VPC. Requests are forwarded to no other address,"
        " whatever the ownership table says. Empty: any private address.",
        group=CONTAINER,
    )
    processors: int = setting(
        0,
        "So many sessions that are handed over start here at a time. 0: as many as the operating"
        " system has processors for this task.",
        group=CONTAINER,
        within=(0, 256),
    )
    ecs_metadata_uri: str = setting(
        "",
        "Address of ECS's metadata endpoint, for this task's id and address; ECS sets it.",
        group=CONTAINER,
        variable="ECS_CONTAINER_METADATA_URI_V4",
    )
