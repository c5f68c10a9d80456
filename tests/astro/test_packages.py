"""A project's packages: the runner's own, the project's own, or an installation as its owner's
manager makes it (S5, S27).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .driver import ASTRO_DIR, copy_starter
from .packages import lock_with_npm, make_site, open_project, tarball, watch_project, write

NANOID_INTEGRITY = "sha512-wVZsnt5OB0dYCCfehtku3pGSS7vDjUjGQcB96wS+67JA0fILOVx0o7CnMSHZdlzGpaUtegC41ltxUVEqn5a+BA=="
PNPM_LOCK_6 = f"""lockfileVersion: '6.0'

dependencies:
  nanoid:
    specifier: 5.0.0
    version: 5.0.0

packages:

  /nanoid@5.0.0:
    resolution: {{integrity: {NANOID_INTEGRITY}}}
    engines: {{node: ^14 || ^16 || >=18}}
    hasBin: true
    dev: false
"""
NPM_LOCK: dict[str, Any] = {
    "name": "site",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {
        "": {"name": "site", "dependencies": {"nanoid": "5.0.0"}},
        "node_modules/nanoid": {
            "version": "5.0.0",
            "integrity": NANOID_INTEGRITY,
            "bin": {"nanoid": "bin/nanoid.js"},
        },
    },
}


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A project with a lock file whose one package is a tarball of the repository, so that no
    registry is needed.
    """
    repo = make_site(tmp_path / "project", {"dependencies": {"tiny": "file:vendor/tiny-1.0.0.tgz"}})
    (repo / "vendor").mkdir()
    tarball(
        repo / "vendor" / "tiny-1.0.0.tgz",
        {
            "package.json": json.dumps(
                {
                    "name": "tiny",
                    "version": "1.0.0",
                    "scripts": {
                        "postinstall": "node -e \"require('fs').writeFileSync('built', '')\""
                    },
                }
            ),
            "index.js": "module.exports = 1;",
        },
    )
    lock_with_npm(repo)
    return repo


def test_the_starter_uses_what_comes_with_the_runner(tmp_path: Path) -> None:
    root = copy_starter(tmp_path / "project")
    answer = open_project(root, tmp_path / "scratch")
    assert (answer["progress"], answer["packages"]["manager"]) == ([], "none")
    assert (root / "node_modules" / "astro").resolve() == (
        ASTRO_DIR / "node_modules" / "astro"
    ).resolve()


def test_packages_of_a_lock_file_are_installed_once_on_local_disk(
    packed: Path, tmp_path: Path
) -> None:
    first = open_project(packed, tmp_path / "scratch")
    assert first["packages"]["manager"] == "npm", first
    assert (packed / "node_modules").is_symlink()
    assert (
        (packed / "node_modules" / "tiny" / "index.js")
        .resolve()
        .is_relative_to(tmp_path / "scratch" / "dependencies")
    )
    assert open_project(packed, tmp_path / "scratch")["progress"] == []


def test_an_installation_of_earlier_packages_is_removed(packed: Path, tmp_path: Path) -> None:
    open_project(packed, tmp_path / "scratch")
    manifest = json.loads((packed / "package.json").read_text())
    (packed / "package.json").write_text(json.dumps({**manifest, "dependencies": {}}))
    (packed / "package-lock.json").unlink()
    open_project(packed, tmp_path / "scratch")
    installations = [
        entry
        for entry in (tmp_path / "scratch" / "dependencies").iterdir()
        if len(entry.name) == 24
    ]
    assert not (packed / "node_modules" / "tiny").exists()
    assert installations == []


def test_another_scratch_folder_takes_the_link_over(packed: Path, tmp_path: Path) -> None:
    """A session that moved to another task finds a link that leads nowhere there."""
    open_project(packed, tmp_path / "one")
    open_project(packed, tmp_path / "two")
    assert (packed / "node_modules" / "tiny").resolve().is_relative_to(tmp_path / "two")


