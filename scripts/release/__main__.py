"""Command line of the release commands: `python -m scripts.release COMMAND STACK [--dry-run]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from components.config.shapes import is_loopback
from components.docker_image import SOURCE_PREFIX
from scripts.release import (
    comment,
    doctor,
    earlier_images,
    image,
    link,
    pins,
    service,
    smoke,
    stack,
)
from scripts.release.account import Account
from scripts.release.errors import ReleaseError
from scripts.release.shell import Shell

ROOT = Path(__file__).resolve().parents[2]

SMOKE = ("auto", "always", "never")
SMOKE_HELP = (
    "auto: skip the smoke test, with a warning, where this machine cannot reach the load balancer"
)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    os.chdir(ROOT)
    try:
        return int(options.run(options) or 0)
    except ReleaseError as error:
        print(f"astro-live: {error}", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"astro-live: AWS refused: {error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.release",
        description="Image build, deployment, smoke test, rollback, doctor.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: object, summary: str, *, changes: bool = True
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run, dry_run=False)
        sub.add_argument("stack", metavar="STACK", help="name of the Pulumi stack, such as dev")
        if changes:
            sub.add_argument(
                "--dry-run", action="store_true", help="print what would be run, change nothing"
            )
        return sub

    build = command(
        "build-and-push",
        _build_and_push,
        "Build the image, push it and pin its digest in the stack's configuration.",
    )
    build.add_argument(
        "--tag", help=f"image tag, after {SOURCE_PREFIX}; a hash of the image's sources by default"
    )
    deploy = command(
        "deploy",
        _deploy,
        "Update the stack with policies enforced, wait until the service is stable, smoke-test it.",
    )
    deploy.add_argument(
        "--unpin",
        action="store_true",
        help="build this checkout's image again after a rollback or build-and-push",
    )
    rollback = command(
        "rollback",
        _rollback,
        "Run the previous image again: pin its digest, update, wait, smoke-test.",
    )
    rollback.add_argument(
        "--digest", help="image digest to run; by default that of the image that ran before"
    )
    for sub in (deploy, rollback):
        sub.add_argument("--smoke", choices=SMOKE, default="auto", help=SMOKE_HELP)
        sub.add_argument(
            "--no-smoke",
            dest="smoke",
            action="store_const",
            const="never",
            help="the same as --smoke never",
        )
    command(
        "smoke",
        _smoke,
        "Check a deployed stack, or the local one (STACK 'local'), the way a browser would.",
        changes=False,
    )
    linked = command(
        "link",
        _link,
        "Print a one-time sign-in link to a session, which is made if it does not exist.",
        changes=False,
    )
    linked.add_argument("--session", default="demo", metavar="ID", help="id of the session (demo)")
    command(
        "preview", _preview, "Preview a stack against AWS with policies enforced.", changes=False
    )
    command(
        "drift", _drift, "Fail when the account differs from the stack's program.", changes=False
    )
    told = command(
        "comment",
        _comment,
        "Write REPORT/comment.md, for a pull request, from REPORT/changes.json.",
        changes=False,
    )
    told.add_argument(
        "--report",
        type=Path,
        default=Path("report"),
        metavar="DIR",
        help="directory of changes.json (report)",
    )
    command("doctor", _doctor, "Check what this machine lacks for each way of use.", changes=False)
    return parser


def _build_and_push(options: argparse.Namespace) -> None:
    name, shell = stack.check_stack_name(options.stack), Shell(dry_run=options.dry_run)
    config = stack.read_config(shell, name)
    outputs = stack.read_outputs(shell, name)
    digest = image.build_and_push(
        shell,
        Account.of(config),
        root=ROOT,
        repository_url=outputs.repository_url,
        architecture=str(config.get(f"{stack.PROJECT}:arch") or "arm64"),
        tag=options.tag or "",
    )
    if digest:
        stack.pin_image(shell, name, digest)
        print(f"image: {outputs.repository_url}@{digest}\nnext: make deploy STACK={name}")
    else:
        print(f"would pin the pushed image's digest as {stack.IMAGE_DIGEST_KEY} in stack {name}")


def _deploy(options: argparse.Namespace) -> None:
    name, shell = stack.check_stack_name(options.stack), Shell(dry_run=options.dry_run)
    config = stack.read_config(shell, name)
    url = str(config.get(f"{stack.PROJECT}:publicUrl") or "")
    if is_loopback(urlsplit(url).hostname or ""):
        raise ReleaseError(
            f"publicUrl of stack '{name}' is {url}, which is this machine: run it here with make"
            " up, or set the host's name"
        )
    if options.unpin:
        stack.unpin_image(shell, name)
    decision = stack.decide_image(shell, name, unpin=options.unpin)
    _say_pin(name, decision)
    stack.update(shell, name, decision)
    if shell.dry_run:
        print(
            "would wait until the service is stable"
            + ("" if options.smoke == "never" else ", then smoke-test it")
        )
        return
    _settle(shell, name, config, options.smoke)


def _rollback(options: argparse.Namespace) -> None:
    name, shell = stack.check_stack_name(options.stack), Shell(dry_run=options.dry_run)
    if options.digest:
        stack.check_digest(options.digest)
    config, outputs = stack.read_config(shell, name), stack.read_outputs(shell, name)
    account = Account.of(config)
    here = earlier_images.Service(
        cluster=outputs.cluster_name,
        name=outputs.service_name,
        repository_url=outputs.repository_url,
    )
    arch = str(config.get(f"{stack.PROJECT}:arch") or "arm64")
    ecs = account.client("ecs")
    digest = options.digest or earlier_images.previous_digest(ecs, here, arch)
    earlier_images.check_architecture(ecs, here, digest, arch)
    region = earlier_images.repository_of(outputs.repository_url).region
    earlier_images.check_exists(
        account.client("ecr", region=region), outputs.repository_url, digest
    )
    print(f"rolling {name} back from {outputs.image_digest} to {digest}", flush=True)
    stack.pin_image(shell, name, digest)
    stack.update(shell, name, stack.decide_image(shell, name, pinned=digest))
    if not shell.dry_run:
        _settle(shell, name, config, options.smoke)
        print(f"{digest} stays pinned until: make deploy STACK={name} UNPIN=1")


def _say_pin(name: str, decision: pins.Decision) -> None:
    """A deployment that leaves the checkout's image out must not do so silently."""
    if not decision.digest:
        return
    whose = "the stack's last update" if decision.kept else f"Pulumi.{stack.short_name(name)}.yaml"
    text = (
        f"stack {name}: the image stays pinned to {decision.digest} by {whose}; this checkout's"
        " image is not built"
    )
    warn(f"{text}. To build it: make deploy STACK={name} UNPIN=1")


