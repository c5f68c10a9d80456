"""Names below `localhost` are this machine, as browsers have it; the C library's resolver often
knows `localhost` only.

https://www.rfc-editor.org/rfc/rfc6761#section-6.3
"""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver


class LocalhostResolver(AbstractResolver):
    """`demo.localhost` is `address`; everything else is resolved as ever."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._address = address
        self._other = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host.lower().rstrip(".").endswith(".localhost"):
            return await self._other.resolve(self._address, port, family)
        return await self._other.resolve(host, port, family)

    async def close(self) -> None:
        await self._other.close()
