"""Private registries, overrides and patches, with each package manager's own tool (S27)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .packages import make_site, open_project, write
from .registry import TOKEN, Registry, running_registry

PATCH = """diff --git a/index.js b/index.js
index 0000000..1111111 100644
--- a/index.js
+++ b/index.js
@@ -1 +1 @@
-module.exports = 'tiny 1.0.1';
+module.exports = 'tiny, patched';
"""
OVERRIDES: dict[str, dict[str, Any]] = {
    "npm": {"overrides": {"tiny": "1.0.1"}},
    "pnpm": {
        "pnpm": {
            "overrides": {"tiny": "1.0.1"},
            "patchedDependencies": {"tiny@1.0.1": "patches/tiny.patch"},
        }
    },
    "yarn": {"resolutions": {"tiny": "patch:tiny@npm:1.0.1#./patches/tiny.patch"}},
    "bun": {
        "overrides": {"tiny": "1.0.1"},
        "patchedDependencies": {"tiny@1.0.1": "patches/tiny.patch"},
    },
}


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with running_registry() as running:
        yield running


def settings_of(manager: str, registry: Registry) -> dict[str, str]:
    """The registry as this manager's settings name it."""
    berry = manager.startswith("yarn@") and not manager.startswith("yarn@1.")
    return {".yarnrc.yml": registry.yarnrc} if berry else {".npmrc": registry.npmrc}


def site_of(folder: Path, manager: str, dependencies: dict[str, str], **more: Any) -> Path:
    named = {} if manager == "npm" else {"packageManager": manager}
    return make_site(folder, {"dependencies": dependencies, **named, **more})


def installed(repo: Path, name: str) -> str:
    return (repo / "node_modules" / name / "index.js").read_text()


@pytest.mark.parametrize(
    "manager", ["npm", "pnpm@8.15.9", "yarn@1.22.22", "yarn@4.18.1", "bun@1.4.4"]
)
def test_a_login_may_stand_in_the_projects_settings_and_not_in_the_owners_environment(
    tmp_path: Path, registry: Registry, manager: str
) -> None:
    """A variable of the owner's is empty: enough for packages that anyone may read, and named where
    it is not.
    """
    settings = settings_of(manager, registry)
    public = write(site_of(tmp_path / "public", manager, {"tiny": "1.0.1"}), settings)
    answer = open_project(public, tmp_path / "scratch")
    assert answer.get("error") is None, answer
    assert "tiny 1.0.1" in installed(public, "tiny")

    private = write(site_of(tmp_path / "private", manager, {"@corp/secret": "1.0.0"}), settings)
    answer = open_project(private, tmp_path / "scratch")
    assert answer["code"] == "install"
    name = next(iter(settings))
    assert f"${{CORP_TOKEN}} of {name} is not set in a session" in answer["error"]
    assert f"write the value into {name}" in answer["fix"]

    given = (
        {".env.yarn": f"CORP_TOKEN={TOKEN}\n"}
        if manager == "yarn@4.18.1"
        else {name: settings[name].replace("${CORP_TOKEN}", TOKEN)}
    )
    write(private, given)
    answer = open_project(private, tmp_path / "scratch")
    assert answer.get("error") is None, answer
    assert "@corp/secret 1.0.0" in installed(private, "@corp/secret")


@pytest.mark.parametrize("manager", ["npm", "pnpm@9.15.9", "yarn@2.4.2", "bun@1.4.4"])
def test_overrides_and_patches_are_the_owners(
    tmp_path: Path, registry: Registry, manager: str
) -> None:
    """Yarn 2 needs help for a patch on this Node.js, and replaces Plug'n'Play."""
    more = OVERRIDES[manager.partition("@")[0]]
    repo = write(
        site_of(tmp_path / "project", manager, {"outer": "1.0.0", "tiny": "1.0.1"}, **more),
        {**settings_of(manager, registry), "patches/tiny.patch": PATCH},
    )
    answer = open_project(repo, tmp_path / "scratch")
    assert answer.get("error") is None, answer
    assert ("1.0.1" if manager == "npm" else "patched") in installed(repo, "tiny")
    nested = [
        file
        for file in (repo / "node_modules").resolve().rglob("index.js")
        if "tiny 1.0.0" in file.read_text(errors="replace")
    ]
    assert nested == []
    assert any("Plug'n'Play" in line for line in answer["log"]) == manager.startswith("yarn@2")
