"""The container image: what is in it, and that it runs as ECS and `docker run` run it (S7, S12,
S13).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import pytest

from container.gateway.git.program import LEAST_VERSION
from contract.hmr import LAPTOP_URL, HmrContract
from tests.addresses import own_address
from tests.gateway.harness import COOKIE, FRESH_COOKIE, Gateway, alive, descendants

from .conftest import USER, Buildah

pytestmark = [pytest.mark.image, pytest.mark.timeout(1200)]

SCRIPT: Final = Path(__file__).with_name("run.sh")
HOSTILE: Final = Path(__file__).parents[1] / "gateway" / "hostile.ts"


@pytest.fixture(scope="session")
def configuration(buildah: Buildah, image: str) -> dict[str, Any]:
    """The image's own configuration."""
    result: dict[str, Any] = json.loads(buildah("inspect", "--type", "image", image))["Docker"]
    return result


def test_it_declares_how_it_runs(configuration: dict[str, Any]) -> None:
    """Ports, user, entry point and health check, and no secret or setting baked in."""
    config = configuration["config"]
    assert config["User"] == "1000:1000"
    assert set(config["ExposedPorts"]) == {"4321/tcp", "8080/tcp"}
    assert config["Entrypoint"] == ["python", "-m", "container.gateway"]
    assert "/health/live" in " ".join(config["Healthcheck"]["Test"])
    assert [entry for entry in config["Env"] if entry.startswith("ASTRO_LIVE")] == [
        "ASTRO_LIVE_TMP_DIR=/tmp"
    ], "the image's own folder"


