"""Client of Astro Live's API: edit an Astro site that a person watches.

    with Client(url, token) as client:
        client.create_session(body=CreateRequest(id="shop"))
        shown(client.write_file("shop", "src/pages/index.astro", body="<h1>Hello</h1>", wait=20))

`AsyncClient` has the same methods for asyncio. `models` has the types of requests and answers.
"""

from ._client import AsyncClient, Client
from ._errors import ApiError, NotModified, NotShown, shown
from ._events import AnyEvent, Received
from ._generated import models
from ._generated.models import *  # noqa: F403 - each is listed in its own __all__
from ._generated.types import UNSET, Unset
from ._parts import Content, Sendable
from ._retry import Retries

__all__ = [
    "UNSET",
    "AnyEvent",
    "ApiError",
    "AsyncClient",
    "Client",
    "Content",
    "NotModified",
    "NotShown",
    "Received",
    "Retries",
    "Sendable",
    "Unset",
    "models",
    "shown",
    *models.__all__,
]
