"""The program runs in process as it would under the engine (S23)."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest

from local.config import ConfigError
from local.engine import Deployment, ProgramError, deploy
from local.mutation import Mutation, MutationError
from local.values import UNKNOWN, Secret, reveal

from .conftest import PROGRAM


def program(tmp_path: Path, source: str) -> Path:
    """A project whose program is `source`."""
    (tmp_path / "Pulumi.yaml").write_text("name: sample\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  sample:size: 3\n")
    (tmp_path / "__main__.py").write_text("import pulumi\nimport pulumi_aws as aws\n" + source)
    return tmp_path


def test_children_of_the_remote_vpc_are_there(sample: Deployment) -> None:
    """awsx's component is one line in the program and two dozen resources in the stack."""
    vpc = sample.of_type("awsx:ec2:Vpc")[0]
    inner = sample.of_type("aws:ec2/vpc:Vpc")[0]
    assert inner.parent == vpc.urn
    assert inner.urn == "urn:pulumi:local::sample::awsx:ec2:Vpc$aws:ec2/vpc:Vpc::net"
    assert inner.inputs["cidrBlock"] == "10.1.0.0/16"
    assert len(sample.of_type("aws:ec2/subnet:Subnet")) == 4
    assert len(sample.of_type("aws:ec2/natGateway:NatGateway")) == 1


def test_outputs_flow_into_inputs(sample: Deployment) -> None:
    """The listener names its load balancer, the load balancer its public subnets, with the engine's
    dependencies.
    """
    balancer = sample.of_type("aws:lb/loadBalancer:LoadBalancer")[0]
    listener = sample.of_type("aws:lb/listener:Listener")[0]
    public = [
        subnet for subnet in sample.of_type("aws:ec2/subnet:Subnet") if "public" in subnet.name
    ]
    assert listener.inputs["loadBalancerArn"] == balancer.outputs["arn"]
    assert listener.property_dependencies["loadBalancerArn"] == (balancer.urn,)
    assert balancer.inputs["subnets"] == [subnet.id for subnet in public]
    assert set(balancer.property_dependencies["subnets"]) >= {subnet.urn for subnet in public}


def test_stack_outputs_and_secrets(sample: Deployment) -> None:
    """Outputs are resolved; a secret stays marked; a resource that came as a reference
    can be read.
    """
    assert str(sample.outputs["dns"]).endswith(".eu-west-1.elb.amazonaws.com")
    assert sample.outputs["token"] == Secret("hush")
    assert sample.outputs["cidr"] == "10.1.0.0/16"
    assert "targetgroup/session-" in sample.outputs["doc"]


def test_configuration_reaches_the_program() -> None:
    """Overrides win over defaults."""
    found = deploy("local", config={"idleTimeoutSeconds": "900"}, root=PROGRAM)
    assert found.of_type("aws:lb/loadBalancer:LoadBalancer")[0].inputs["idleTimeout"] == 900


def test_configuration_is_refused_before_the_program_starts() -> None:
    """As the engine does."""
    with pytest.raises(ConfigError, match="idleTimeoutSeconds"):
        deploy("local", config={"idleTimeoutSeconds": "soon"}, root=PROGRAM)


def test_mutations_change_inputs_and_what_follows_from_them() -> None:
    """The policies see the changed value, and so do resources that read it."""
    mutation = Mutation.parse("aws:lb/targetGroup:TargetGroup::session.name=other")
    found = deploy("local", root=PROGRAM, mutations=[mutation])
    group, listener = (
        found.of_type("aws:lb/targetGroup:TargetGroup")[0],
        found.of_type("aws:lb/listener:Listener")[0],
    )
    assert group.inputs["name"] == "other"
    assert "targetgroup/other/" in listener.inputs["defaultActions"][0]["targetGroupArn"]


def test_a_mutation_that_nothing_takes_is_an_error() -> None:
    """A typo must not look like a policy that passed."""
    with pytest.raises(
        MutationError, match=r"aws:lb/targetgroup:TargetGroup.*the program declares"
    ):
        deploy(
            "local",
            root=PROGRAM,
            mutations=[Mutation.parse("aws:lb/targetgroup:TargetGroup.port=1")],
        )


def test_a_program_s_own_error_names_its_place(tmp_path: Path) -> None:
    """A bug in the program is found without a traceback of the engine."""
    root = program(tmp_path, "aws.s3.Bucket('logs')\nraise ValueError('no luck')\n")
    with pytest.raises(
        ProgramError, match=r"the program failed: ValueError: no luck \(__main__\.py:4\)"
    ):
        deploy("dev", root=root)


