"""A site's own code looks for the gateway's secrets in every place its user can reach:
environments, memory, descriptors, files.

Requirements: (S9, S38).
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from container.gateway.settings import ASTRO_DIR

from .harness import API_TOKEN, SEED, Gateway, alive, descendants, running_gateway

pytestmark = [
    pytest.mark.skipif(
        not (ASTRO_DIR / "node_modules").is_dir(),
        reason="container/astro/node_modules is missing: run `make setup`",
    ),
    pytest.mark.skipif(
        os.getuid() == 0 and shutil.which("setpriv") is None,
        reason="root without setpriv: capabilities cannot be dropped",
    ),
]

CREDENTIALS_URI: Final = "/v2/credentials/6a1f0c1e-hidden-from-sites"
SECRET_KEY: Final = "wJalrXUtnFEMI/hidden/from/sites"
NEEDLES: Final = (SEED, API_TOKEN, CREDENTIALS_URI, SECRET_KEY)
WITHOUT_CAPABILITIES: Final = (
    ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.getuid() == 0 else ()
)
"""As a container's user: root's capabilities would open every door."""


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with AWS credentials in its environment, and the hostile endpoint in a real Astro
    site.
    """
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        launcher=WITHOUT_CAPABILITIES,
        ASTRO_LIVE_RUNNER_COMMAND="",
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=CREDENTIALS_URI,
        AWS_SECRET_ACCESS_KEY=SECRET_KEY,
        ASTRO_LIVE_WARM_RUNNERS="1",
    ) as gateway:
        site = gateway.sites / "hostile"
        shutil.copytree(
            ASTRO_DIR / "starter",
            site,
            ignore=shutil.ignore_patterns("node_modules", ".astro", "dist"),
        )
        shutil.copy(Path(__file__).with_name("hostile.ts"), site / "src" / "pages" / "hunt.ts")
        started = asyncio.run(gateway.api("POST", "/api/v1/sessions/hostile/start"))
        assert started.json["state"] == "ready", started.text + gateway.tail()
        yield gateway


def family(gateway: Gateway) -> dict[str, int]:
    found = {"supervisor": gateway.process.pid}
    for pid in alive(descendants(gateway.process.pid)):
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        for kind, mark in (("control", b"container.gateway.control"), ("envoy", b"bootstrap.json")):
            if mark in line:
                found[kind] = pid
    return found


async def complete_family(gateway: Gateway) -> dict[str, int]:
    """Once what was killed has been started again."""
    for _ in range(200):
        if set(found := family(gateway)) == {"supervisor", "control", "envoy"}:
            return found
        await asyncio.sleep(0.05)
    pytest.fail(f"only {found} run\n{gateway.tail()}")


async def hunt(gateway: Gateway, *needles: str, memory: tuple[int, ...] = ()) -> dict[str, Any]:
    query = [("needle", base64.b64encode(needle.encode()).decode()) for needle in needles]
    query += [("folder", str(gateway.scratch)), ("folder", str(gateway.sites))]
    query += [("memory", str(pid)) for pid in memory]
    answer = await gateway.get(
        f"/session/hostile/hunt?{urlencode(query)}", headers=gateway.cookie("hostile")
    )
    assert answer.status == 200, answer.text[:2000] + gateway.tail()
    result: dict[str, Any] = answer.json
    assert result["seen"] > 20, "the hunt must have looked at something"
    return result


async def test_the_hunt_finds_what_lies_open(besieged: Gateway) -> None:
    """The control: a marker in the site's own files and one in a readable environment are found, so
    the hunt works.
    """
    (besieged.sites / "hostile" / "marker.txt").write_text("plain-marker-1234")
    marked = {"OPEN_MARKER": "environment-marker-5678", "PATH": os.environ["PATH"]}
    process = await asyncio.create_subprocess_exec(*WITHOUT_CAPABILITIES, "sleep", "60", env=marked)
    try:
        found = (await hunt(besieged, "plain-marker-1234", "environment-marker-5678"))["found"]
    finally:
        process.kill()
        await process.wait()
    assert any(entry.startswith("needle 0 in ") and entry.endswith("marker.txt") for entry in found)
    assert f"needle 1 in /proc/{process.pid}/environ" in found


async def test_no_secret_is_found_anywhere(besieged: Gateway) -> None:
    """Signing seed, API credential, AWS keys and the credential endpoint's path: in no environment,
    file, descriptor or memory.
    """
    ids = await complete_family(besieged)
    harness = f"/proc/{os.getpid()}/"
    result = await hunt(besieged, *NEEDLES, memory=tuple(ids.values()))
    assert [
        entry
        for entry in result["found"]
        if harness not in entry and not _elsewhere(entry, besieged)
    ] == []


async def test_no_secret_is_found_while_the_control_plane_starts_anew(besieged: Gateway) -> None:
    """The moment between a process's start and its being made unreadable is the weak one: hunt
    right through it.
    """
    for _ in range(3):
        os.kill((await complete_family(besieged))["control"], signal.SIGKILL)
        for _ in range(4):
            result = await hunt(besieged, *NEEDLES, memory=(besieged.process.pid,))
            assert [entry for entry in result["found"] if not _elsewhere(entry, besieged)] == []


def _elsewhere(entry: str, gateway: Gateway) -> bool:
    """Whether a finding is in a process that is not the gateway's: the test's own, which made the
    secrets up.
    """
    if not (words := entry.partition("/proc/")[2]):
        return False
    pid = int(words.partition("/")[0])
    return pid != gateway.process.pid and pid not in descendants(gateway.process.pid)
