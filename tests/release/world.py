"""A user's machine around the release commands: clones of this checkout, the real `pulumi`, and a
cloud that is not there.

The commands run as a person runs them: `make …` in a clone, in a shell without an activated virtual
environment, whose AWS variables name another region or are absent. The engine is real and talks to
the offline providers; boto3 talks to moto, which it finds through the profile that the stack names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from local.provider.server import serve
from tests.release.mirror import Mirror

ROOT = Path(__file__).resolve().parents[2]
PROFILE = "astro-live-test"
REGION = "eu-central-1"


@dataclass
class World:
    """One person's (or runner's) home, one backend, one account."""

    home: Path
    cloud: Mirror
    environment: dict[str, str] = field(default_factory=dict)

    def clone(self, name: str, umask: int = 0o022) -> Clone:
        """A second working copy of this checkout as it stands, with the file modes that `umask`
        leaves.
        """
        folder = self.home / name
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for path in filter(None, listed.split("\0")):
            source, target = ROOT / path, folder / path
            if not source.is_file():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod((0o777 if os.access(source, os.X_OK) else 0o666) & ~umask)
        self.install(folder)
        clone = Clone(world=self, folder=folder)
        clone.commit("as published", new=True)
        return clone

    def install(self, folder: Path) -> None:
        """What `make setup` installs, taken from this checkout."""
        for path in (".venv", "container/astro/node_modules"):
            (folder / path).symlink_to(ROOT / path)


@dataclass
class Clone:
    """A working copy."""

    world: World
    folder: Path

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A command in the clone, with the shell's variables and `variables`."""
        with serve(self.world.cloud, self.folder) as providers:
            return subprocess.run(
                command,
                cwd=self.folder,
                env={**self.world.environment, "PULUMI_DEBUG_PROVIDERS": providers, **variables},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )

    def must(self, *command: str, **variables: str) -> str:
        """The standard output of a command that has to succeed."""
        done = self.run(*command, **variables)
        assert done.returncode == 0, (
            f"{' '.join(command)} exited with {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done.stdout

    def commit(self, message: str, *, new: bool = False) -> None:
        identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com"]
        if new:
            subprocess.run(["git", "init", "-q", "-b", "main"], cwd=self.folder, check=True)
            (self.folder / ".git/info/exclude").write_text(
                ".venv\nnode_modules\n"
            )  # links, which .gitignore does not mean
        subprocess.run(["git", "add", "-A"], cwd=self.folder, check=True)
        subprocess.run(
            ["git", *identity, "commit", "-q", "-m", message], cwd=self.folder, check=True
        )

    def configure(self, stack: str, **values: Any) -> None:
        """Set keys (`aws__profile` is `aws:profile`, others are the project's) in the
        stack's file.
        """
        file = self.folder / f"Pulumi.{stack}.yaml"
        content = yaml.safe_load(file.read_text())
        for name, value in values.items():
            content["config"][name.replace("__", ":") if "__" in name else f"astro-live:{name}"] = (
                value
            )
        file.write_text(yaml.safe_dump(content, sort_keys=False))

    def config(self, stack: str) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((self.folder / f"Pulumi.{stack}.yaml").read_text())[
            "config"
        ]
        return found

    def outputs(self, stack: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            self.must("pulumi", "stack", "output", "--json", "--stack", stack)
        )
        return found

    def running_image(self, stack: str) -> str:
        """What the account says the stack's service runs."""
        outputs = self.outputs(stack)
        return self.world.cloud.image_of(outputs["clusterName"], outputs["serviceName"])


def world(home: Path, endpoint: str) -> World:
    """A home directory and a backend in a folder; `endpoint` is moto's."""
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "config").write_text(
        f"[profile {PROFILE}]\nendpoint_url = {endpoint}\nregion = ap-southeast-2\n"
    )
    (home / ".aws" / "credentials").write_text(
        f"[{PROFILE}]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
    )
    (home / "state").mkdir()
    cloud = Mirror(home / "cloud.json", endpoint, REGION)
    return World(home=home, cloud=cloud, environment=_environment(home))


def _environment(home: Path) -> dict[str, str]:
    """A separate shell: nothing of this process's environment but where the system's
    programs are.
    """
    pulumi = shutil.which("pulumi")
    assert pulumi is not None
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join((str(Path(pulumi).parent), "/usr/local/bin", "/usr/bin", "/bin")),
        # Another account and region than the stack's, as a shell may have them.
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PULUMI_BACKEND_URL": f"file://{home / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "tests",
        "PULUMI_HOME": str(home / ".pulumi"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