def test_a_folder_that_the_project_brings_is_left_alone(tmp_path: Path) -> None:
    root = copy_starter(tmp_path / "project")
    own = root / "node_modules" / "mine"
    own.mkdir(parents=True)
    answer = open_project(root, tmp_path / "scratch")
    assert answer["packages"]["manager"] == "none"
    assert own.is_dir()
    assert not (root / "node_modules").is_symlink()


def test_a_folder_with_nothing_but_caches_makes_room(packed: Path, tmp_path: Path) -> None:
    (packed / "node_modules" / ".vite").mkdir(parents=True)
    open_project(packed, tmp_path / "scratch")
    assert (packed / "node_modules" / "tiny").exists()


def test_an_install_script_runs_only_when_the_package_is_allowed_by_name(
    packed: Path, tmp_path: Path
) -> None:
    first = open_project(packed, tmp_path / "scratch")
    assert first["packages"]["refusedScripts"] == ["tiny@1.0.0"]
    assert any("tiny@1.0.0" in line and "allowScripts" in line for line in first["log"])
    assert not (packed / "node_modules" / "tiny" / "built").exists()
    manifest = json.loads((packed / "package.json").read_text())
    (packed / "package.json").write_text(json.dumps({**manifest, "allowScripts": {"tiny": True}}))
    second = open_project(packed, tmp_path / "scratch")
    assert second["packages"]["refusedScripts"] == []
    assert (packed / "node_modules" / "tiny" / "built").exists()


def test_a_package_file_that_is_missing_is_named(packed: Path, tmp_path: Path) -> None:
    (packed / "vendor" / "tiny-1.0.0.tgz").unlink()
    answer = open_project(packed, tmp_path / "scratch")
    assert answer["code"] == "install"
    assert "vendor/tiny-1.0.0.tgz" in answer["error"]
    assert not (packed / "node_modules").exists()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "package.json is not valid JSON"),
        ("[]", "package.json is not a JSON object"),
        ("null", "package.json is not a JSON object"),
    ],
)
def test_a_broken_manifest_is_named(tmp_path: Path, text: str, part: str) -> None:
    root = copy_starter(tmp_path / "project")
    (root / "package.json").write_text(text)
    answer = open_project(root, tmp_path / "scratch")
    assert (answer["code"], part in answer["error"]) == ("config", True)


@pytest.mark.parametrize(
    ("lock", "text", "fault"),
    [
        ("package-lock.json", "{ not JSON", "package-lock.json is not valid JSON: "),
        ("npm-shrinkwrap.json", "\n", "npm-shrinkwrap.json is empty"),
        ("package-lock.json", "{\n<<<<<<< HEAD\n", "has a merge conflict in line 2"),
        ("pnpm-lock.yaml", "", "pnpm-lock.yaml is empty"),
        ("yarn.lock", "# yarn lockfile v1\n<<<<<<< a\n", "has a merge conflict in line 2"),
        ("bun.lock", " ", "bun.lock is empty"),
    ],
)
def test_a_lock_file_that_cannot_be_read_is_an_error_and_stays(
    tmp_path: Path, lock: str, text: str, fault: str
) -> None:
    """npm would take it for none, and write another in its place."""
    repo = make_site(tmp_path / "repo", {"dependencies": {"nanoid": "5.0.0"}})
    (repo / lock).write_text(text)
    answer = open_project(repo, tmp_path / "scratch")
    assert (answer["code"], fault in answer["error"]) == ("install", True), answer
    assert lock in answer["fix"]
    assert (repo / lock).read_text() == text


