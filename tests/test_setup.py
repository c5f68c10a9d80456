"""`scripts/setup.sh`, which `make up` runs first: it says what takes long before it begins, and
nothing when there is nothing to do (S23).

The installers are stubs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a new virtual environment and nothing in it."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    program(tmp_path / "scripts" / "npm.sh", "mkdir node_modules; echo npm runs")
    program(
        tmp_path / ".venv/bin/python",
        f"""case "$*" in
*pip*) printf '#!/bin/sh\\necho uv runs\\n' >.venv/bin/uv; chmod +x .venv/bin/uv; echo pip runs;;
*) exec {sys.executable} "$@";;
esac""",
    )
    for name in ("bootstrap", "local", "test"):
        lock = tmp_path / "requirements" / f"{name}.txt"
        lock.parent.mkdir(exist_ok=True)
        lock.write_text(name)
    (tmp_path / "policy").mkdir()
    (tmp_path / "container" / "astro").mkdir(parents=True)
    (tmp_path / "container" / "astro" / "package-lock.json").write_text("{}")
    return tmp_path


def setup(checkout: Path) -> list[str]:
    done = subprocess.run(
        ["sh", "scripts/setup.sh", "local"],
        cwd=checkout, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_what_takes_long_is_said_before_it_begins(checkout: Path) -> None:
    first, *rest = setup(checkout)
    assert first == (
        "astro-live: installing Python packages (requirements/local.txt); the first time this takes"
        " a minute or so"
    )
    assert rest == [
        "pip runs",
        "uv runs",
        "astro-live: installing Node packages (container/astro)",
        "npm runs",
    ]


def test_a_later_run_says_nothing(checkout: Path) -> None:
    setup(checkout)
    assert setup(checkout) == []
