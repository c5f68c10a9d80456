"""`make doctor`: is everything here that the three ways of use need? Each finding explains itself
and says the fix.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from components.docker_image import PLATFORM
from contract.hmr import API_PORT, SESSION_PORT
from local import config as stack_config
from local.config import HTTP_PORT
from local.errors import LocalError
from local.pulumi_cli import search_path
from scripts.release.errors import ReleaseError

MINIMUM_PULUMI = (3, 260, 0)
"""The oldest CLI that this has been tried with. The program needs stashes, replacement triggers and
resources that are replaced together; an engine that does not know the last leaves them out without
a word.
"""

ON_DEMAND_QUOTA, SPOT_QUOTA = "L-3032A538", "L-36FBB829"
"""Fargate's vCPUs, on demand and Spot, in Service Quotas."""

LOCAL_PORTS = (8443, HTTP_PORT, SESSION_PORT, API_PORT)

State = Literal["ok", "warn", "missing"]
Use = Literal["local stack", "tests", "deployment"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    use: Use
    subject: str
    state: State
    detail: str
    fix: str = ""


def examine(root: Path, stack: str = "dev") -> Iterator[Finding]:
    """Every check, in the order a new user meets the need. Checks never raise: what breaks becomes
    a finding.
    """
    for check in (_python, _environment, _ports, _chromium, _buildah, _pulumi, _backend, _docker):
        yield from check(root)
    config = _config(root, stack)
    yield from _examples(stack, config)
    yield from _platform(config)
    yield from _account(config)


def report(findings: list[Finding], write: Callable[[str], object] = print) -> bool:
    """Print the findings by use; True when nothing is missing that the local stack needs."""
    marks: dict[State, str] = {"ok": "ok     ", "warn": "warn   ", "missing": "missing"}
    for use in ("local stack", "tests", "deployment"):
        write(f"{use}:")
        for finding in (f for f in findings if f.use == use):
            write(f"  {marks[finding.state]}  {finding.subject}: {finding.detail}")
            if finding.fix and finding.state != "ok":
                write(f"           fix: {finding.fix}")
    return not any(f.state == "missing" and f.use == "local stack" for f in findings)


def _python(_: Path) -> Iterator[Finding]:
    yield Finding(use="local stack", subject="Python", state="ok", detail=sys.version.split()[0])


def _environment(root: Path) -> Iterator[Finding]:
    for path, subject in (
        (root / ".venv", "Python packages"),
        (root / "container/astro/node_modules", "Node packages"),
    ):
        there = path.is_dir()
        yield Finding(
            use="local stack",
            subject=subject,
            state="ok" if there else "missing",
            detail="installed" if there else f"{path.relative_to(root)} is absent",
            fix="make setup",
        )


def _ports(_: Path) -> Iterator[Finding]:
    busy = [str(port) for port in LOCAL_PORTS if _answers(port)]
    yield Finding(
        use="local stack",
        subject="ports",
        state="warn" if busy else "ok",
        detail=(
            f"busy on 127.0.0.1: {', '.join(busy)}"
            if busy
            else f"free: {', '.join(map(str, LOCAL_PORTS))}"
        ),
        fix="end the program that holds them (a local stack that already runs holds all four)",
    )


def _chromium(_: Path) -> Iterator[Finding]:
    yield _program(
        "tests", "chromium", "browser tests are skipped without it", "apt-get install chromium"
    )


def _buildah(_: Path) -> Iterator[Finding]:
    yield _program(
        "tests", "buildah", "image tests are skipped without it", "apt-get install buildah"
    )


def _pulumi(_: Path) -> Iterator[Finding]:
    if _which("pulumi") is None:
        yield _program(
            "deployment",
            "pulumi",
            "needed to deploy, and by the engine tests",
            "https://www.pulumi.com/docs/install/",
        )
        return
    version = _output("pulumi", "version").lstrip("v")
    numbers = tuple(
        int(part) for part in version.split("-")[0].split("+")[0].split(".") if part.isdigit()
    )
    state: State = "ok" if numbers >= MINIMUM_PULUMI else "warn"
    fix = (
        f"upgrade to {'.'.join(map(str, MINIMUM_PULUMI))} or newer:"
        " https://www.pulumi.com/docs/install/"
    )
    yield Finding(
        use="deployment", subject="pulumi", state=state, detail=version or "did not answer", fix=fix
    )


def _backend(_: Path) -> Iterator[Finding]:
    if _which("pulumi") is None:
        return
    try:
        who = json.loads(_output("pulumi", "whoami", "--json") or "{}")
    except ValueError:
        who = {}
    fix = "pulumi login (Pulumi Cloud), or pulumi login s3://<bucket> with a KMS secrets provider"
    url = who.get("url", "")
    yield Finding(
        use="deployment",
        subject="backend",
        state="ok" if url else "missing",
        detail=url or "not logged in",
        fix=fix,
    )


def _docker(_: Path) -> Iterator[Finding]:
    if _which("docker") is None:
        yield _program(
            "deployment",
            "docker",
            "needed to build the image",
            "https://docs.docker.com/engine/install/",
        )
        return
    server = _output("docker", "version", "--format", "{{.Server.Version}}")
    detail = server or "the client is here, but no engine answers"
    yield Finding(
        use="deployment",
        subject="docker",
        state="ok" if server else "missing",
        detail=detail,
        fix="start the Docker engine",
    )


def _config(root: Path, stack: str) -> dict[str, Any]:
    """The stack's values by key, from its file and the project's defaults; empty where they cannot
    be read.
    """
    try:
        found = stack_config.load(root, stack.rsplit("/", 1)[-1])
    except LocalError:
        return {}
    texts = {key.removeprefix(f"{found.project}:"): value for key, value in found.values.items()}
    return {key: _value(text) for key, text in texts.items()}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


EXAMPLE = re.compile(
    r"\bexample\.(com|org|net)\b|EXAMPLE|:123456789012:|^(203\.0\.113|198\.51\.100|192\.0\.2)\."
)
"""Names, accounts and addresses that documentation may use and nobody has (RFC 2606, RFC 5737)."""


def examples(config: Mapping[str, Any]) -> list[str]:
    """Keys that still have the value that the project was published with."""
    texts = {key: value if isinstance(value, list) else [value] for key, value in config.items()}
    return [
        key
        for key, values in texts.items()
        if any(EXAMPLE.search(text) for text in values if isinstance(text, str))
    ]


def _examples(stack: str, config: Mapping[str, Any]) -> Iterator[Finding]:
    """AWS refuses an example's certificate only after the network and the file system have been
    made.
    """
    if not config:
        return
    left = examples(config)
    detail = (
        f"Pulumi.{stack}.yaml still has the example's {', '.join(left)}"
        if left
        else f"Pulumi.{stack}.yaml has no example's value"
    )
    fix = "set your own, and the networks in policy/config too (docs/config.md)"
    yield Finding(
        use="deployment",
        subject="configuration",
        state="missing" if left else "ok",
        detail=detail,
        fix=fix,
    )


def _platform(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Can the Docker engine build for the stack's CPU? pulumi-docker builds with the
    engine itself.
    """
    if _which("docker") is None or not config:
        return
    wanted = next(
        (platform for arch, platform in PLATFORM.items() if arch == config.get("arch")), ""
    )
    listed = _output("docker", "buildx", "inspect", "default")
    found = re.search(r"^Platforms:\s*(.+)$", listed, re.MULTILINE)
    platforms = {part.strip().rstrip("*") for part in found[1].split(",")} if found else set()
    able = wanted in platforms
    detail = (
        f"builds {wanted}"
        if able
        else (
            f"cannot build {wanted or 'the stack'}; it lists"
            f" {', '.join(sorted(platforms)) or 'nothing'}"
        )
    )
    fix = (
        "docker run --privileged --rm tonistiigi/binfmt --install all, build on such a CPU, or set"
        " astro-live:arch"
    )
    yield Finding(
        use="deployment",
        subject="image platform",
        state="ok" if able else "missing",
        detail=detail,
        fix=fix,
    )


def _account(config: Mapping[str, Any]) -> Iterator[Finding]:
    from botocore.exceptions import BotoCoreError, ClientError

    from scripts.release.account import Account

    fix = (
        "aws sso login, or set aws:profile in the stack; the role needs the rights listed in"
        " docs/runbook.md"
    )
    try:
        account = Account.of({"aws:region": "us-east-1", **config})
        if account.session.get_credentials() is None:
            yield Finding(
                use="deployment",
                subject="AWS credentials",
                state="missing",
                detail="none found",
                fix=fix,
            )
            return
        number = account.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError, ReleaseError) as error:
        yield Finding(
            use="deployment", subject="AWS credentials", state="missing", detail=str(error), fix=fix
        )
        return
    yield Finding(
        use="deployment",
        subject="AWS credentials",
        state="ok",
        detail=f"account {number}, {account.region}",
    )
    if config:
        yield _quota(account.client("service-quotas"), config)


def needed_vcpus(config: Mapping[str, Any]) -> float:
    """vCPUs that a rolling deployment takes at most: for a while every task runs twice."""
    tasks = (
        config.get("maxTasks", 1)
        if config.get("autoscaling") is True
        else config.get("desiredCount", 1)
    )
    return 2 * float(tasks) * float(config.get("cpu", 1024)) / 1024


def _quota(quotas: Any, config: Mapping[str, Any]) -> Finding:
    """A new account has 6 vCPUs
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html).
    """
    from botocore.exceptions import BotoCoreError, ClientError

    code = SPOT_QUOTA if config.get("capacity") == "spot" else ON_DEMAND_QUOTA
    needed, subject = needed_vcpus(config), "Fargate quota"
    try:
        value = float(
            quotas.get_service_quota(ServiceCode="fargate", QuotaCode=code)["Quota"]["Value"]
        )
    except (BotoCoreError, ClientError) as error:
        detail = f"cannot be read ({error}); a rolling deployment takes up to {needed:g} vCPUs"
        return Finding(
            use="deployment",
            subject=subject,
            state="warn",
            detail=detail,
            fix=f"look at quota {code} of fargate",
        )
    detail = f"{value:g} vCPUs; a rolling deployment takes up to {needed:g}"
    fix = (
        f"ask for {needed:g}: aws service-quotas request-service-quota-increase --service-code"
        f" fargate --quota-code {code}"
    )
    return Finding(
        use="deployment",
        subject=subject,
        state="ok" if value >= needed else "warn",
        detail=detail,
        fix=f"{fix} --desired-value {needed:g}",
    )


def _program(use: Use, name: str, why: str, fix: str) -> Finding:
    path = _which(name)
    return Finding(
        use=use,
        subject=name,
        state="ok" if path else "missing",
        detail=path or f"not on PATH; {why}",
        fix=fix,
    )


def _which(name: str) -> str | None:
    """Where the release commands find a program: they look on the same path."""
    return shutil.which(name, path=search_path())


def _output(*command: str) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=20,
            env={**os.environ, "PATH": search_path()},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