def test_it_has_debians_git_and_nothing_of_its_installation(root: Path) -> None:
    """The base has none. New enough for merges without files, as the user that runs it; and neither
    the lists of packages nor the build's certificates stay.
    """
    done = subprocess.run(
        ["chroot", "--userspec", f"{USER}:{USER}", root, "git", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = re.search(r"(\d+)\.(\d+)", done.stdout)
    assert found is not None
    assert (int(found[1]), int(found[2])) >= LEAST_VERSION
    assert list((root / "var/lib/apt/lists").glob("*")) == []
    assert not (root / "etc/apt/apt.conf.d/99ca").exists()
    packages = subprocess.run(
        ["chroot", root, "dpkg-query", "-W", "-f", "${Package}\n"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    assert "git" in packages
    assert not {"openssh-client", "gcc", "make"} & {*packages}


def test_it_holds_what_it_needs_and_nothing_else(root: Path) -> None:
    """No tests, no Pulumi, no package manager's caches, no build tools; nothing of it can be
    written by its user.
    """
    app = root / "app"
    assert {path.name for path in app.iterdir()} == {"contract", "container"}
    sources = SCRIPT.parents[2] / "contract"
    assert {path.relative_to(app / "contract") for path in (app / "contract").rglob("*.py")} == {
        path.relative_to(sources) for path in sources.rglob("*.py")
    }
    packages = {
        path.name.lower()
        for path in (
            next((root / "opt/venv/lib").glob("python3*")).joinpath("site-packages").iterdir()
        )
    }
    assert not {name for name in packages if name.startswith(("pulumi", "pytest", "pip", "mypy"))}
    assert not (root / "opt/uv").exists()
    writable = [
        path
        for path in app.rglob("*")
        if not path.is_symlink() and (path.stat().st_uid == USER or path.stat().st_mode & 0o002)
    ]
    assert writable == []


def test_layers_of_dependencies_come_before_layers_of_code() -> None:
    """A change of code alone builds two small layers: the lock files are copied and installed
    first.
    """
    text = (SCRIPT.parents[2] / "container" / "Dockerfile").read_text()
    order = [
        text.index(mark)
        for mark in (
            "requirements/container.txt requirements/",
            "uv pip sync",
            "package-lock.json",
            "COPY container container",
        )
    ]
    assert order == sorted(order)


@dataclass(kw_only=True)
class Running(Gateway):
    """A gateway in a container."""

    @property
    def link(self) -> str:
        found = re.search(r"Open (http\S+)", self.log.read_text())
        assert found is not None, self.tail()
        return found[1]


@contextlib.contextmanager
def started(root: Path, folder: Path, *variables: str) -> Iterator[Running]:
    """The image's entry point in separate namespaces; the gateway is process 1."""
    address = own_address()
    sites, scratch, log = folder / "sites", folder / "scratch", folder / "log"
    for path in (sites, scratch):
        path.mkdir()
        os.chown(path, USER, USER)
    command = [
        "unshare",
        "-m",
        "-p",
        "--fork",
        "--kill-child",
        "sh",
        str(SCRIPT),
        str(root),
        str(sites),
        str(scratch),
        str(USER),
    ]
    settings = [
        f"ASTRO_LIVE_BIND_ADDRESS={address}",
        "NODE_ENV=development",
        "PYTHONDONTWRITEBYTECODE=1",
        "PYTHONUNBUFFERED=1",
        *variables,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *settings, "python", "-m", "container.gateway"],
            env={"PATH": os.environ["PATH"]},
            stdout=output,
            stderr=output,
        )
    gateway = Running(
        process=process,
        address=address,
        sites=sites,
        scratch=scratch,
        log=log,
        contract=HmrContract(public_url=LAPTOP_URL),
    )
    try:
        asyncio.run(_until_linked(gateway))
        yield gateway
    finally:
        # Not `process` alone: the gateway has changed its user, and with that the kernel forgets
        # that it is to die with its parent.
        for pid in [*descendants(process.pid), process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


async def _until_linked(gateway: Running) -> None:
    deadline = time.monotonic() + 60
    while "Open http" not in gateway.log.read_text():
        assert gateway.process.poll() is None, gateway.tail()
        assert time.monotonic() < deadline, gateway.tail()
        await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def running(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`docker run` without any setting but NODE_ENV: the quick start."""
    with started(root, tmp_path_factory.mktemp("run")) as gateway:
        yield gateway


async def sign_in(gateway: Running) -> dict[str, str]:
    link = urlsplit(gateway.link)
    answer = await gateway.get(f"{link.path}?{link.query}")
    assert answer.status == 303, gateway.tail()
    value = next(line for line in answer.headers.getall("Set-Cookie") if line.startswith(COOKIE))
    return {"Cookie": f"{value.partition(';')[0]}; {FRESH_COOKIE}=1"}


async def test_the_quick_start_serves_a_site(running: Running) -> None:
    """Non-root, read-only root file system, no capabilities: the printed link opens the starter
    site, and other endpoints are closed.
    """
    assert (await running.api("GET", "/health/ready", token=None)).status == 200
    cookie = await sign_in(running)
    deadline = time.monotonic() + 60
    while (page := await running.get("/session/demo/", headers=cookie)).status != 200:
        assert time.monotonic() < deadline, running.tail()
        await asyncio.sleep(0.2)
    assert "/session/demo/" in page.text
    assert (await running.get("/session/demo/")).status == 404
    script = await running.get("/session/demo/src/components/Counter.jsx", headers=cookie)
    bundles = re.findall(r'"(/session/demo/[^"]*/\.vite/deps/[^"]*)"', script.text)
    assert bundles, f"an island imports packages\n{script.text[:2000]}"
    for path in bundles:
        assert (await running.get(path, headers=cookie)).status == 200, running.tail()

    assert await reachable(running, cookie) == (
        set(),
        set(),
    ), "code of a session can look into another process"


async def reachable(gateway: Running, cookie: dict[str, str]) -> tuple[set[int], set[int]]:
    """Processes, other than its own, whose memory or environment a site's code can read, by their
    numbers in the container.
    """
    pages = gateway.sites / "demo" / "src" / "pages"
    shutil.copy(HOSTILE, pages / "hunt.ts")
    os.chown(pages / "hunt.ts", USER, USER)
    query = urlencode([("memory", str(number)) for number in range(1, 400)])
    for _ in range(40):
        answer = await gateway.get(f"/session/demo/hunt?{query}", headers=cookie)
        if answer.status == 200:
            break
        await asyncio.sleep(0.25)
    assert answer.status == 200, answer.text[:500]
    result = answer.json
    assert result["uid"] == USER
    own = {result["pid"], result["control"]}
    assert result["control"] in result["environments"], (
        "the control: a process that is not protected is readable"
    )
    return set(result["memories"]) - own, set(result["environments"]) - own


def test_process_one_dies_and_nothing_stays(root: Path, tmp_path: Path) -> None:
    """SIGTERM as `docker stop` sends it: exit status 0 in time, without an init process
    in front.
    """
    with started(root, tmp_path, "ASTRO_LIVE_STOP_TIMEOUT_SECONDS=10") as gateway:
        family = descendants(gateway.process.pid)
        first = next(pid for pid in family if _number_inside(pid) == 1)
        os.kill(first, signal.SIGTERM)
        assert gateway.process.wait(15) == 0, gateway.tail()
        assert alive(family) == set()


def _number_inside(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return 0
