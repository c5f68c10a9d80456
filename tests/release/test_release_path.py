"""The release path as a person walks it, with the real engine: deploy, update, roll back, drift,
destroy (S24, S36).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.release.world import PROFILE, ROOT, Clone, World, world

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, aws_server: str) -> World:
    return world(tmp_path_factory.mktemp("home"), aws_server)


@pytest.fixture(scope="module")
def first(here: World) -> Clone:
    """The clone that makes the stack."""
    clone = here.clone("first")
    clone.configure("dev", aws__profile=PROFILE)
    clone.commit("name the profile")
    return clone


def test_a_stack_that_does_not_exist_is_one_line_with_the_fix(first: Clone) -> None:
    """The README's first command without its second to last."""
    done = first.run("make", "deploy", "STACK=dev", "SMOKE=never")
    assert done.returncode != 0
    assert (
        "the backend has no stack 'dev'; create it once with: pulumi stack init dev" in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_the_first_deployment(first: Clone) -> None:
    """The policy pack runs on the checkout's Python, and the service is waited for in the stack's
    account and region.
    """
    first.must("pulumi", "stack", "init", "dev")
    printed = first.must("make", "deploy", "STACK=dev", "SMOKE=never")
    assert "astro-live@v" in printed, "the pack was not loaded"
    assert "tasks running, 1 deployment(s)" in printed
    assert printed.splitlines()[-1] == "dev is live at https://edit.dev.example.com"
    first.commit("the stack's salt")


def test_a_link_is_asked_for_with_the_stacks_own_credential(first: Clone) -> None:
    """The token is read in the stack's account and region; from here on it is the
    network's matter.
    """
    done = first.run("make", "link", "STACK=dev", "SESSION=demo")
    assert "cannot reach https://edit.dev.example.com/api/v1/sessions" in done.stderr, done.stderr


def test_an_update_from_another_clone_pushes_nothing(here: World, first: Clone) -> None:
    """Another machine, another umask, the same commit: the same images."""
    before = {
        key
        for key in json.loads((here.home / "cloud.json").read_text())
        if key.startswith("docker:")
    }
    second = here.clone("second", umask=0o002)
    for name in ("Pulumi.dev.yaml",):
        (second.folder / name).write_text((first.folder / name).read_text())
    second.commit("pull")
    printed = second.must("make", "deploy", "STACK=dev", "SMOKE=never")
    assert "docker:index:Image" not in printed
    assert {
        key
        for key in json.loads((here.home / "cloud.json").read_text())
        if key.startswith("docker:")
    } == before


def change_the_image(clone: Clone) -> None:
    """A commit that changes what the image holds."""
    file = clone.folder / "container" / "gateway" / "pages.py"
    file.write_text(file.read_text() + "\n# another image\n")
    clone.commit("fix: pages")


@pytest.fixture(scope="module")
def images(first: Clone) -> dict[str, str]:
    """Two images that the stack has run: the first deployment's, and that of a later commit."""
    before = first.running_image("dev")
    change_the_image(first)
    first.must("make", "deploy", "STACK=dev", "SMOKE=never")
    after = first.running_image("dev")
    assert before != after
    return {"before": before, "after": after}


def test_a_rollback_runs_the_image_before(first: Clone, images: dict[str, str]) -> None:
    """Found through the account of the stack; the digest is pinned in the stack's file, as for a
    commit.
    """
    printed = first.must("make", "rollback", "STACK=dev", "SMOKE=never")
    assert first.running_image("dev") == images["before"]
    digest = images["before"].rpartition("@")[2]
    assert f"to {digest}" in printed
    assert first.config("dev")["astro-live:imageDigest"] == digest


def test_the_next_push_does_not_undo_it(here: World, first: Clone, images: dict[str, str]) -> None:
    """A runner has the commit, not the file that the rollback wrote: the stack's own history tells
    it.
    """
    runner = another_clone(here, first, "runner")
    assert "astro-live:imageDigest" not in runner.config("dev")
    printed = runner.must("make", "deploy", "STACK=dev", "SMOKE=never", GITHUB_ACTIONS="true")
    assert "::warning::stack dev: the image stays pinned to" in printed
    assert runner.running_image("dev") == images["before"]
    assert "astro-live:imageDigest" not in runner.config("dev"), "the checkout is left as it is"


def test_lifting_the_pin_runs_the_checkouts_image(
    here: World, first: Clone, images: dict[str, str]
) -> None:
    """From any checkout, once; it is built again, under its own tag."""
    runner = another_clone(here, first, "lifting")
    runner.must("make", "deploy", "STACK=dev", "SMOKE=never", "UNPIN=1")
    assert runner.running_image("dev") not in images.values()


def another_clone(here: World, origin: Clone, name: str) -> Clone:
    """What a runner checks out: the last commit of `origin`."""
    folder = here.home / name
    subprocess.run(["git", "clone", "-q", str(origin.folder), str(folder)], check=True)
    here.install(folder)
    return Clone(world=here, folder=folder)


def test_an_image_built_ahead_is_pushed_once(first: Clone, tmp_path: Path) -> None:
    """Twice the same checkout: one push for the dependencies and one for the image, then the digest
    that is there.
    """
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(
        f"#!/bin/sh\nexec {ROOT / '.venv/bin/python'} {ROOT / 'tests/release/docker_stand_in.py'}"
        ' "$@"\n'
    )
    docker.chmod(0o755)
    variables = {
        "PATH": f"{docker.parent}:{first.world.environment['PATH']}",
        "DOCKER_STAND_IN_PATH": str(ROOT),
        "DOCKER_STAND_IN_ECR": first.world.cloud.ecr.meta.endpoint_url,
    }
    printed = first.must("make", "image", "STACK=dev", **variables)
    assert printed.count("run: docker buildx build") == 2
    digest = first.config("dev")["astro-live:imageDigest"]
    printed = first.must("make", "image", "STACK=dev", **variables)
    assert "is there already" in printed
    assert "docker buildx build" not in printed
    assert first.config("dev")["astro-live:imageDigest"] == digest


def test_a_third_stack_needs_no_policy_file(here: World, first: Clone) -> None:
    """`staging` runs under the rules' defaults; a misspelt rule in its own file stops
    the preview.
    """
    clone = another_clone(here, first, "staging")
    text = (clone.folder / "Pulumi.dev.yaml").read_text()
    salted = yaml.safe_load(text)
    salted.pop("encryptionsalt", None)
    salted["config"]["astro-live:deletionProtection"] = True
    (clone.folder / "Pulumi.staging.yaml").write_text(yaml.safe_dump(salted))
    clone.must("pulumi", "stack", "init", "staging")
    printed = clone.run("make", "pulumi-preview", "STACK=staging")
    assert "--policy-pack policy\n" in printed.stdout, printed.stderr
    assert "astro-live@v" in printed.stdout
    (clone.folder / "policy/config/staging.json").write_text('{"alb-idle-timeuot": "disabled"}')
    refused = clone.run("make", "pulumi-preview", "STACK=staging")
    assert refused.returncode != 0
    assert "alb-idle-timeuot" in refused.stdout + refused.stderr


def test_drift_is_found_and_destroy_leaves_the_account_empty(first: Clone) -> None:
    """Last, in this order: nothing differs, something does, and `pulumi destroy` of dev works
    although images were pushed.
    """
    clone, cloud = first, first.world.home / "cloud.json"
    clone.must("make", "deploy", "STACK=dev", "SMOKE=never")
    clone.must("make", "drift", "STACK=dev")
    content = json.loads(cloud.read_text())
    for entry in content.values():
        if entry["type"] == "aws:lb/loadBalancer:LoadBalancer":
            entry["properties"]["idleTimeout"] = 120
    cloud.write_text(json.dumps(content))
    drifted = clone.run("make", "drift", "STACK=dev")
    assert drifted.returncode != 0
    assert "idleTimeout" in drifted.stdout
    clone.must("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "dev")
    left = {entry["type"] for entry in json.loads(cloud.read_text()).values()}
    assert left <= {"docker:index/image:Image", "aws:ecs/taskDefinition:TaskDefinition"}, left
