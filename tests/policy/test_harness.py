"""The harness keeps to the engine's semantics (S18, S21)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi import AssetArchive, FileAsset, RemoteArchive, StringAsset

from policy.harness import UNKNOWN, Analyzer, AnalyzerError, Resource, Secret
from policy.rules.core.encoding import SIGNATURE, from_struct, to_struct
from tests.policy.conftest import resource

ECHO = """
import json
from pulumi_policy import *
from pulumi_policy.proxy import UnknownValueError

def kind(container, key):
    try:
        value = container[key]
    except UnknownValueError:
        return "unknown"
    if isinstance(value, (bool, int, float, str)) or value is None:
        return f"{type(value).__name__} {value}"
    return type(value).__name__

def echo(args, report):
    seen = {key: kind(args.props, key) for key in args.props}
    provider = args.provider.props["region"] if args.provider else ""
    report(json.dumps({"seen": seen, "config": args.get_config(), "provider": provider, "protect": args.opts.protect}))

def fail(args, report):
    if "explode" in args.props:
        raise ValueError("boom")

def stack(args, report):
    names = {each.urn: each.name for each in args.resources}
    for each in args.resources:
        report(json.dumps({
            "name": each.name,
            "parent": each.parent.name if each.parent else "",
            "waits": [other.name for other in each.dependencies],
            "made_from": {prop: [other.name for other in others] for prop, others in each.property_dependencies.items()},
        }), each.urn)

LEVEL = EnforcementLevel.ADVISORY
PolicyPack("echo", policies=[
    ResourceValidationPolicy("echo", "Says what it sees", echo, config_schema=PolicyConfigSchema(
        properties={"times": {"type": "integer", "default": 3}})),
    ResourceValidationPolicy("fail", "Fails", fail),
    StackValidationPolicy("stack", "Says how things hang together", stack),
], enforcement_level=LEVEL)
"""


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyzer]:
    """A pack that says what it is given."""
    folder = tmp_path_factory.mktemp("echo")
    (folder / "__main__.py").write_text(ECHO)
    (folder / "PulumiPolicy.yaml").write_text("name: echo\nversion: '7.1.0'\nruntime: python\n")
    with Analyzer(folder, project="site", stack="dev") as analyzer:
        yield analyzer


def said(analyzer: Analyzer, each: Resource) -> dict[str, object]:
    import json

    (diagnostic,) = analyzer.analyze(each)
    content: dict[str, object] = json.loads(diagnostic.message.split("\n", 1)[1])
    return content


def test_values_arrive_as_from_the_engine(echo: Analyzer) -> None:
    """Floats, proxies, raising unknowns, unwrapped secrets; internal keys are left out."""
    given = resource(
        "x:y:Z",
        number=60,
        flag=True,
        text="t",
        nothing=None,
        some={"a": 1},
        many=[1],
        later=UNKNOWN,
        hidden=Secret("s"),
        __defaults=[],
    )
    assert said(echo, given)["seen"] == {
        "number": "float 60.0",
        "flag": "bool True",
        "text": "str t",
        "nothing": "NoneType None",
        "some": "_DictProxy",
        "many": "_ListProxy",
        "later": "unknown",
        "hidden": "str s",
    }


def test_schema_defaults_are_filled_in(echo: Analyzer) -> None:
    """The pack itself sees an empty configuration otherwise."""
    assert said(echo, resource("x:y:Z"))["config"] == {"times": 3}


def test_provider_and_options_are_passed(echo: Analyzer) -> None:
    """As rules about regions and protection need them."""
    provider = resource("pulumi:providers:aws", "default", region="eu-west-1")
    each = Resource(
        urn="urn:pulumi:dev::p::x:y:Z::z", type="x:y:Z", name="z", provider=provider, protect=True
    )
    answer = said(echo, each)
    assert (answer["provider"], answer["protect"]) == ("eu-west-1", True)


def test_stack_resources_know_each_other(echo: Analyzer) -> None:
    """Parent, dependencies and what each property was made from."""
    import json

    parent = resource("x:y:Parent", "parent")
    source = resource("x:y:Source", "source")
    child = Resource(
        urn="urn:pulumi:dev::p::x:y:Child::child",
        type="x:y:Child",
        name="child",
        parent=parent.urn,
        dependencies=[source.urn],
        property_dependencies={"of": [source.urn], "none": []},
    )
    found = {
        each.urn: json.loads(each.message.split("\n", 1)[1])
        for each in echo.analyze_stack([parent, source, child])
    }
    assert found[child.urn] == {
        "name": "child",
        "parent": "parent",
        "waits": ["source"],
        "made_from": {"of": ["source"]},
    }


def test_version_is_the_manifests(echo: Analyzer) -> None:
    """The engine prefers PulumiPolicy.yaml over what the SDK says."""
    assert (echo.info().name, echo.info().version) == ("echo", "7.1.0")


def test_answers_keep_the_order_of_many_resources(echo: Analyzer) -> None:
    """Calls overlap; answers do not get mixed up."""
    many = [resource("x:y:Z", f"z{index}") for index in range(50)]
    assert [[each.urn for each in found] for found in echo.analyze_all(many)] == [
        [each.urn] for each in many
    ]


def test_failing_policy_is_an_error_with_its_traceback(echo: Analyzer) -> None:
    """Not an empty answer, which would pass for clean."""
    with pytest.raises(AnalyzerError, match="boom"):
        echo.analyze(resource("x:y:Z", explode=True))


def test_pack_that_does_not_start_says_why(tmp_path: Path) -> None:
    """With what it printed."""
    (tmp_path / "__main__.py").write_text("raise SystemExit('no such rule')\n")
    with Analyzer(tmp_path) as analyzer, pytest.raises(AnalyzerError, match="no such rule"):
        analyzer.info()


def test_pack_that_prints_before_its_port_says_so(tmp_path: Path) -> None:
    """The first line of output is the protocol."""
    (tmp_path / "__main__.py").write_text("print('hello')\nimport time; time.sleep(60)\n")
    with Analyzer(tmp_path) as analyzer, pytest.raises(AnalyzerError, match="hello"):
        analyzer.info()


def test_analyzer_outside_its_context_is_an_error(pack_dir: Path) -> None:
    """It would wait for ever otherwise."""
    with pytest.raises(AnalyzerError, match="with Analyzer"):
        Analyzer(pack_dir).info()


def test_process_is_gone_after_the_block(pack_dir: Path) -> None:
    """Also when nobody has asked it anything."""
    with Analyzer(pack_dir) as analyzer:
        process = analyzer._process
        assert process is not None
    assert process.poll() is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_special_values_survive_the_wire() -> None:
    """Unknowns and secrets come back as they went; assets go out with the engine's signatures."""
    value = {"a": [UNKNOWN, Secret({"b": UNKNOWN})], "c": None, "d": 1.5}
    assert from_struct(to_struct(value)) == value
    assert repr(Secret("hunter2")) == "<secret>"
    for asset in (
        StringAsset("text"),
        FileAsset("a.txt"),
        RemoteArchive("https://example.com/a.zip"),
        AssetArchive({"a": StringAsset("b")}),
    ):
        assert SIGNATURE in str(to_struct({"asset": asset}))
    with pytest.raises(TypeError, match="cannot be sent"):
        to_struct({"thing": object()})
