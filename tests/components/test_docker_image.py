"""The image: named by what goes into it, cached in the registry, pinned by digest (S13)."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from components.base import ComponentError
from components.docker_image import CacheStage, DockerImage, DockerImageArgs
from tests.components.examples import KEY_ARN
from tests.components.harness import DIGEST, Graph, run

STAGE = CacheStage(target="dependencies", files=("requirements.txt",))


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout, and the program's directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.12-slim AS dependencies\nRUN true\nFROM dependencies\nCOPY . /app\n"
    )
    (tmp_path / "requirements.txt").write_text("aiohttp==3\n")
    (tmp_path / "main.py").write_text("print()\n")
    return tmp_path


def args(context: Path, **changes: Any) -> DockerImageArgs:
    return DockerImageArgs(**{"context": context, "dockerfile": context / "Dockerfile", **changes})


def declare(context: Path, **changes: Any) -> Graph:
    def program() -> dict[str, Any]:
        image = DockerImage("img", args(context, **changes))
        return {"reference": image.reference, "digest": image.digest}

    return run(program)


def tag(graph: Graph, name: str = "img-image") -> str:
    return str(graph[name].inputs["imageName"].rpartition(":")[2])


def test_the_task_gets_a_digest(context: Path) -> None:
    graph = declare(context)
    assert (
        graph.outputs["reference"] == f"{graph['img-repository'].outputs['repositoryUrl']}@{DIGEST}"
    )
    assert graph.outputs["digest"] == DIGEST


def test_nothing_is_rebuilt_when_nothing_changed(context: Path) -> None:
    """All inputs are the same in a second run, so the engine sees no change."""
    first, second = declare(context), declare(context)
    assert first["img-image"].inputs == second["img-image"].inputs
    (context / "main.py").write_text("print(1)\n")
    assert tag(declare(context)) != tag(first)


def test_two_checkouts_of_one_commit_declare_the_same(
    context: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path of the machine in the inputs would rebuild what a colleague has just built."""
    other = context.parent / "elsewhere"
    shutil.copytree(context, other)
    monkeypatch.chdir(context)
    first = declare(context)["img-image"].inputs
    monkeypatch.chdir(other)
    assert declare(other)["img-image"].inputs == first
    assert re.fullmatch(r"\.local/build/[0-9a-f]{32}/context", first["build"]["context"])
    assert first["build"]["dockerfile"] == first["build"]["context"].replace(
        "context", "Dockerfile"
    )


def test_the_registrys_password_is_a_secret(context: Path) -> None:
    assert declare(context)["img-image"].secrets == {"registry"}


@pytest.mark.parametrize(
    ("arch", "platform"), [("arm64", "linux/arm64"), ("x86_64", "linux/amd64")]
)
def test_one_setting_decides_the_builds_platform(context: Path, arch: str, platform: str) -> None:
    graph = declare(context, arch=arch)
    assert graph["img-image"].inputs["build"]["platform"] == platform
    assert graph["img-image"].inputs["build"]["builderVersion"] == "BuilderBuildKit"


def test_the_slow_stage_is_an_image_of_its_own_and_the_cache_of_the_other(context: Path) -> None:
    first = declare(context, cache_stage=STAGE)
    cache, image = first["img-cache"].inputs, first["img-image"].inputs
    assert cache["build"]["target"] == "dependencies"
    assert image["build"]["cacheFrom"] == {"images": [cache["imageName"]]}
    assert cache["build"]["args"] == image["build"]["args"] == {"BUILDKIT_INLINE_CACHE": "1"}
    (context / "main.py").write_text("print(1)\n")
    second = declare(context, cache_stage=STAGE)
    assert tag(second, "img-cache") == tag(first, "img-cache"), "code does not touch the cache"
    (context / "requirements.txt").write_text("aiohttp==4\n")
    assert tag(declare(context, cache_stage=STAGE), "img-cache") != tag(first, "img-cache")


def test_a_pinned_digest_is_run_without_a_build(context: Path) -> None:
    """A rollback needs neither Docker nor the old checkout."""
    pinned = "sha256:" + "cd" * 32
    graph = declare(context, pinned_digest=pinned)
    assert graph.of_type("Image") == []
    assert graph.outputs["reference"].endswith(f"@{pinned}")
    assert graph.outputs["digest"] == pinned
    assert graph.calls == []


def test_a_generation_begins_with_other_files_or_another_revision(context: Path) -> None:
    """Its id ends the tag: files that return to an earlier state push under a separate tag."""

    def generations(graph: Graph) -> dict[str, Any]:
        return {
            name: graph[f"img-{name}-generation"].inputs["input"] for name in ("image", "cache")
        }

    first = generations(declare(context, cache_stage=STAGE))
    assert generations(declare(context, cache_stage=STAGE)) == first
    again = generations(declare(context, cache_stage=STAGE, revision="2"))
    assert again == {name: f"{made_of}-2" for name, made_of in first.items()}
    (context / "main.py").write_text("print(1)\n")
    other = generations(declare(context, cache_stage=STAGE))
    assert (other["cache"], other["image"] == first["image"]) == (first["cache"], False)


def test_a_pinned_image_has_no_generation(context: Path) -> None:
    """So the images that come back when the pin is lifted have a new one."""
    assert declare(context, cache_stage=STAGE, pinned_digest=DIGEST).of_type("Stash") == []


def test_an_image_outlives_its_resource(context: Path) -> None:
    """Pinning takes the build out of the program; the image that runs must stay."""
    assert declare(context)["img-image"].retain_on_delete is True


def test_the_repository_is_immutable_scanned_and_expires_old_images(context: Path) -> None:
    graph = declare(context, keep_images=7)
    repository = graph["img-repository"].inputs
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    rules = json.loads(graph["img-lifecycle-policy"].inputs["policy"])["rules"]
    kept = {
        rule["selection"].get("tagPrefixList", ["untagged"])[0]: rule["selection"]["countNumber"]
        for rule in rules
    }
    assert kept == {"deps-": 3, "src-": 7, "untagged": 1}


def test_an_own_key_for_the_repository(context: Path) -> None:
    assert declare(context)["img-repository"].inputs["encryptionConfigurations"] == [
        {"encryptionType": "AES256"}
    ]
    own = declare(context, kms_key_arn=KEY_ARN)["img-repository"].inputs["encryptionConfigurations"]
    assert own == [{"encryptionType": "KMS", "kmsKey": KEY_ARN}]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"pinned_digest": "latest"},
            "pinned_digest is 'latest'; allowed is 'sha256:' and 64 hexadecimal digits",
        ),
        ({"keep_images": 0}, "keep_images is 0"),
        (
            {"revision": "v1.2"},
            "revision is 'v1.2'; allowed is at most 20 lower-case letters and digits",
        ),
        (
            {"dockerfile": Path("nowhere/Dockerfile")},
            "dockerfile is 'nowhere/Dockerfile', which is not a file",
        ),
        (
            {"cache_stage": CacheStage(target="deps", files=())},
            "names the target 'deps'; stages of Dockerfile are dependencies",
        ),
        (
            {"cache_stage": CacheStage(target="dependencies", files=("uv.lock",))},
            "names uv.lock, which the context does not hold",
        ),
    ],
)
def test_refusals(context: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ComponentError) as error:
        args(context, **changes)
    assert words in str(error.value)