def test_a_lock_file_out_of_step_is_told_in_npms_own_words(tmp_path: Path) -> None:
    """Case `lock-out-of-step`: npm closes with its usage text, which is not the cause."""
    lock = {"name": "site", "lockfileVersion": 3, "packages": {"": {"name": "site"}}}
    repo = write(
        make_site(tmp_path / "project", {"dependencies": {"nanoid": "5.0.0"}}),
        {"package-lock.json": lock},
    )
    answer = open_project(repo, tmp_path / "scratch")
    assert "Missing: nanoid@5.0.0 from lock file" in answer["error"], answer
    assert "Usage" not in answer["error"]
    assert "npm install" in answer["fix"]


def test_an_engine_that_is_not_here_is_told_and_does_not_stop_the_site(tmp_path: Path) -> None:
    """Case `engine-strict`, with packages to install."""
    root = {"name": "site", "dependencies": {"nanoid": "5.0.0"}, "engines": {"node": "22.x"}}
    lock = {**NPM_LOCK, "packages": {**NPM_LOCK["packages"], "": root}}
    site = make_site(
        tmp_path / "project", {"engines": {"node": "22.x"}, "dependencies": {"nanoid": "5.0.0"}}
    )
    repo = write(site, {".npmrc": "engine-strict=true\n", "package-lock.json": lock})
    answer = open_project(repo, tmp_path / "scratch")
    assert answer.get("error") is None, answer
    assert any("asks for Node.js 22.x" in line for line in answer["log"])


@pytest.mark.parametrize(
    ("files", "manifest", "asks"),
    [
        ({".nvmrc": "v18.19.0\n"}, {}, [".nvmrc asks for Node.js 18"]),
        ({".node-version": "20"}, {}, [".node-version asks for Node.js 20"]),
        ({}, {"volta": {"node": "22.1.0"}}, ["package.json asks for Node.js 22"]),
        ({".nvmrc": "lts/iron", ".node-version": "24.0.0"}, {"engines": {"node": ">=18"}}, []),
        ({".nvmrc": "\x00"}, {"engines": {"node": {}}}, []),
    ],
)
def test_a_release_of_node_that_other_tools_choose_is_named(
    tmp_path: Path, files: dict[str, str], manifest: dict[str, Any], asks: list[str]
) -> None:
    repo = write(make_site(tmp_path / "project", manifest), files)
    answer = open_project(repo, tmp_path / "scratch")
    assert answer.get("error") is None, answer
    lines = [
        line.removeprefix("info: ").removeprefix("warn: ")
        for line in answer["log"]
        if "asks for Node.js" in line
    ]
    assert [line.partition(";")[0] for line in lines] == asks


@pytest.mark.parametrize(
    ("files", "manifest", "manager", "version"),
    [
        ({"package-lock.json": NPM_LOCK}, {}, "npm", None),
        ({"pnpm-lock.yaml": PNPM_LOCK_6}, {}, "pnpm", "8."),
        ({}, {"packageManager": "pnpm@10.34.8"}, "pnpm", "10.34.8"),
        ({}, {"packageManager": "yarn@1.22.22"}, "yarn", "1.22.22"),
        ({}, {"packageManager": "yarn@4.18.1"}, "yarn", "4.18.1"),
        ({}, {"packageManager": "bun@1.4.4"}, "bun", "1.4.4"),
    ],
    ids=["npm", "pnpm-lock-6", "pnpm", "yarn-classic", "yarn-berry", "bun"],
)
def test_each_manager_installs_with_its_own_tool(
    tmp_path: Path,
    files: dict[str, Any],
    manifest: dict[str, Any],
    manager: str,
    version: str | None,
) -> None:
    """Real tools from the registry, each held against its hash, and one small package."""
    repo = write(
        make_site(tmp_path / "project", {"dependencies": {"nanoid": "5.0.0"}, **manifest}), files
    )
    answer = open_project(repo, tmp_path / "scratch")
    assert answer.get("error") is None, answer
    assert answer["packages"]["manager"] == manager
    assert answer["packages"]["version"].startswith(version or "")
    assert (
        json.loads((repo / "node_modules" / "nanoid" / "package.json").read_text())["version"]
        == "5.0.0"
    )