def test_an_error_meant_for_people_stands_alone(tmp_path: Path) -> None:
    """`RunError` is Pulumi's word for that."""
    with pytest.raises(ProgramError) as caught:
        deploy("dev", root=program(tmp_path, "raise pulumi.RunError('set size to 4')\n"))
    assert str(caught.value) == "set size to 4"


def test_an_error_inside_an_output_is_not_lost(tmp_path: Path) -> None:
    """The engine waits for every output, and so does this."""
    root = program(
        tmp_path, "def fail(arn):\n    raise KeyError(arn)\naws.s3.Bucket('logs').arn.apply(fail)\n"
    )
    with pytest.raises(ProgramError, match="KeyError"):
        deploy("dev", root=root)


def test_a_missing_required_input_is_refused(tmp_path: Path) -> None:
    """The provider would refuse it at preview."""
    root = program(
        tmp_path, "aws.lb.Listener('l', load_balancer_arn='x', default_actions=None, opts=None)\n"
    )
    with pytest.raises(ProgramError, match=r"default_actions|defaultActions"):
        deploy("dev", root=root)


def test_two_resources_of_one_name_are_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """URNs are unique. The error is said once, also when the next run lets go of this one."""
    root = program(tmp_path, "aws.s3.Bucket('logs')\naws.s3.Bucket('logs')\n")
    with pytest.raises(ProgramError, match="two resources have the URN"):
        deploy("dev", root=root)
    deploy("dev", root=program(tmp_path, "aws.s3.Bucket('logs')\n"))
    gc.collect()
    assert not caplog.text


def test_transforms_run_from_the_resource_up_to_the_stack(tmp_path: Path) -> None:
    """The engine runs them in this order, through the program's callback server."""
    root = program(
        tmp_path,
        """
def note(word):
    def transform(args):
        seen = (args.props.get("tags") or {}).get("seen", "")
        return pulumi.ResourceTransformResult({**args.props, "tags": {"seen": seen + word}}, args.opts)
    return transform

class Group(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("sample:Group", name, None, opts)
        aws.s3.Bucket("logs", opts=pulumi.ResourceOptions(parent=self, transforms=[note("own/")]))

pulumi.runtime.register_stack_transform(lambda args: note("stack")(args) if args.custom else None)
Group("g", pulumi.ResourceOptions(transforms=[lambda args: note("parent/")(args) if args.custom else None]))
""",
    )
    bucket = deploy("dev", root=root).of_type("aws:s3/bucket:Bucket")[0]
    assert bucket.inputs["tags"] == {"seen": "own/parent/stack"}


def test_what_the_model_does_not_compute_is_unknown_at_preview_only(tmp_path: Path) -> None:
    """A preview says so; a deployment has nothing there."""
    root = program(
        tmp_path,
        "q = aws.sqs.Queue('jobs')\naws.sqs.QueuePolicy('p', queue_url=q.url, policy='{}')\n",
    )
    assert (
        deploy("dev", root=root).of_type("aws:sqs/queuePolicy:QueuePolicy")[0].inputs["queueUrl"]
        is UNKNOWN
    )
    assert (
        "queueUrl"
        not in deploy("dev", root=root, preview=False)
        .of_type("aws:sqs/queuePolicy:QueuePolicy")[0]
        .inputs
    )


async def test_it_can_be_called_from_a_running_event_loop(tmp_path: Path) -> None:
    """Pulumi wants its own loop; the caller's goes on."""
    root = program(tmp_path, "pulumi.export('size', pulumi.Config().require_int('size'))\n")
    found = await asyncio.to_thread(deploy, "dev", root=root)
    assert found.outputs == {"size": 3}
    assert deploy("dev", root=root).outputs == {"size": 3}


def test_the_local_stack_s_secrets_differ_from_run_to_run(local_stack: Deployment) -> None:
    """They are generated, never checked in."""
    versions = local_stack.of_type("aws:secretsmanager/secretVersion:SecretVersion")
    values = [reveal(version.inputs["secretString"]) for version in versions]
    assert len(set(values)) == len(values) >= 2
    assert all(isinstance(version.inputs["secretString"], Secret) for version in versions)
    assert all("secretString" in version.ignore_changes for version in versions)
