"""Command line of the release commands: `python -m scripts.release COMMAND STACK [--dry-run]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from scripts.release import comment, doctor, image, link, service, smoke, stack
from scripts.release.errors import ReleaseError
from scripts.release.shell import Shell

ROOT = Path(__file__).resolve().parents[2]


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
    parser = argparse.ArgumentParser(prog="python -m scripts.release", description="Image build, deployment, smoke test, rollback, doctor.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, summary: str, *, with_stack: bool = True, changes: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        if with_stack:
            sub.add_argument("stack", metavar="STACK", help="name of the Pulumi stack, such as dev")
        if changes:
            sub.add_argument("--dry-run", action="store_true", help="print what would be run, change nothing")
        return sub

    build = command("build-and-push", _build_and_push, "Build the image, push it and pin its digest in the stack's configuration.")
    build.add_argument("--tag", help="image tag; the commit's short hash by default")
    deploy = command("deploy", _deploy, "Update the stack with policies enforced, wait until the service is stable, smoke-test it.")
    deploy.add_argument("--no-smoke", action="store_true", help="skip the smoke test (when this machine cannot reach the load balancer)")
    rollback = command("rollback", _rollback, "Run the previous image again: pin its digest, update, wait, smoke-test.")
    rollback.add_argument("--digest", help="image digest to run; by default that of the image that ran before")
    rollback.add_argument("--no-smoke", action="store_true", help="skip the smoke test")
    test = command("smoke", _smoke, "Check a deployed stack, or the local one (STACK 'local'), the way a browser would.", changes=False)
    test.set_defaults(dry_run=False)
    linked = command("link", _link, "Print a one-time sign-in link to a session, which is made if it does not exist.", changes=False)
    linked.add_argument("--session", default="demo", metavar="ID", help="id of the session (demo)")
    command("preview", _preview, "Preview a stack against AWS with policies enforced.", changes=False)
    command("drift", _drift, "Fail when the account differs from the stack's program.", changes=False)
    told = command("comment", _comment, "Write REPORT/comment.md from the previews in REPORT/head and REPORT/base.", changes=False)
    told.add_argument("--report", type=Path, default=Path("report"), metavar="DIR", help="directory of the previews (report)")
    command("doctor", _doctor, "Check what this machine lacks for each way of use.", with_stack=False, changes=False)
    return parser


def _build_and_push(options: argparse.Namespace) -> None:
    name, shell = stack.check_stack_name(options.stack), Shell(dry_run=options.dry_run)
    outputs = stack.read_outputs(shell, name)
    configured = json.loads(shell.read("pulumi", "config", "--json", "--stack", name) or "{}")
    tag = options.tag or shell.read("git", "rev-parse", "--short=12", "HEAD").strip()
    digest = image.build_and_push(
        shell,
        repository_url=outputs.repository_url,
        region=_configured(configured, "aws:region") or os.environ.get("AWS_REGION", "us-east-1"),
        architecture=_configured(configured, f"{stack.PROJECT}:arch") or "arm64",
        tag=tag,
    )
    if digest:
        stack.pin_image(shell, name, digest)
        print(f"image: {outputs.repository_url}@{digest}\nnext: make deploy STACK={name}")
    else:
        print(f"would pin the pushed image's digest as {stack.IMAGE_DIGEST_KEY} in stack {name}")


def _deploy(options: argparse.Namespace) -> None:
    name, shell = stack.check_stack_name(options.stack), Shell(dry_run=options.dry_run)
    stack.update(shell, name)
    if shell.dry_run:
        print("would wait until the service is stable" + ("" if options.no_smoke else ", then smoke-test it"))
        return
    _settle(shell, name, with_smoke=not options.no_smoke)


def _rollback(options: argparse.Namespace) -> None:
    name, shell = stack.check_stack_name(options.stack), Shell(dry_run=options.dry_run)
    outputs = stack.read_outputs(shell, name)
    digest = options.digest or service.previous_digest(service.ecs_client(), outputs.cluster_name, outputs.service_name)
    print(f"rolling {name} back from {outputs.image_digest} to {stack.check_digest(digest)}")
    stack.pin_image(shell, name, digest)
    stack.update(shell, name)
    if not shell.dry_run:
        _settle(shell, name, with_smoke=not options.no_smoke)


def _settle(shell: Shell, name: str, *, with_smoke: bool) -> None:
    outputs = stack.read_outputs(shell, name)
    service.wait_until_stable(service.ecs_client(), outputs.cluster_name, outputs.service_name)
    if with_smoke:
        _print_smoke(smoke.Target(url=outputs.url))
    print(f"{name} is live at {outputs.url}")


def _smoke(options: argparse.Namespace) -> None:
    name = stack.check_stack_name(options.stack)
    if name != "local":
        _print_smoke(smoke.Target(url=stack.read_outputs(Shell(), name).url))
        return
    ready = ROOT / ".local" / "ready.json"
    if not ready.exists():
        raise ReleaseError("no local stack is running (.local/ready.json is absent); start it in another terminal: make up")
    facts = json.loads(ready.read_text())
    origin = facts["session_url"].split("/session/")[0]
    _print_smoke(smoke.Target(url=origin, api_url=facts["api_url"], api_token=facts["api_token"], ca_file=facts["ca_file"]))


def _print_smoke(target: smoke.Target) -> None:
    for line in asyncio.run(smoke.smoke(target)):
        print(f"smoke: {line}")


def _link(options: argparse.Namespace) -> None:
    outputs = stack.read_outputs(Shell(), stack.check_stack_name(options.stack))
    secrets = boto3.client("secretsmanager", region_name=outputs.api_token_secret_arn.split(":")[3])
    print(link.new_link(outputs.url, link.read_token(secrets, outputs.api_token_secret_arn), options.session))


def _preview(options: argparse.Namespace) -> None:
    name = stack.check_stack_name(options.stack)
    Shell().change("pulumi", "preview", "--diff", "--stack", name, *stack.policy_arguments(name))


def _drift(options: argparse.Namespace) -> None:
    name = stack.check_stack_name(options.stack)
    Shell().change("pulumi", "preview", "--refresh", "--expect-no-changes", "--diff", "--stack", name, *stack.policy_arguments(name))


def _comment(options: argparse.Namespace) -> None:
    head = comment.read_preview(options.report / "head" / "preview.json")
    base_path = options.report / "base" / "preview.json"
    base = comment.read_preview(base_path) if base_path.exists() else None
    text = comment.write_comment(stack.check_stack_name(options.stack), head, base)
    (options.report / "comment.md").write_text(text)
    print(text, end="")


def _doctor(_: argparse.Namespace) -> int:
    return 0 if doctor.report(list(doctor.examine(ROOT))) else 1


def _configured(found: dict[str, dict[str, object]], key: str) -> str:
    return str(found.get(key, {}).get("value", ""))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, subprocess.SubprocessError) as stop:
        sys.exit(f"astro-live: stopped: {stop or 'interrupted'}")
