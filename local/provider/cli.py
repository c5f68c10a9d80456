"""Drive the real engine offline: the `pulumi` command line with our providers, a backend in a
folder and the policy pack.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from local import config as stack_config
from local import policies
from local.engine import ROOT, Deployment, read_config
from local.errors import LocalError
from local.model import Cloud
from local.monitor import STACK, Resource
from local.provider.events import document, errors
from local.provider.server import serve
from local.pulumi_cli import INSTALL, search_path
from local.values import SECRET, SIGNATURE, Secret
from policy.reports import EventLogError, diagnostics_of, from_event_log, write

POLICY = ROOT / "policy"
CHANGING: Final = ("up", "refresh", "destroy")
"""Operations that write the state and the pretend cloud: one at a time."""
DRIFT: Final = ("preview", "--refresh", "--expect-no-changes", "--diff")


class EngineMissing(LocalError):
    """No `pulumi` command is on PATH."""


class EngineBusy(LocalError):
    """Another process changes the same pretend cloud."""


def executable() -> str:
    """The `pulumi` command. Raises `EngineMissing` that says how to get it."""
    if found := shutil.which("pulumi"):
        return found
    raise EngineMissing(
        f"ENGINE=pulumi needs the Pulumi CLI, which is not on PATH; install it ({INSTALL}), or"
        " leave ENGINE out to run without it"
    )


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A file backend and a pretend cloud under `directory`; the checkout is not written to.

    The project's files, which hold one run's configuration, are in a folder of this object's own,
    so that two runs in one checkout do not read each other's.
    """

    directory: Path
    root: Path = ROOT
    python: str = sys.executable
    _scratch: list[Path] = field(default_factory=list, init=False, repr=False, compare=False)

    def prepare(self, stack: str, config: Mapping[str, object] | None = None) -> None:
        """Write the project's file and the stack's configuration, and create the stack when it does
        not exist.

        Raises `ConfigError` for overrides that are not of their declared types.
        """
        project: dict[str, Any] = yaml.safe_load((self.root / "Pulumi.yaml").read_text())
        project["main"] = str(self.root)
        if _runtime(project) == "python":
            options = {"toolchain": "pip", "virtualenv": str(Path(self.python).parent.parent)}
            project["runtime"] = {"name": "python", "options": options}
        (self.directory / "state").mkdir(parents=True, exist_ok=True)
        (self._project / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
        given: dict[str, Any] = yaml.safe_load(self._stack_file(stack)) or {}
        try:
            overrides = stack_config.typed(self.root, config or {})
        except stack_config.ConfigError:
            read_config(self.root, stack, config)  # its error names all that is wrong
            raise
        given["config"] = {**(given.get("config") or {}), **overrides}
        secrets = _without_secrets(given)
        salt = self.directory / f"{stack}.salt"
        if salt.is_file():
            given["encryptionsalt"] = salt.read_text()
        file = self._project / f"Pulumi.{stack}.yaml"
        file.write_text(yaml.safe_dump(given, sort_keys=False))
        if not salt.is_file():
            self._create(stack, file, salt)
        if secrets:
            values = [
                part for key in secrets for part in ("--secret", f"{key}={stack_config.ENCRYPTED}")
            ]
            self.run(["config", "set-all", "--stack", stack, *values], quiet=True)

    def _stack_file(self, stack: str) -> str:
        file = self.root / f"Pulumi.{stack}.yaml"
        if not file.is_file():
            known = sorted(path.name.split(".")[1] for path in self.root.glob("Pulumi.*.yaml"))
            raise stack_config.ConfigError(
                f"there is no stack {stack!r}: {file.name} is missing. Known stacks:"
                f" {', '.join(known) or 'none'}"
            )
        return file.read_text()

    def _create(self, stack: str, file: Path, salt: Path) -> None:
        """Create the stack, and keep the salt of its secrets for the next run's `file`."""
        with (self.directory / "creating").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not salt.is_file():  # another process may have created it meanwhile
                self.run(["stack", "init", "--no-select", stack], quiet=True)
                salt.write_text(yaml.safe_load(file.read_text())["encryptionsalt"])
                return
        content = yaml.safe_load(file.read_text())
        file.write_text(
            yaml.safe_dump({**content, "encryptionsalt": salt.read_text()}, sort_keys=False)
        )

    def run(
        self,
        arguments: Sequence[str],
        *,
        providers: str = "",
        quiet: bool = False,
        capture: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """`pulumi ARGUMENTS…` in the project, its output shown or captured. With `quiet`, a failure
        raises `LocalError`.
        """
        result = subprocess.run(
            [executable(), *arguments, "--non-interactive"],
            cwd=self._project,
            env=environment(self.directory, providers, self.python),
            capture_output=quiet or capture,
            text=True,
            check=False,
        )
        if quiet and result.returncode != 0:
            raise LocalError(
                f"pulumi {' '.join(arguments)} failed: {(result.stderr or result.stdout).strip()}"
            )
        return result

    def preview(self, stack: str, report: Path | None) -> int:
        """`pulumi preview`, with `preview.json` and the pack's reports in `report`; the exit code
        is at least 1 when the pack refuses.

        Raises `LocalError` when the command failed before it was done.
        """
        if report is None:
            return self.operate("preview", stack).returncode
        log = self.events
        log.unlink(missing_ok=True)
        began = time.monotonic()
        result = self.operate("preview", stack, "--event-log", str(log))
        seconds = time.monotonic() - began
        with policies.start(stack, "astro-live", self.policy) as analyzer:
            pack, settings = analyzer.info(), analyzer.settings()
        disabled = sorted(name for name, setting in settings.items() if setting.level == "disabled")
        try:
            found = from_event_log(log, pack, disabled=disabled)
            content = document(log, stack, diagnostics_of(log, pack), seconds)
        except EventLogError as error:
            raise LocalError(errors(log) or str(error)) from error
        if (
            result.returncode != 0 and not found.blocks
        ):  # what was not judged to its end must not pass for clean
            raise LocalError(errors(log) or f"pulumi preview exited with {result.returncode}")
        report.mkdir(parents=True, exist_ok=True)
        (report / "preview.json").write_text(json.dumps(content, indent=2) + "\n")
        files = [report / "preview.json", *write(found, report)]
        print("reports:", ", ".join(map(str, files)))
        return max(result.returncode, 1 if found.blocks else 0)

    def operate(
        self, operation: str, stack: str, *options: str, capture: bool = False, pack: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run `preview`, `up`, `refresh` or `destroy` on `stack` with the offline providers and,
        with `pack`, the policy pack.

        Raises `EngineBusy` when another process changes this pretend cloud.
        """
        command = [operation, "--stack", stack, *options]
        if operation != "preview":
            command.append("--yes")
        if pack and operation in ("preview", "up"):
            self._environment_of_pack()
            command += ["--policy-pack", str(self.policy)]
            if (pack_config := self.policy / "config" / f"{stack}.json").is_file():
                command += ["--policy-pack-config", str(pack_config)]
        with (
            claimed(self.directory, operation),
            serve(self.directory / "cloud.json", self.root) as providers,
        ):
            return self.run(command, providers=providers, capture=capture)

    def _environment_of_pack(self) -> None:
        """The pack names its own virtual environment; one that has none runs in this one."""
        venv = self.policy / "venv"
        if not venv.exists():
            with suppress(FileExistsError):  # another process was faster
                venv.symlink_to(Path(self.python).parent.parent)

    def deployment(self, stack: str) -> Deployment:
        """The stack as the engine's state has it, with the secrets that the local stack needs."""
        exported = json.loads(
            self.run(["stack", "export", "--show-secrets", "--stack", stack], quiet=True).stdout
        )
        settings = stack_config.load(self.root, stack)
        entries = [
            entry
            for entry in exported["deployment"].get("resources", [])
            if not entry["type"].startswith("pulumi:")
        ]
        root: Mapping[str, Any] = next(
            (
                entry
                for entry in exported["deployment"].get("resources", [])
                if entry["type"] == STACK
            ),
            {},
        )
        return Deployment(
            stack=stack,
            config=settings,
            cloud=Cloud(region=settings.get("aws:region") or Cloud.region, root=self.root),
            resources=tuple(_resource(entry) for entry in entries if not entry.get("delete")),
            outputs=_plain(root.get("outputs") or {}),
        )

    @property
    def policy(self) -> Path:
        """The project's own policy pack, or this checkout's."""
        own = self.root / "policy"
        return own if (own / "PulumiPolicy.yaml").is_file() else POLICY

    @property
    def events(self) -> Path:
        """Event log of the newest preview with a report."""
        return self._project / "events.json"

    @property
    def _project(self) -> Path:
        if not self._scratch:
            self.directory.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix="project-", dir=self.directory))
            self._scratch.append(folder)
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return self._scratch[0]


def environment(directory: Path, providers: str, python: str = sys.executable) -> dict[str, str]:
    """The variables under which `pulumi` reaches nothing but the pretend cloud whose backend is
    under `directory`.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PULUMI_", "AWS_"))
    }
    return {
        **kept,
        "PATH": search_path(kept.get("PATH"), python),
        "PULUMI_BACKEND_URL": f"file://{directory / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "offline",
        "PULUMI_HOME": str(directory / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # --event-log, from which reports are made, is offered only with this.
        "PULUMI_DEBUG_COMMANDS": "true",
        **({"PULUMI_DEBUG_PROVIDERS": providers} if providers else {}),
    }


@contextmanager
def claimed(directory: Path, operation: str) -> Iterator[None]:
    """Hold the pretend cloud in `directory` while an operation changes it."""
    if operation not in CHANGING:
        yield
        return
    with (directory / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise EngineBusy(
                f"another operation changes the pretend cloud in {directory}; wait until it has"
                " ended"
            ) from None
        yield


def _without_secrets(content: dict[str, Any]) -> list[str]:
    """Take what only the stack's own secrets provider can read out of the file's content; the keys
    of the encrypted values.

    The offline engine has its own passphrase, and the author of a pull request has no other.
    """
    for name in ("encryptionsalt", "encryptedkey", "secretsprovider"):
        content.pop(name, None)
    secrets = [
        key
        for key, value in content["config"].items()
        if isinstance(value, dict) and set(value) == {"secure"}
    ]
    for key in secrets:
        del content["config"][key]
    return secrets


def _runtime(project: Mapping[str, Any]) -> str:
    runtime = project["runtime"]
    return str(runtime["name"] if isinstance(runtime, dict) else runtime)


def _resource(entry: Mapping[str, Any]) -> Resource:
    parent = entry.get("parent")
    return Resource(
        urn=entry["urn"],
        type=entry["type"],
        name=entry["urn"].rsplit("::", 1)[-1],
        parent=None if parent is None or parent.split("::")[2] == STACK else parent,
        custom=bool(entry.get("custom")),
        inputs=_plain(entry.get("inputs") or {}),
        outputs=_plain(entry.get("outputs") or {}),
        id=entry.get("id"),
        dependencies=tuple(entry.get("dependencies") or ()),
        property_dependencies={
            name: tuple(urns or ())
            for name, urns in (entry.get("propertyDependencies") or {}).items()
        },
        provider=entry.get("provider"),
    )


def _plain(value: Any) -> Any:
    """A property of the state file; a decrypted secret stands there as the JSON text of
    its value.
    """
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Secret(json.loads(value["plaintext"]))
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
