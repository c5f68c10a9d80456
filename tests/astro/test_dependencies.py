"""Where a project's packages come from: the runner's own, the project's own, or an installation by lock file (S5)."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from .driver import ASTRO_DIR, NODE, copy_starter

NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
ATTACH = """
import { attachDependencies } from %(module)s;
const [root, scratch, bundled] = process.argv.slice(1);
const progress = [];
try {
  const folder = await attachDependencies({ root, scratch, bundled, onProgress: (detail) => progress.push(detail) });
  console.log(JSON.stringify({ folder, progress }));
} catch (error) {
  console.log(JSON.stringify({ error: error.message, fix: error.fix, code: error.code }));
}
"""
MANAGER = """
import { managerOf } from %(module)s;
console.log(JSON.stringify(managerOf(process.argv[1]) ?? null));
"""


def node(script: str, module: str, *arguments: Path, environment: dict[str, str] | None = None) -> dict[str, object]:
    """Run a module script and read the JSON that it prints."""
    text = script % {"module": json.dumps((ASTRO_DIR / "lib" / module).as_uri())}
    command: list[str | Path] = [NODE, "--input-type=module", "-e", text, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={"PATH": "/usr/bin:/bin", **(environment or {})})
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def attach(root: Path, scratch: Path) -> dict[str, object]:
    return node(ATTACH, "dependencies.mjs", root, scratch, ASTRO_DIR / "node_modules", environment={"HOME": str(scratch.parent)})


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A project with a lock file whose one package is a tarball on this disk, so that no registry is needed."""
    tarball = tmp_path / "tiny-1.0.0.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        for name, text in (("package.json", '{"name": "tiny", "version": "1.0.0"}'), ("index.js", "module.exports = 1;")):
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    root = tmp_path / "project"
    root.mkdir()
    (root / "package.json").write_text(json.dumps({"name": "site", "private": True, "dependencies": {"tiny": f"file:{tarball}"}}))
    subprocess.run(
        [NODE, NPM, "install", "--package-lock-only", "--offline", "--no-audit", "--no-fund"],
        cwd=root,
        check=True,
        capture_output=True,
        env={"PATH": f"{NODE.parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    return root


def test_the_starter_uses_what_comes_with_the_runner(tmp_path: Path) -> None:
    root = copy_starter(tmp_path / "project")
    answer = attach(root, tmp_path / "scratch")
    assert answer["progress"] == []
    assert (root / "node_modules" / "astro").resolve() == (ASTRO_DIR / "node_modules" / "astro").resolve()


def test_packages_of_a_lock_file_are_installed_once_on_local_disk(packed: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    first = attach(packed, scratch)
    assert first["progress"]
    assert (packed / "node_modules").is_symlink()
    assert (packed / "node_modules" / "tiny" / "index.js").resolve() == scratch / "dependencies" / "node_modules" / "tiny" / "index.js"
    assert attach(packed, scratch)["progress"] == []


def test_another_scratch_folder_takes_the_link_over(packed: Path, tmp_path: Path) -> None:
    """A session that moved to another task finds a link that leads nowhere there."""
    attach(packed, tmp_path / "one")
    attach(packed, tmp_path / "two")
    assert (packed / "node_modules" / "tiny").resolve().is_relative_to(tmp_path / "two")


def test_a_folder_that_the_project_brings_is_left_alone(tmp_path: Path) -> None:
    root = copy_starter(tmp_path / "project")
    own = root / "node_modules" / "mine"
    own.mkdir(parents=True)
    assert attach(root, tmp_path / "scratch")["folder"] == str(root / "node_modules")
    assert own.is_dir()
    assert not (root / "node_modules").is_symlink()


def test_a_failed_installation_says_what_the_package_manager_said(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny-1.0.0.tgz").unlink()
    answer = attach(packed, tmp_path / "scratch")
    assert answer["code"] == "install"
    assert "tiny-1.0.0.tgz" in str(answer["error"])
    assert "package-lock.json" in str(answer["fix"])
    assert not (packed / "node_modules").exists()


def test_a_broken_manifest_is_named(tmp_path: Path) -> None:
    root = copy_starter(tmp_path / "project")
    (root / "package.json").write_text("{")
    assert attach(root, tmp_path / "scratch")["code"] == "config"


@pytest.mark.parametrize(
    ("lock", "text", "wanted", "expected"),
    [
        ("package-lock.json", "{}", None, ["npm", "ci"]),
        ("pnpm-lock.yaml", "", None, ["pnpm", "--package=pnpm@10.34.8"]),
        ("pnpm-lock.yaml", "", "pnpm@9.15.0", ["pnpm", "--package=pnpm@9.15.0"]),
        ("yarn.lock", "# THIS IS AN AUTOGENERATED FILE.\n# yarn lockfile v1\n", None, ["yarn", "--package=yarn@1.22.22"]),
        ("yarn.lock", "__metadata:\n  version: 8\n", "yarn@4.5.0", ["yarn", "--package=@yarnpkg/cli-dist@4.5.0"]),
    ],
)
def test_the_lock_file_decides_the_package_manager(tmp_path: Path, lock: str, text: str, wanted: str | None, expected: list[str]) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"packageManager": wanted} if wanted else {}))
    (tmp_path / lock).write_text(text)
    manager = node(MANAGER, "install.mjs", tmp_path)
    arguments = manager["arguments"]
    assert isinstance(arguments, list)
    assert manager["name"] == expected[0]
    assert expected[1] in arguments
    assert "--ignore-scripts" in arguments or "--mode=skip-build" in arguments
