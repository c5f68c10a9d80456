"""Drive the real engine offline: the `pulumi` command line with our providers, a backend in a folder and the policy pack."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local import config as stack_config
from local import policies
from local.engine import ROOT, Deployment
from local.errors import LocalError
from local.model import Cloud
from local.monitor import STACK, Resource
from local.provider.events import document
from local.provider.server import serve
from local.pulumi_cli import INSTALL, search_path
from local.values import SECRET, SIGNATURE, Secret
from policy.reports import EventLogError, diagnostics_of, from_event_log, write

POLICY = ROOT / "policy"


class EngineMissing(LocalError):
    """No `pulumi` command is on PATH."""


def executable() -> str:
    """The `pulumi` command. Raises `EngineMissing` that says how to get it."""
    if found := shutil.which("pulumi"):
        return found
    raise EngineMissing(
        f"ENGINE=pulumi needs the Pulumi CLI, which is not on PATH; install it ({INSTALL}), or leave ENGINE out to run without it"
    )


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A project and a file backend of their own under `directory`; the checkout is not written to."""

    directory: Path
    root: Path = ROOT
    python: str = sys.executable

    def prepare(self, stack: str, config: Mapping[str, object] | None = None) -> None:
        """Write the project's file and the stack's configuration, and create the stack when it does not exist."""
        project: dict[str, Any] = yaml.safe_load((self.root / "Pulumi.yaml").read_text())
        project["main"] = str(self.root)
        project["runtime"] = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(Path(self.python).parent.parent)}}
        self._project.mkdir(parents=True, exist_ok=True)
        (self.directory / "state").mkdir(parents=True, exist_ok=True)
        (self._project / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
        given: dict[str, Any] = yaml.safe_load((self.root / f"Pulumi.{stack}.yaml").read_text()) or {}
        overrides = {key if ":" in key else f"{project['name']}:{key}": value for key, value in (config or {}).items()}
        given["config"] = {**(given.get("config") or {}), **overrides}
        file = self._project / f"Pulumi.{stack}.yaml"
        if file.is_file() and (salt := (yaml.safe_load(file.read_text()) or {}).get("encryptionsalt")):
            given["encryptionsalt"] = salt
        file.write_text(yaml.safe_dump(given, sort_keys=False))
        self.run(["stack", "select", "--create", "--stack", stack], quiet=True)

    def run(
        self, arguments: Sequence[str], *, providers: str = "", quiet: bool = False, capture: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """`pulumi ARGUMENTS…` in the project, its output shown or captured. With `quiet`, a failure raises `LocalError`."""
        result = subprocess.run(
            [executable(), *arguments, "--non-interactive"],
            cwd=self._project,
            env=self._environment(providers),
            capture_output=quiet or capture,
            text=True,
            check=False,
        )
        if quiet and result.returncode != 0:
            raise LocalError(f"pulumi {' '.join(arguments)} failed: {(result.stderr or result.stdout).strip()}")
        return result

    def preview(self, stack: str, report: Path | None) -> int:
        """`pulumi preview`, with `preview.json` and the pack's reports in `report`; the exit code is at least 1 when the pack refuses.

        Raises `LocalError` when the command failed before it was done.
        """
        if report is None:
            return self.operate("preview", stack).returncode
        log = self.directory / "events.json"
        log.unlink(missing_ok=True)
        began = time.monotonic()
        result = self.operate("preview", stack, "--event-log", str(log))
        seconds = time.monotonic() - began
        with policies.start(stack, "astro-live") as analyzer:
            pack = analyzer.info()
        try:
            found = from_event_log(log, pack)
            content = document(log, stack, diagnostics_of(log, pack), seconds)
        except EventLogError as error:
            raise LocalError(str(error)) from error
        report.mkdir(parents=True, exist_ok=True)
        (report / "preview.json").write_text(json.dumps(content, indent=2) + "\n")
        files = [report / "preview.json", *write(found, report)]
        print("reports:", ", ".join(map(str, files)))
        return max(result.returncode, 1 if found.blocks else 0)

    def operate(
        self, operation: str, stack: str, *options: str, capture: bool = False, pack: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run `preview`, `up`, `refresh` or `destroy` on `stack` with the offline providers and, with `pack`, the policy pack."""
        command = [operation, "--stack", stack, *options]
        if operation != "preview":
            command.append("--yes")
        if pack and operation in ("preview", "up"):
            command += ["--policy-pack", str(POLICY)]
            if (pack_config := POLICY / "config" / f"{stack}.json").is_file():
                command += ["--policy-pack-config", str(pack_config)]
        with serve(self.directory / "cloud.json", self.root) as providers:
            return self.run(command, providers=providers, capture=capture)

    def deployment(self, stack: str) -> Deployment:
        """The stack as the engine's state has it, with the secrets that the local stack needs."""
        exported = json.loads(self.run(["stack", "export", "--show-secrets", "--stack", stack], quiet=True).stdout)
        settings = stack_config.load(self.root, stack)
        entries = [entry for entry in exported["deployment"].get("resources", []) if not entry["type"].startswith("pulumi:")]
        root: Mapping[str, Any] = next((entry for entry in exported["deployment"].get("resources", []) if entry["type"] == STACK), {})
        return Deployment(
            stack=stack,
            config=settings,
            cloud=Cloud(region=settings.get("aws:region") or Cloud.region, root=self.root),
            resources=tuple(_resource(entry) for entry in entries if not entry.get("delete")),
            outputs=_plain(root.get("outputs") or {}),
        )

    @property
    def _project(self) -> Path:
        return self.directory / "project"

    def _environment(self, providers: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "AWS_"))}
        return {
            **kept,
            "PATH": search_path(kept.get("PATH"), self.python),
            "PULUMI_BACKEND_URL": f"file://{self.directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "offline",
            "PULUMI_HOME": str(self.directory / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            # --event-log, from which reports are made, is offered only with this.
            "PULUMI_DEBUG_COMMANDS": "true",
            **({"PULUMI_DEBUG_PROVIDERS": providers} if providers else {}),
        }


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
        property_dependencies={name: tuple(urns or ()) for name, urns in (entry.get("propertyDependencies") or {}).items()},
        provider=entry.get("provider"),
    )


def _plain(value: Any) -> Any:
    """A property of the state file; a decrypted secret stands there as the JSON text of its value."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Secret(json.loads(value["plaintext"]))
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
