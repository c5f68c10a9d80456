"""The report as JUnit XML: a suite per rule, a case per resource that broke it, and one passing
case for a rule that holds.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as Xml

from .model import Entry, Kind, Report

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


def junit(report: Report) -> str:
    """The report as a JUnit document. Violations are failures; warnings, open questions and
    exemptions pass with their text as output.
    """
    root = Xml.Element("testsuites", name=_clean(f"{report.pack.name} {report.stack}".strip()))
    rules = [policy.name for policy in report.pack.policies]
    for rule in dict.fromkeys((*rules, *(each.rule for each in report.entries))):
        _suite(
            root,
            rule,
            [each for each in report.entries if each.rule == rule],
            rule in report.disabled,
        )
    for key in ("tests", "failures", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    root.set("errors", "0")
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: Xml.Element, rule: str, entries: list[Entry], disabled: bool) -> None:
    suite = Xml.SubElement(root, "testsuite", name=rule)
    for resource in dict.fromkeys(each.resource for each in entries):
        mine = [each for each in entries if each.resource == resource]
        case = Xml.SubElement(suite, "testcase", classname=rule, name=_clean(resource))
        for entry in (each for each in mine if each.kind is Kind.VIOLATION):
            failure = Xml.SubElement(
                case, "failure", type=entry.severity or "violation", message=_clean(entry.text)
            )
            failure.text = _clean(
                f"{entry.title}\n{entry.text}\nFix: {entry.fix}.\nDocs: {entry.page}"
                f" {entry.link}\n{entry.urn}"
            )
        notes = [
            f"{each.kind.value}: {each.text}" for each in mine if each.kind is not Kind.VIOLATION
        ]
        if notes:
            Xml.SubElement(case, "system-out").text = _clean("\n".join(notes))
    if not entries:
        case = Xml.SubElement(suite, "testcase", classname=rule, name="holds for the whole stack")
        if disabled:
            Xml.SubElement(case, "skipped", message="disabled in the policy configuration")
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(sum(1 for case in suite if case.find("failure") is not None)))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("errors", "0")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
