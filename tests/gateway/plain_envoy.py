"""Envoy with the gateway's configuration for one session, without the rest of the gateway."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from container.gateway.envoy.access_log import LIMIT_FILE, limit_text
from container.gateway.envoy.bootstrap import ListenerOptions, bootstrap_text
from container.gateway.envoy.model import Upstream
from container.gateway.envoy.process import Admin
from container.gateway.envoy.xds import XdsPublisher
from container.gateway.programs import envoy_executable
from container.gateway.tokens import TokenService, public_jwks_text
from contract.hmr import HmrContract
from contract.settings.session import SessionSettings

from .harness import COOKIE, KEYS, PUBLIC_URL


@contextlib.asynccontextmanager
async def envoy_for(upstream: Upstream, address: str, folder: Path) -> AsyncIterator[str]:
    """Run it; yields the cookie pair that opens the session."""
    contract = HmrContract(public_url=PUBLIC_URL)
    (folder / LIMIT_FILE).write_text(limit_text())
    (folder / "bootstrap.json").write_text(
        bootstrap_text(
            ListenerOptions(address=address, contract=contract, settings=SessionSettings())
        )
    )
    admin = Admin(folder)
    XdsPublisher(folder, contract, admin, jwks=public_jwks_text(KEYS)).write_initial([upstream])
    process = await asyncio.create_subprocess_exec(
        envoy_executable(), "-c", "bootstrap.json", "--concurrency", "1", "--disable-hot-restart", "-l", "warn", cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(20):
            while not await admin.ready():
                assert process.returncode is None
                await asyncio.sleep(0.02)
        token, _ = TokenService(KEYS).sign("session", upstream.session_id, seconds=600)
        yield f"{COOKIE}={token}"
    finally:
        await admin.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
