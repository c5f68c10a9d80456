"""Fixtures of peers as they lie in their repositories: what each is about, and what its authors
expect.

A folder is one peer's checkout, or the part of it that holds the tests. Which peer it is shows in
its layout.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from . import cloudformation, terraform, typescript
from .declared import Declared


@dataclass(frozen=True, kw_only=True)
class Fixture:
    """One case."""

    peer: str
    check: str
    """The peer's own name of the check."""

    name: str
    """File, and resource where a file holds several cases."""

    violating: bool
    subject: str = ""
    """Address of the resource that the case is about; empty for all of them."""

    read: Callable[[str], list[Declared]]
    """Translates the case; takes a project name for URNs. Raises `Unreadable` of one of the
    languages.
    """


def fixtures(folder: Path) -> Iterator[Fixture]:
    """Every case below `folder`."""
    found = itertools.chain(
        _kics(folder), _trivy(folder), _guard(folder), _checkov(folder), _recorded(folder)
    )
    seen = set()
    for each in found:
        key = (each.peer, each.check, each.name, each.subject, each.violating)
        if key not in seen:
            seen.add(key)
            yield each


def _terraform(*texts: str) -> Callable[[str], list[Declared]]:
    return lambda project: terraform.resources(texts, project)


def _cloudformation(text: str) -> Callable[[str], list[Declared]]:
    return lambda project: cloudformation.resources(cloudformation.load(text), project)


def _reader(file: Path) -> Callable[[str], list[Declared]]:
    text = file.read_text(encoding="utf-8", errors="replace")
    return _terraform(text) if file.suffix == ".tf" else _cloudformation(text)


# KICS: <language>/aws/<query>/test/positive1.tf, negative1.yaml


def _kics(folder: Path) -> Iterator[Fixture]:
    for file in sorted(folder.rglob("queries/*/aws/*/test/*")):
        if file.suffix not in (".tf", ".yaml", ".yml", ".json") or "expected_result" in file.name:
            continue
        if not file.stem.startswith(("positive", "negative")) or "pulumi" in file.parts:
            continue
        language = "tf" if file.suffix == ".tf" else "cfn"
        yield Fixture(
            peer=f"kics {language}",
            check=file.parents[1].name,
            name=file.name,
            violating=file.stem.startswith("positive"),
            read=_reader(file),
        )


# Trivy: checks/cloud/aws/<service>/<check>.yaml with good and bad examples


