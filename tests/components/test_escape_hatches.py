"""Escape hatches: every child is at hand, and any child can be changed without a fork (S17)."""

from __future__ import annotations

from unittest import mock

import pulumi
import pulumi_aws as aws
import pytest

from components.base import Child, ComponentError
from components.docker_image import DockerImage
from components.efs_fargate_service import EfsFargateService
from components.efs_volume import EfsVolume
from components.live_editing import LiveEditing
from components.log_bucket import LogBucket
from components.network import Network
from components.observability import Observability
from components.ownership_table import OwnershipTable
from components.session_secrets import SessionSecrets
from components.web_socket_alb import WebSocketAlb
from settings import StackSettings
from tests.components.examples import alb_args, service_args, volume_args
from tests.components.harness import STAGED, Graph, run, stack_config

COMPONENTS = (
    WebSocketAlb,
    EfsVolume,
    EfsFargateService,
    DockerImage,
    Network,
    Observability,
    OwnershipTable,
    SessionSecrets,
    LogBucket,
)


def test_a_childs_inputs_can_be_changed() -> None:
    graph = run(
        lambda: WebSocketAlb(
            "edge",
            alb_args(),
            transforms={"lb": lambda child: child.with_props(enable_xff_client_port=True)},
        )
    )
    assert graph["edge-lb"].inputs["enableXffClientPort"] is True
    assert graph["edge-lb"].inputs["idleTimeout"] == 3600


def test_an_input_can_be_taken_away_and_options_added() -> None:
    def change(child: Child) -> Child:
        return child.with_props(desync_mitigation_mode=None).with_opts(
            pulumi.ResourceOptions(protect=True)
        )

    graph = run(lambda: WebSocketAlb("edge", alb_args(), transforms={"lb": change}))
    assert "desyncMitigationMode" not in graph["edge-lb"].inputs
    assert graph["edge-lb"].protect is True


def test_a_transform_sees_key_and_type() -> None:
    seen: list[tuple[str, str]] = []

    def look(child: Child) -> Child:
        seen.append((child.key, child.type_))
        return child

    run(lambda: EfsVolume("sites", volume_args(), transforms={"file_system": look}))
    assert seen == [("file_system", "aws:efs/fileSystem:FileSystem")]


def test_each_component_takes_transforms() -> None:
    def untouched(child: Child) -> Child:
        return child.with_props(tags={"Owner": "me"})

    graph = run(
        lambda: EfsFargateService(
            "svc", service_args(), transforms={"service": untouched, "task": untouched}
        )
    )
    assert (
        graph["svc-service"].inputs["tags"] == graph["svc-task"].inputs["tags"] == {"Owner": "me"}
    )


def test_a_transform_for_no_child_is_refused_with_the_children_that_exist() -> None:
    with pytest.raises(
        ComponentError,
        match=(
            r"edge: transforms names 'listener', .* its children are"
            r" .*https_listener.*hmr_rule|edge: transforms names"
        ),
    ) as error:
        run(lambda: WebSocketAlb("edge", alb_args(), transforms={"listener": lambda child: child}))
    assert "https_listener" in str(error.value)
    assert "turn on the option" in str(error.value)


def test_pulumis_own_transformations_pass_through() -> None:
    def tag(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ == "aws:efs/fileSystem:FileSystem":
            return pulumi.ResourceTransformationResult(
                {**args.props, "tags": {"From": "outside"}}, args.opts
            )
        return None

    graph = run(
        lambda: EfsVolume("sites", volume_args(), pulumi.ResourceOptions(transformations=[tag]))
    )
    assert graph["sites-file-system"].inputs["tags"] == {"From": "outside"}


def test_a_provider_of_another_region_reaches_every_child() -> None:
    def program() -> None:
        provider = aws.Provider("other", region="us-east-1")
        EfsVolume("sites", volume_args(), pulumi.ResourceOptions(providers=[provider]))

    graph = run(program)
    made = [resource for resource in graph.resources.values() if resource.parent == "sites"]
    assert made
    assert all("pulumi:providers:aws::other" in resource.provider for resource in made)


def test_a_child_of_a_part_is_reached_through_the_whole() -> None:
    """Any resource of the stack can be changed from its program."""

    def program() -> None:
        transforms = {
            "alb": {"lb": lambda child: child.with_props(idle_timeout=4000)},
            "svc": {"log_group": keep},
        }
        LiveEditing("astro-live", StackSettings.load(), transforms=transforms)

    def keep(child: Child) -> Child:
        return child.with_opts(pulumi.ResourceOptions(retain_on_delete=True))

    with mock.patch("components.docker_image.stage", return_value=STAGED):
        graph = run(program, stack="dev", config=stack_config("dev"))
    assert graph["astro-live-alb-lb"].inputs["idleTimeout"] == 4000
    assert graph["astro-live-svc-log-group"].retain_on_delete is True


def test_a_part_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(
        ComponentError,
        match=(
            r"transforms names 'lb'; its parts are net, logs, alb, sites, secrets, image, owners,"
            r" svc, watch"
        ),
    ):
        run(
            lambda: LiveEditing("x", StackSettings.load(), transforms={"lb": {}}),
            stack="dev",
            config=stack_config("dev"),
        )


@pytest.fixture(scope="module")
def whole() -> Graph:
    def program() -> None:
        made = EfsFargateService("svc", service_args())
        assert made.args.ownership
        for component in (
            made,
            made.args.alb,
            made.args.volume,
            made.args.secrets,
            made.args.ownership,
        ):
            names[type(component).__name__] = {
                component.child_name(key) for key in component.children
            }

    names: dict[str, set[str]] = {}
    graph = run(program)
    graph.outputs["children"] = names
    return graph


def test_every_child_is_exposed(whole: Graph) -> None:
    """What a component registers is what `children` holds; nothing is hidden."""
    exposed = set().union(*whole.outputs["children"].values())
    assert {resource.name for resource in whole.resources.values() if resource.custom} == exposed


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)
def test_children_are_attributes_with_types(component: type) -> None:
    """An editor completes them and mypy checks them."""
    assert component.__annotations__
    assert component.__doc__