def test_a_tool_that_is_not_what_package_manager_names_is_refused(tmp_path: Path) -> None:
    repo = make_site(
        tmp_path / "project",
        {"packageManager": "yarn@1.22.22+sha512." + "0" * 128, "dependencies": {"nanoid": "5.0.0"}},
    )
    answer = open_project(repo, tmp_path / "scratch")
    assert answer["code"] == "install"
    assert "yarn 1.22.22" in answer["error"]
    assert "EINTEGRITY" in answer["error"]


def test_what_another_session_put_into_the_shared_content_is_not_believed(tmp_path: Path) -> None:
    """Sessions share downloads by content: a file that was altered does not reach the
    next session.
    """
    first = write(
        make_site(tmp_path / "one", {"dependencies": {"nanoid": "5.0.0"}}),
        {"package-lock.json": NPM_LOCK},
    )
    second = write(
        make_site(tmp_path / "two", {"dependencies": {"nanoid": "5.0.0"}}),
        {"package-lock.json": NPM_LOCK},
    )
    assert open_project(first, tmp_path / "scratch-one").get("error") is None
    content = [file for file in (tmp_path / "shared" / "npm-content").rglob("*") if file.is_file()]
    assert content
    for file in content:
        file.write_bytes(b"poison" + file.read_bytes())
    answer = open_project(second, tmp_path / "scratch-two")
    assert answer.get("error") is None, answer
    for name in ("index.js", "package.json"):
        assert (second / "node_modules" / "nanoid" / name).read_bytes() == (
            first / "node_modules" / "nanoid" / name
        ).read_bytes()


def test_an_installation_has_a_time_limit(tmp_path: Path) -> None:
    """A registry that accepts and never answers; and the lock file names another place."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        registry = f"http://127.0.0.1:{server.getsockname()[1]}/"
        place = registry.replace("127.0.0.1", "localhost")
        lock = json.loads(json.dumps(NPM_LOCK))
        lock["packages"]["node_modules/nanoid"]["resolved"] = f"{place}nanoid/-/nanoid-5.0.0.tgz"
        repo = write(
            make_site(tmp_path / "project", {"dependencies": {"nanoid": "5.0.0"}}),
            {"package-lock.json": lock},
        )
        answer = open_project(
            repo,
            tmp_path / "scratch",
            environment={"npm_config_registry": registry},
            limitSeconds=3,
        )
    assert answer["code"] == "install"
    assert "after 3 s" in answer["error"]
    assert f"registry and {place[7:-1]}, which package-lock.json names," in answer["fix"]
    assert len(answer["progress"]) >= 3


def test_an_edited_manifest_is_installed_while_the_site_runs(packed: Path, tmp_path: Path) -> None:
    """A package is added, with the lock file left behind; then the manifest breaks, heals, and asks
    for what is not there.
    """
    tarball(
        packed / "vendor" / "more-1.0.0.tgz",
        {"package.json": '{"name": "more", "version": "1.0.0"}', "index.js": ""},
    )
    both = (
        '"dependencies": {"tiny": "file:vendor/tiny-1.0.0.tgz", "more":'
        ' "file:vendor/more-1.0.0.tgz"}'
    )
    missing = '{"name": "site", "dependencies": {"none": "file:vendor/none-1.0.0.tgz"}}'
    edits = [
        f'{{"name": "site", {both}}}',
        "{",
        f'{{"name": "site", {both}, "version": "2"}}',
        missing,
    ]
    heard = watch_project(packed, tmp_path / "scratch", edits)
    assert [kind for kind, _ in heard] == ["restart", "error", "restart", "error"]
    assert "package.json is not valid JSON" in heard[1][1]
    assert "vendor/none-1.0.0.tgz, which does not exist" in heard[3][1]
    assert '"more"' in (packed / "package-lock.json").read_text()
