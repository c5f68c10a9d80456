"""Runs the runner's package modules in Node.js, without a dev server, and makes small projects for
them.
"""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.node import recording

from .driver import ASTRO_DIR, NODE

OPEN = """
import { openProject } from %(folder)s;
const options = JSON.parse(process.argv[1]);
const told = { progress: [], log: [] };
try {
  const project = await openProject({
    ...options,
    onProgress: (detail) => told.progress.push(detail),
    log: (level, text) => told.log.push(`${level}: ${text}`),
  });
  await new Promise((resolve) => setTimeout(resolve, options.linger ?? 0));
  project.stop();
  console.log(JSON.stringify({ ...told, site: project.site, packages: project.packages, command: project.command }));
} catch (error) {
  console.log(JSON.stringify({ ...told, error: error.message, fix: error.fix, code: error.code, stack: error.stack }));
}
"""
NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
PASSED_ON = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "npm_config_registry")


def node(
    script: str,
    module: str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = 240,
) -> Any:
    """Run a module script that imports `%(folder)s`, a module of the runner's packages folder; the
    JSON that it prints.
    """
    text = script % {"folder": json.dumps((ASTRO_DIR / "lib" / "packages" / module).as_uri())}
    command: list[str | Path] = [NODE, "--input-type=module", "-e", text, *arguments]
    variables = {"PATH": "/usr/bin:/bin", **recording(), **(environment or {})}
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def open_project(
    repo: Path,
    scratch: Path,
    *,
    environment: Mapping[str, str] | None = None,
    bundled: Path = ASTRO_DIR / "node_modules",
    **more: Any,
) -> dict[str, Any]:
    """What the runner does with a repository before it starts Astro. `HOME` is the test's own."""
    import os

    settings = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    home = scratch.parent / "home"
    home.mkdir(exist_ok=True)
    options = {
        "repo": str(repo),
        "scratch": str(scratch),
        "shared": str(scratch.parent / "shared"),
        "bundled": str(bundled),
        "limitSeconds": 900,
        **more,
    }
    answer: dict[str, Any] = node(
        OPEN,
        "project.mjs",
        json.dumps(options),
        environment={"HOME": str(home), **settings, **(environment or {})},
    )
    return answer


def make_site(repo: Path, manifest: Mapping[str, Any] | None = None, **files: str) -> Path:
    """A site with one page. `files` are further ones, by path with `__` for `/`."""
    page = repo / "src" / "pages" / "index.astro"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("<h1>Hello</h1>\n")
    if manifest is not None:
        (repo / "package.json").write_text(
            json.dumps({"name": "site", "private": True, "type": "module", **manifest})
        )
    for name, text in files.items():
        file = repo / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return repo


def write(repo: Path, files: Mapping[str, str | Mapping[str, Any]]) -> Path:
    """Files of a repository by path; a mapping is written as JSON."""
    for name, content in files.items():
        file = repo / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))
    return repo


def tarball(to: Path, files: Mapping[str, str]) -> Path:
    """An npm package as a file, so that no registry is needed."""
    with tarfile.open(to, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return to


def lock_with_npm(repo: Path) -> None:
    """Make the project's package-lock.json, offline."""
    subprocess.run(
        [NODE, NPM, "install", "--package-lock-only", "--offline", "--no-audit", "--no-fund"],
        cwd=repo,
        check=True,
        capture_output=True,
        env={"PATH": f"{NODE.parent}:/usr/bin:/bin", "HOME": str(repo.parent)},
    )


WATCH = """
import { writeFileSync } from "node:fs";
import { openProject } from %(folder)s;
const { edits, ...options } = JSON.parse(process.argv[1]);
const project = await openProject(options);
const heard = [];
let next = () => {};
const tell = (kind, text) => { heard.push([kind, text]); next(); };
const watch = project.watch({
  onProgress: () => {},
  onError: (error) => tell(error ? "error" : "healed", error?.message ?? ""),
  onRestart: () => tell("restart", ""),
});
for (const text of edits) {
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const answered = new Promise((resolve) => { next = resolve; });
  writeFileSync(`${options.repo}/package.json`, text);
  watch.notice(`${options.repo}/package.json`);
  await answered;
}
watch.stop();
project.stop();
console.log(JSON.stringify(heard));
"""


def watch_project(repo: Path, scratch: Path, edits: list[str]) -> list[list[str]]:
    """Write each text into package.json while the project is watched; `[kind, message]` of what was
    heard of each.
    """
    home = scratch.parent / "home"
    home.mkdir(exist_ok=True)
    options = {
        "repo": str(repo),
        "scratch": str(scratch),
        "bundled": str(ASTRO_DIR / "node_modules"),
        "limitSeconds": 900,
        "edits": edits,
    }
    heard: list[list[str]] = node(
        WATCH, "project.mjs", json.dumps(options), environment={"HOME": str(home)}, seconds=120
    )
    return heard
