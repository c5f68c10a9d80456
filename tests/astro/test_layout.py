"""Where the site is in its repository, and what its owner's scripts do before Astro
starts (S27).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .driver import ASTRO_DIR
from .packages import make_site, node, open_project, write

ASTRO = f"link:{ASTRO_DIR / 'node_modules' / 'astro'}"
COMMAND = """
import { astroCommand } from %(folder)s;
console.log(JSON.stringify(astroCommand(JSON.parse(process.argv[1]))));
"""
MANAGER = """
import { managerOf } from %(folder)s;
console.log(JSON.stringify(managerOf(process.argv[1])));
"""
ALLOWED = """
import { allowedScripts } from %(folder)s;
const [root, ...packages] = process.argv.slice(1);
const allowed = allowedScripts(root);
console.log(JSON.stringify(packages.map((spec) => allowed(...spec.split("@")) ?? null)));
"""


def test_the_root_is_the_site_when_it_is_one(tmp_path: Path) -> None:
    repo = make_site(tmp_path / "repo", {})
    make_site(repo / "examples" / "other", {"dependencies": {"astro": "*"}})
    assert open_project(repo, tmp_path / "scratch")["site"] == str(repo)


def test_the_only_folder_with_a_site_is_found(tmp_path: Path) -> None:
    """Case `site-in-subfolder`."""
    repo = write(
        tmp_path / "repo",
        {"package.json": {"private": True}, "docs/astro.config.mjs": "export default {};\n"},
    )
    assert open_project(repo, tmp_path / "scratch")["site"] == str(repo / "docs")


def test_fixtures_and_packages_are_no_sites(tmp_path: Path) -> None:
    config = "export default {};\n"
    names = (
        "docs",
        "packages/x/__tests__/a",
        "tests/b",
        "node_modules/c",
        ".cache/d",
        "packages/x/fixtures/e",
    )
    repo = write(tmp_path / "repo", {f"{name}/astro.config.mjs": config for name in names})
    assert open_project(repo, tmp_path / "scratch")["site"] == str(repo / "docs")


def test_of_several_sites_one_is_asked_for_by_name(tmp_path: Path) -> None:
    config = "export default {};\n"
    repo = write(
        tmp_path / "repo", {"docs/astro.config.mjs": config, "apps/web/astro.config.ts": config}
    )
    answer = open_project(repo, tmp_path / "scratch")
    assert answer["code"] == "config"
    assert "2 Astro sites: apps/web, docs" in answer["error"]
    assert '"root": "apps/web"' in answer["fix"]
    assert open_project(repo, tmp_path / "scratch", root="docs")["site"] == str(repo / "docs")


@pytest.mark.parametrize("wanted", ["../outside", "/etc", "missing", "link", "docs/../../outside"])
def test_a_folder_that_is_not_in_the_repository_is_refused(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "outside").mkdir()
    repo = write(tmp_path / "repo", {"docs/astro.config.mjs": "export default {};\n"})
    (repo / "link").symlink_to(tmp_path / "outside")
    answer = open_project(repo, tmp_path / "scratch", root=wanted)
    assert answer["code"] == "config"
    assert json.dumps(wanted) in answer["error"]


def test_a_repository_without_a_site_says_so(tmp_path: Path) -> None:
    answer = open_project(write(tmp_path / "repo", {"README.md": "x"}), tmp_path / "scratch")
    assert (answer["code"], "no Astro site" in answer["error"]) == ("config", True)


@pytest.mark.parametrize(
    "manager", ["pnpm@10.34.8", "yarn@1.22.22", "yarn@4.18.1", "bun@1.4.4", "npm"]
)
def test_a_workspace_is_installed_at_its_root_and_leads_to_the_sources(
    tmp_path: Path, manager: str
) -> None:
    """Case `workspace`: the site's package of the same repository is the repository's own folder,
    so that an edit of it shows.
    """
    berry = manager.startswith(("pnpm", "yarn@4", "bun"))
    root: dict[str, Any] = {"name": "root", "private": True, "workspaces": ["web", "libs/*"]}
    files: dict[str, Any] = {
        "package.json": root if manager == "npm" else {**root, "packageManager": manager},
        "libs/words/package.json": {
            "name": "words",
            "version": "1.0.0",
            "exports": "./index.js",
            "dependencies": {"nanoid": "5.0.0"},
        },
        "libs/words/index.js": "export default 'from the workspace';\n",
        "web/package.json": {
            "name": "web",
            "private": True,
            "dependencies": {"words": "workspace:*" if berry else "1.0.0"},
        },
        "web/astro.config.mjs": "export default {};\n",
    }
    if manager.startswith("pnpm"):
        files["pnpm-workspace.yaml"] = "packages:\n  - web\n  - libs/*\n"
        del files["package.json"]["workspaces"]
    repo = write(tmp_path / "repo", files)
    answer = open_project(repo, tmp_path / "scratch")
    assert answer.get("error") is None, answer
    assert answer["site"] == str(repo / "web")
    assert answer["packages"]["manager"] == manager.split("@")[0]
    places = [repo / "web" / "node_modules" / "words", repo / "node_modules" / "words"]
    assert {place.resolve() for place in places if place.exists()} == {repo / "libs" / "words"}
    nanoid = [folder / "node_modules" / "nanoid" for folder in (repo / "libs" / "words", repo)]
    assert any((place / "package.json").is_file() for place in nanoid)
    assert not (repo / "node_modules" / "nanoid").resolve().is_relative_to(repo)


def test_a_package_of_the_repository_is_found(tmp_path: Path) -> None:
    """Case `file-dependency`."""
    repo = make_site(tmp_path / "repo", {"dependencies": {"mylib": "file:./mylib"}})
    write(
        repo,
        {
            "mylib/package.json": {"name": "mylib", "version": "1.0.0", "main": "i.js"},
            "mylib/i.js": "export default 'lib';\n",
        },
    )
    answer = open_project(repo, tmp_path / "scratch")
    assert answer.get("error") is None, answer
    assert (repo / "node_modules" / "mylib").resolve() == repo / "mylib"


def test_a_package_outside_the_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    repo = make_site(tmp_path / "repo", {"dependencies": {"other": "file:../other"}})
    answer = open_project(repo, tmp_path / "scratch")
    assert answer["code"] == "install"
    assert "outside the repository" in answer["error"]


def test_what_the_owners_scripts_make_is_there(tmp_path: Path) -> None:
    """Case `generated-files`: `postinstall`, `prepare`, `predev` and the start of the dev script;
    the first two once.
    """
    log = (
        "node -e \"require('fs').appendFileSync('ran.txt', process.env.npm_lifecycle_event + ' ' +"
        " process.argv[1] + '\\n')\""
    )
    scripts = {
        "postinstall": f"{log} a",
        "prepare": f"{log} b",
        "predev": f"{log} c",
        "gen": f"{log} d",
        "dev": f"npm run gen && FLAG=1 {log} e && astro dev",
    }
    repo = make_site(tmp_path / "repo", {"scripts": scripts})
    answer = open_project(repo, tmp_path / "scratch")
    assert answer["packages"]["failedScripts"] == []
    assert (repo / "ran.txt").read_text() == "postinstall a\nprepare b\ndev c\ngen d\ndev e\n"
    open_project(repo, tmp_path / "scratch")
    assert (repo / "ran.txt").read_text().count("\n") == 8


def test_a_script_that_fails_is_named_and_the_site_starts(tmp_path: Path) -> None:
    repo = make_site(
        tmp_path / "repo",
        {
            "scripts": {
                "postinstall": "echo why >&2; exit 3",
                "dev": "nonsense-program && astro dev",
            }
        },
    )
    answer = open_project(repo, tmp_path / "scratch")
    assert answer.get("error") is None
    assert (
        answer["packages"]["failedScripts"][0]
        == "the postinstall script of package.json ended with 3: why"
    )
    assert "nonsense-program" in answer["packages"]["failedScripts"][1]


def test_what_runs_beside_astro_runs_until_the_session_ends(tmp_path: Path) -> None:
    beside = "node -e \"setInterval(() => require('fs').appendFileSync('beat.txt', '.'), 20)\""
    repo = make_site(tmp_path / "repo", {"scripts": {"dev": f"{beside} & astro dev"}})
    answer = open_project(repo, tmp_path / "scratch", linger=600)
    assert answer.get("error") is None
    size = (repo / "beat.txt").stat().st_size
    assert size > 0
    assert (repo / "beat.txt").stat().st_size == size


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("astro dev", {}),
        ("astro dev --port 3000 --open", {"options": {"port": "3000", "open": True}}),
        ("node a.js && astro dev", {"before": ["node a.js"]}),
        ("a && b; c && npx astro dev", {"before": ["a && b ; c"]}),
        ("astro check --watch & astro dev", {"beside": ["astro check --watch"]}),
        ("cross-env A=1 B='x y' astro dev", {"variables": {"A": "1", "B": "x y"}}),
        ('concurrently "x --watch" "y && astro dev"', {"before": ["y"], "beside": ["x --watch"]}),
        ("run-p watch:* site", {"beside": ["npm run watch:css"]}),
        ("run-s gen site", {"before": ["npm run gen"]}),
        ("bunx --bun astro dev", {}),
        ("pnpm astro dev --root docs", {"options": {"root": "docs"}}),
        ("node --import ./x.mjs node_modules/astro/astro.js dev", {}),
        ("cd docs && astro dev", {"before": ["cd docs"], "options": {"root": "docs"}}),
        ("dotenv -e .env -- astro dev", {"wrapper": "dotenv"}),
        ("turbo run dev", {"found": False, "unknown": "turbo run dev"}),
        ("npm run dev", {"found": False, "unknown": "npm run dev"}),
    ],
)
def test_the_dev_script_is_taken_apart(script: str, expected: dict[str, Any]) -> None:
    scripts = {"dev": script, "gen": "make", "site": "astro dev", "watch:css": "css"}
    nothing = {
        "script": "dev",
        "found": True,
        "before": [],
        "beside": [],
        "after": [],
        "options": {},
        "variables": {},
    }
    assert node(COMMAND, "devscript.mjs", json.dumps({"scripts": scripts})) == {
        **nothing,
        **expected,
    }


@pytest.mark.parametrize(
    ("files", "manifest", "expected"),
    [
        ({"package-lock.json": "{}"}, {}, ("npm", "own")),
        ({"pnpm-lock.yaml": "lockfileVersion: 5.4\n"}, {}, ("pnpm", "7")),
        ({"pnpm-lock.yaml": "lockfileVersion: '6.0'\n"}, {}, ("pnpm", "8")),
        ({"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}, {}, ("pnpm", "10")),
        (
            {"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"},
            {"packageManager": "pnpm@9.15.0"},
            ("pnpm", "9.15.0"),
        ),
        ({"yarn.lock": "# yarn lockfile v1\n"}, {}, ("yarn", "1")),
        ({"yarn.lock": "__metadata:\n  version: 6\n"}, {}, ("yarn", "3")),
        (
            {"yarn.lock": "__metadata:\n  version: 8\n"},
            {"packageManager": "yarn@4.5.0"},
            ("yarn", "4.5.0"),
        ),
        ({"bun.lock": "{}"}, {}, ("bun", "1")),
        ({"pnpm-workspace.yaml": "packages: [a]\n"}, {}, ("pnpm", "10")),
        ({}, {"dependencies": {"x": "workspace:*"}}, ("pnpm", "10")),
        ({}, {}, ("npm", "own")),
    ],
)
def test_the_lock_file_decides_the_package_manager(
    tmp_path: Path, files: dict[str, str], manifest: dict[str, Any], expected: tuple[str, str]
) -> None:
    write(tmp_path, {"package.json": manifest, **files})
    answer = node(MANAGER, "managers.mjs", str(tmp_path))
    assert (answer["name"], answer["tool"]["version"]) == expected


def test_of_two_lock_files_the_one_in_step_is_used(tmp_path: Path) -> None:
    stale = {"lockfileVersion": 3, "packages": {"": {"dependencies": {"nanoid": "4.0.0"}}}}
    lock = (
        "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      nanoid:\n       "
        " specifier: 5.0.0\n        version: 5.0.0\n"
    )
    write(
        tmp_path,
        {
            "package.json": {"dependencies": {"nanoid": "5.0.0"}},
            "package-lock.json": stale,
            "pnpm-lock.yaml": lock,
        },
    )
    answer = node(MANAGER, "managers.mjs", str(tmp_path))
    assert answer["lock"] == "pnpm-lock.yaml"
    assert "in step" in answer["notes"][0]


def test_every_managers_list_of_allowed_scripts_is_honoured(tmp_path: Path) -> None:
    manifest = {
        "pnpm": {"onlyBuiltDependencies": ["a"], "neverBuiltDependencies": ["b"]},
        "allowScripts": {"c": True, "d@1.2.3": True, "e": False, "f@1.0.0 || 2.0.0": True},
        "trustedDependencies": ["g"],
        "dependenciesMeta": {"h": {"built": True}},
        "lavamoat": {"allowScripts": {"x>i": True}},
    }
    write(
        tmp_path,
        {
            "package.json": manifest,
            "pnpm-workspace.yaml": "allowBuilds:\n  j: true\n  k: false\n  '@s/l': true\n",
        },
    )
    packages = [
        "a@1.0.0",
        "b@1.0.0",
        "c@9.9.9",
        "d@1.2.3",
        "d@1.2.4",
        "e@1.0.0",
        "f@2.0.0",
        "g@1.0.0",
        "h@1.0.0",
        "i@1.0.0",
        "j@1.0.0",
        "k@1.0.0",
        "z@1.0.0",
    ]
    answer = node(ALLOWED, "lifecycle.mjs", str(tmp_path), *packages)
    assert answer == [
        True,
        False,
        True,
        True,
        None,
        False,
        True,
        True,
        True,
        True,
        True,
        False,
        None,
    ]