def _trivy(folder: Path) -> Iterator[Fixture]:
    for file in sorted(folder.rglob("checks/cloud/aws/*/*.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        for language, read in (("terraform", _terraform), ("cloudformation", _cloudformation)):
            for verdict in ("good", "bad"):
                for index, text in enumerate((content.get(language) or {}).get(verdict) or []):
                    yield Fixture(
                        peer=f"trivy {'tf' if language == 'terraform' else 'cfn'}",
                        check=f"{file.parent.name}/{file.stem}",
                        name=f"{verdict} {index}",
                        violating=verdict == "bad",
                        read=read(text),
                    )


# AWS Guard rules: rules/aws/<service>/tests/<rule>_tests.yml


def _guard(folder: Path) -> Iterator[Fixture]:
    for file in sorted(folder.rglob("rules/aws/*/tests/*.yml")):
        for case in cloudformation.load(file.read_text(encoding="utf-8")) or []:
            for rule, expected in (case.get("expectations", {}).get("rules") or {}).items():
                if expected in ("PASS", "FAIL"):
                    yield Fixture(
                        peer="guard cfn",
                        check=str(rule).lower(),
                        name=f"{file.name}: {case.get('name')}",
                        violating=expected == "FAIL",
                        read=_template(case.get("input")),
                    )


def _template(content: Any) -> Callable[[str], list[Declared]]:
    return lambda project: cloudformation.resources(content, project)


# Checkov: test_<check>.py names the resources of example_<check>/ that pass and fail, or holds the
# text itself


def _checkov(folder: Path) -> Iterator[Fixture]:
    for test in sorted(folder.rglob("tests/*/checks/*/aws/test_*.py")):
        language = "tf" if "terraform" in test.parts else "cfn"
        tree = ast.parse(test.read_text(encoding="utf-8"))
        yield from _inline(test, tree, language)
        yield from _examples(test, tree, language)
    for expected in sorted(folder.rglob("tests/terraform/graph/checks/resources/*/expected.yaml")):
        content = yaml.safe_load(expected.read_text(encoding="utf-8")) or {}
        texts = _texts(expected.parent)
        for verdict in ("pass", "fail"):
            for address in content.get(verdict) or []:
                yield _checkov_case(
                    f"graph/{expected.parent.name}",
                    "tf",
                    str(address),
                    verdict == "fail",
                    _terraform(*texts),
                )


def _checkov_case(
    check: str, language: str, address: str, violating: bool, read: Callable[[str], list[Declared]]
) -> Fixture:
    return Fixture(
        peer=f"checkov {language}",
        check=check,
        name=address,
        violating=violating,
        subject=address,
        read=read,
    )


def _texts(folder: Path) -> list[str]:
    return [
        file.read_text(encoding="utf-8", errors="replace") for file in sorted(folder.rglob("*.tf"))
    ]


def _examples(test: Path, tree: ast.AST, language: str) -> Iterator[Fixture]:
    check = test.stem.removeprefix("test_")
    text = test.read_text(encoding="utf-8")
    name = re.search(r"""[/"'](example_\w+|example|resources/\w+|Cloudsplaining_\w+)["'/]""", text)
    folder = test.parent / (name[1] if name else f"example_{check}")
    if not folder.is_dir():
        return
    for verdict, addresses in _named_sets(tree):
        for address in addresses:
            if language == "tf":
                yield _checkov_case(check, language, address, verdict, _terraform(*_texts(folder)))
                continue
            for file in sorted(folder.iterdir()):
                short = address.rsplit(".", 1)[-1]
                if file.suffix in (".yaml", ".yml", ".json") and re.search(
                    rf"\b{re.escape(short)}\b", file.read_text(encoding="utf-8")
                ):
                    fixture = _checkov_case(check, language, address, verdict, _reader(file))
                    yield Fixture(**{**vars(fixture), "name": f"{file.name}: {address}"})


def _named_sets(tree: ast.AST) -> Iterator[tuple[bool, list[str]]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Set | ast.List)
        ):
            verdict = re.match(r"(pass|fail)", node.targets[0].id)
            addresses = [each.value for each in node.value.elts if isinstance(each, ast.Constant)]
            if verdict and addresses:
                yield verdict[1] == "fail", [str(each) for each in addresses]


def _inline(test: Path, tree: ast.AST, language: str) -> Iterator[Fixture]:
    """Methods that parse a text and expect `CheckResult.PASSED` or `CheckResult.FAILED` of it."""
    for method in (
        each
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef) and each.name.startswith("test")
    ):
        source = ast.unparse(method)
        verdicts = set(re.findall(r"CheckResult\.(PASSED|FAILED)", source))
        texts = [
            each.value
            for each in ast.walk(method)
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        blocks = [each for each in texts if re.search(r'\bresource\s+"?aws_', each)]
        if len(verdicts) == 1 and len(blocks) == 1 and "hcl2.loads" in source and language == "tf":
            yield Fixture(
                peer="checkov tf",
                check=test.stem.removeprefix("test_"),
                name=method.name,
                violating=verdicts == {"FAILED"},
                read=_terraform(blocks[0]),
            )


# cdk-nag, AWSGuard, Pulumi's compliance policies: what their tests are about to judge


def _recorded(folder: Path) -> Iterator[Fixture]:
    for case in typescript.recorded(folder):
        yield Fixture(
            peer=case["peer"],
            check=case["check"],
            name=case["name"],
            violating=case["violating"],
            read=(
                _template(case["template"]) if "template" in case else _arguments(case["resources"])
            ),
        )


def _arguments(found: Any) -> Callable[[str], list[Declared]]:
    return lambda project: typescript.resources(found, project)