def warn(text: str) -> None:
    """A line that also shows as an annotation in GitHub Actions."""
    print(f"::warning::{text}" if os.environ.get("GITHUB_ACTIONS") else f"note: {text}", flush=True)


def _settle(shell: Shell, name: str, config: Mapping[str, object], with_smoke: str) -> None:
    outputs = stack.read_outputs(shell, name)
    service.wait_until_stable(
        Account.of(config).client("ecs"),
        outputs.cluster_name,
        outputs.service_name,
        task_definition=outputs.task_definition_arn,
    )
    if with_smoke == "auto" and (host := smoke.unresolved(outputs.url)):
        names = [host, f"*.{host}"] if "{id}." in outputs.session_url_pattern else [host]
        records = " and ".join(f"{each} CNAME {outputs.alb_dns_name}" for each in names)
        made = (
            "it was made a moment ago, and caches may not know it yet"
            if _has_record(config)
            else f"make it: {records}"
        )
        warn(
            f"{name} was not smoke-tested: {host} has no DNS record that this machine finds;"
            f" {made}. Then: make smoke STACK={name}"
        )
    elif with_smoke == "auto" and (reason := smoke.unreachable(outputs.url)):
        cidrs = ", ".join(map(str, config.get(f"{stack.PROJECT}:ingressCidrs") or ()))  # type: ignore[call-overload]
        warn(
            f"{name} was not smoke-tested: {reason}. It admits {cidrs}; from there, run: make smoke"
            f" STACK={name}"
        )
    elif with_smoke != "never":
        _print_smoke(smoke.Target(session_url_pattern=outputs.session_url_pattern))
    print(f"{name} is live at {outputs.url}")


def _has_record(config: Mapping[str, object]) -> bool:
    """Whether the stack makes its host's DNS record itself."""
    return (
        bool(config.get(f"{stack.PROJECT}:hostedZoneId"))
        and config.get(f"{stack.PROJECT}:dnsRecord") is not False
    )


def _smoke(options: argparse.Namespace) -> None:
    name = stack.check_stack_name(options.stack)
    if name != "local":
        _print_smoke(
            smoke.Target(session_url_pattern=stack.read_outputs(Shell(), name).session_url_pattern)
        )
        return
    ready = ROOT / ".local" / "ready.json"
    if not ready.exists():
        raise ReleaseError(
            "no local stack is running (.local/ready.json is absent); start it in another terminal:"
            " make up"
        )
    facts = json.loads(ready.read_text())
    target = smoke.Target(
        session_url_pattern=facts["session_url_pattern"],
        api_url=facts["api_url"],
        api_token=facts["api_token"],
        ca_file=facts["ca_file"],
    )
    _print_smoke(target)


def _print_smoke(target: smoke.Target) -> None:
    for line in asyncio.run(smoke.smoke(target)):
        print(f"smoke: {line}")


def _link(options: argparse.Namespace) -> None:
    name, shell = stack.check_stack_name(options.stack), Shell()
    account, outputs = Account.of(stack.read_config(shell, name)), stack.read_outputs(shell, name)
    secrets = account.client("secretsmanager", region=outputs.api_token_secret_arn.split(":")[3])
    api = link.api_of(outputs.api_url, outputs.private_api_url, name)
    print(
        link.new_link(api, link.read_token(secrets, outputs.api_token_secret_arn), options.session)
    )


def _preview(options: argparse.Namespace) -> None:
    name, shell = stack.check_stack_name(options.stack), Shell()
    stack.read_config(shell, name)
    stack.preview(shell, name, stack.decide_image(shell, name))


def _drift(options: argparse.Namespace) -> None:
    name, shell = stack.check_stack_name(options.stack), Shell()
    stack.read_config(shell, name)
    stack.preview(shell, name, stack.decide_image(shell, name), "--refresh", "--expect-no-changes")


def _comment(options: argparse.Namespace) -> int:
    commit = stack.head_commit()
    return comment.main(
        [stack.check_stack_name(options.stack), "--report", str(options.report), "--commit", commit]
    )


def _doctor(options: argparse.Namespace) -> int:
    return (
        0 if doctor.report(list(doctor.examine(ROOT, stack.check_stack_name(options.stack)))) else 1
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, subprocess.SubprocessError) as stop:
        sys.exit(f"astro-live: stopped: {stop or 'interrupted'}")
