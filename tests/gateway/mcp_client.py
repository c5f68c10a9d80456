"""The SDK's own client of a session's MCP server."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import httpx2
import mcp_types as types
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from .harness import API_TOKEN, Gateway


@contextlib.asynccontextmanager
async def connected_to(url: str, token: str, mode: str = "2026-07-28") -> AsyncIterator[Client]:
    """`url` is the server's own."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


@contextlib.asynccontextmanager
async def connected(
    gateway: Gateway, mode: str = "2026-07-28", session: str = "demo", token: str = API_TOKEN
) -> AsyncIterator[Client]:
    url = f"{gateway.api_url}/api/v1/sessions/{session}/mcp"
    async with connected_to(url, token, mode) as client:
        yield client


def text(result: types.CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, types.TextContent)
    return block.text
