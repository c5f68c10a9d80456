"""The local stack reads load balancer and service out of what was declared (S23)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from contract.hmr import HmrContract
from local import tasks
from local.balancer import declared, envoy, process
from local.balancer.declared import DeclarationError, FixedResponse, Forward, Redirect
from local.engine import Deployment
from local.up import listener_ports


@pytest.fixture(scope="session")
def balancer(local_stack: Deployment) -> declared.LoadBalancer:
    return declared.read(local_stack)


def test_the_declared_load_balancer(balancer: declared.LoadBalancer) -> None:
    """S11's properties arrive: idle timeout, stickiness, health check, rules by priority, default
    404, redirect.
    """
    https = next(listener for listener in balancer.listeners if listener.tls)
    http = next(listener for listener in balancer.listeners if not listener.tls)
    assert balancer.idle_timeout_seconds == 3600
    assert balancer.drop_invalid_headers
    assert isinstance(https.default, FixedResponse)
    assert https.default.status == 404
    assert http.default == Redirect(status=301, protocol="HTTPS", port="443")
    assert [rule.priority for rule in https.rules] == sorted(rule.priority for rule in https.rules)
    hmr = next(rule for rule in https.rules if rule.priority == 25)
    assert (
        hmr.conditions[0].values
        == HmrContract(public_url="https://localhost:8443").hmr_rule_patterns
    )
    assert isinstance(hmr.action, Forward)
    group = balancer.target_groups[hmr.action.targets[0][0]]
    assert (group.port, group.stickiness_seconds) == (4321, 3600)
    check = group.health_check
    assert check is not None
    assert (
        check.interval_seconds,
        check.timeout_seconds,
        check.healthy_threshold,
        check.unhealthy_threshold,
    ) == (30, 10, 2, 3)


def test_envoy_accepts_what_is_made_of_it(
    balancer: declared.LoadBalancer, local_stack: Deployment, tmp_path: Path
) -> None:
    """Judged by Envoy itself."""
    from local import certificates

    files = certificates.issue(tmp_path / "tls", ["localhost"])
    service = tasks.read(local_stack, tmp_path)
    ports = listener_ports(balancer, HmrContract(public_url="https://localhost:8443"))
    assert ports == {443: 8443, 80: 8480}
    placement = envoy.Placement(
        ports=ports,
        addresses=["127.0.0.1"],
        targets=service.targets,
        certificate=files.certificate,
        private_key=files.private_key,
    )
    assert process.validate(envoy.bootstrap(balancer, placement), tmp_path) is None


def test_the_declared_service(
    local_stack: Deployment, balancer: declared.LoadBalancer, tmp_path: Path
) -> None:
    """Environment, secrets and volumes of the task definition, on loopback addresses."""
    service = tasks.read(local_stack, tmp_path)
    task = service.tasks[0]
    assert task.address == "127.0.0.1"
    assert task.ports == (4321, 8080)
    assert task.environment["ASTRO_LIVE_SITES_DIR"] == str(tmp_path / "efs")
    assert task.environment["ASTRO_LIVE_SCRATCH_DIR"].startswith(str(tmp_path / "tasks" / "1"))
    assert task.environment["ASTRO_LIVE_BIND_ADDRESS"] == "127.0.0.1"
    assert HmrContract.from_environment(task.environment).public_url == "https://localhost:8443"
    assert json.loads(task.environment["ASTRO_LIVE_SIGNING_KEYS"])[0]["seed"]
    assert len(task.environment["ASTRO_LIVE_API_TOKEN"]) >= 24
    assert set(service.targets) <= set(balancer.target_groups)
    assert ("127.0.0.1", 4321) in {place for places in service.targets.values() for place in places}


def test_nothing_of_this_machine_s_environment_enters_a_task(
    local_stack: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cloud credentials of the user of `make up` stay out."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("GITHUB_TOKEN", "hush")
    assert "hush" not in tasks.read(local_stack, tmp_path).tasks[0].environment.values()


def test_generated_secrets_outlive_a_restart(local_stack: Deployment, tmp_path: Path) -> None:
    """The program generates new ones at each run; `ignoreChanges` keeps the first, so open pages
    stay signed in.
    """
    first = tasks.read(local_stack, tmp_path).tasks[0].environment
    store = tmp_path / "secrets.json"
    assert store.stat().st_mode & 0o077 == 0
    changed = json.loads(store.read_text())
    assert first["ASTRO_LIVE_API_TOKEN"] in changed.values()
    store.write_text(
        json.dumps(
            {
                urn: "kept-value-of-an-earlier-run" if "api" in urn else value
                for urn, value in changed.items()
            }
        )
    )
    assert (
        tasks.read(local_stack, tmp_path).tasks[0].environment["ASTRO_LIVE_API_TOKEN"]
        == "kept-value-of-an-earlier-run"
    )


def test_several_tasks_share_efs_and_nothing_else(local_stack: Deployment, tmp_path: Path) -> None:
    """Each has its own address, home and scratch space."""
    service = next(each for each in local_stack.resources if each.type == "aws:ecs/service:Service")
    scaled = replace(service, inputs={**service.inputs, "desiredCount": 3})
    resources = tuple(scaled if each is service else each for each in local_stack.resources)
    found = tasks.read(replace(local_stack, resources=resources), tmp_path, "127.9.9.254")
    assert [task.address for task in found.tasks] == ["127.9.9.254", "127.9.9.255", "127.9.10.0"]
    assert len({task.environment["ASTRO_LIVE_SITES_DIR"] for task in found.tasks}) == 1
    assert len({task.environment["ASTRO_LIVE_SCRATCH_DIR"] for task in found.tasks}) == 3
    assert len({task.environment["HOME"] for task in found.tasks}) == 3


def test_what_cannot_run_is_refused_by_name(local_stack: Deployment, tmp_path: Path) -> None:
    """Nothing that was declared is left out in silence."""
    without = tuple(
        each
        for each in local_stack.resources
        if each.type not in ("aws:ecs/service:Service", "aws:lb/loadBalancer:LoadBalancer")
    )
    empty = replace(local_stack, resources=without)
    with pytest.raises(
        DeclarationError, match="exactly one load balancer; the program declares none"
    ):
        declared.read(empty)
    with pytest.raises(DeclarationError, match="exactly one ECS service"):
        tasks.read(empty, tmp_path)
    listener = next(
        each
        for each in local_stack.of_type("aws:lb/listener:Listener")
        if each.inputs["port"] == 443
    )
    sign_in = replace(
        listener, outputs={**listener.outputs, "defaultActions": [{"type": "authenticate-oidc"}]}
    )
    resources = tuple(sign_in if each is listener else each for each in local_stack.resources)
    with pytest.raises(DeclarationError, match=r"https.*authenticate-oidc.*identity provider"):
        declared.read(replace(local_stack, resources=resources))
