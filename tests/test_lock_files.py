"""Lock files pin by version and hash, name no address, agree with each other, and are what is
installed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
PACKAGE_LOCKS = sorted(
    path
    for path in ROOT.glob("**/package-lock.json")
    if "node_modules" not in path.parts and ".local" not in path.parts
)

_PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", REQUIREMENTS, ids=relative)
def test_every_requirement_is_pinned_and_hashed(path: Path) -> None:
    """Each requirement is one version with at least one hash, and there is no address
    in the file.
    """
    text = path.read_text()
    blocks = re.split(
        r"^(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE
    )
    unpinned = [
        block.splitlines()[0]
        for block in blocks
        if block.strip() and not (_PIN.match(block) and "--hash=sha256:" in block)
    ]
    assert unpinned == []
    assert "://" not in text


def test_smaller_requirements_agree_with_the_superset() -> None:
    """A laptop, CI and the image run the same versions: every pin of every file is one of
    test.txt's.
    """
    superset = set(_PIN.findall((ROOT / "requirements" / "test.txt").read_text()))
    others = [path for path in REQUIREMENTS if path.name not in ("test.txt", "bootstrap.txt")]
    assert {relative(path): set(_PIN.findall(path.read_text())) - superset for path in others} == {
        relative(path): set() for path in others
    }


@pytest.mark.parametrize("path", PACKAGE_LOCKS, ids=relative)
def test_package_locks_hold_hashes_and_no_address(path: Path) -> None:
    """npm's lock files give every package an integrity hash and none an address."""
    text = path.read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    listed = {
        name: package for name, package in packages.items() if name and not package.get("link")
    }
    assert listed
    assert [
        name
        for name, package in listed.items()
        if "integrity" not in package and not package.get("inBundle")
    ] == []
    assert [name for name, package in listed.items() if "resolved" in package] == []


# The package managers of sites, the releases of Astro and the earlier Vite are fetched when
# something needs them, into folders outside the checkout.
FETCHED_LATER = [
    ROOT / "container" / "astro" / "tools",
    ROOT / "tests" / "sites" / "releases",
    ROOT / "tests" / "astro" / "earlier-vite",
]
INSTALLED = [
    path
    for path in PACKAGE_LOCKS
    if not any(path.is_relative_to(folder) for folder in FETCHED_LATER)
]


@pytest.mark.parametrize("path", INSTALLED, ids=relative)
def test_installed_node_packages_are_the_locked_ones(path: Path) -> None:
    """`npm install --no-save` kept to the lock: whatever is installed is listed, at the listed
    version.
    """
    installed = json.loads((path.parent / "node_modules" / ".package-lock.json").read_text())[
        "packages"
    ]
    locked = json.loads(path.read_text())["packages"]
    assert installed
    differing = {
        name: package["version"]
        for name, package in installed.items()
        if locked.get(name, {}).get("version") != package["version"]
    }
    assert differing == {}


@pytest.mark.parametrize("path", PACKAGE_LOCKS, ids=relative)
def test_direct_node_dependencies_are_exact(path: Path) -> None:
    """package.json names exact versions, so that a lost lock file does not change what runs."""
    manifest = json.loads(path.with_name("package.json").read_text())
    named = {**manifest.get("dependencies", {}), **manifest.get("optionalDependencies", {})}
    ranges = {
        name: version
        for name, version in named.items()
        if not re.fullmatch(r"(npm:.+@)?\d+\.\d+\.\d+", version)
    }
    assert ranges == {}
