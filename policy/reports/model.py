"""One policy run as the reports see it: diagnostics taken apart and sorted by what they mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ..config_schema import PolicyInfo
from ..harness import Diagnostic, PackInfo
from ..rules.core.run import LATER

_IN_FORCE = "exemptions-in-force"


class Kind(Enum):
    """What a diagnostic means for the reader."""

    VIOLATION = "violation"
    """Stops the update."""

    WARNING = "warning"
    """Breaks a rule that does not stop the update."""

    OPEN = "open question"
    """Cannot be judged before the update has run."""

    EXEMPTION = "exemption"
    """Is set aside until a day."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One diagnostic."""

    kind: Kind
    rule: str
    title: str
    severity: str
    urn: str
    """Empty for the stack as a whole."""

    text: str
    """What was found."""

    fix: str
    link: str

    @property
    def resource(self) -> str:
        """`type name`, or `the stack`."""
        parts = self.urn.split("::")
        if len(parts) < 4:
            return "the stack"
        return f"{parts[2].rsplit('$', 1)[-1]} {'::'.join(parts[3:])}"

    @property
    def page(self) -> str:
        """The rule's page in the reference."""
        return f"policy/docs/{self.rule}.md"


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything one run of the pack found."""

    pack: PackInfo
    stack: str
    entries: tuple[Entry, ...]
    disabled: tuple[str, ...] = ()
    """Rules that did not run."""

    @classmethod
    def of(
        cls,
        pack: PackInfo,
        diagnostics: Iterable[Diagnostic],
        *,
        stack: str = "",
        disabled: Iterable[str] = (),
    ) -> Report:
        """A report of these diagnostics. The same finding reported twice counts once."""
        infos = {policy.name: policy for policy in pack.policies}
        entries = dict.fromkeys(_entry(each, infos.get(each.policy)) for each in diagnostics)
        return cls(pack=pack, stack=stack, entries=tuple(entries), disabled=tuple(disabled))

    def of_kind(self, kind: Kind) -> list[Entry]:
        return [each for each in self.entries if each.kind is kind]

    @property
    def blocks(self) -> bool:
        """Whether the engine refuses the update."""
        return any(each.kind is Kind.VIOLATION for each in self.entries)

    def summary(self) -> str:
        """`2 violations, 1 warning, 0 open questions, 0 exemptions in 38 rules`."""
        parts = []
        for kind in Kind:
            count = len(self.of_kind(kind))
            parts.append(f"{count} {kind.value}{'' if count == 1 else 's'}")
        return f"{', '.join(parts)} in {len(self.pack.policies) - len(self.disabled)} rules"


def _entry(diagnostic: Diagnostic, info: PolicyInfo | None) -> Entry:
    text = diagnostic.message.strip()
    kind = Kind.VIOLATION if diagnostic.level in ("mandatory", "remediate") else Kind.WARNING
    if diagnostic.policy == _IN_FORCE:
        kind = Kind.EXEMPTION
    elif kind is Kind.WARNING and text.endswith(LATER):
        kind, text = Kind.OPEN, text.removesuffix(LATER)
    lines = text.splitlines()
    if lines and lines[0] == diagnostic.description:
        lines = lines[1:]
    fix, link = (info.fix, info.url) if info else ("", "")
    found = [line for line in lines if not line.startswith(("Fix: ", "Docs: "))]
    return Entry(
        kind=kind,
        rule=diagnostic.policy,
        title=info.title if info and info.title else diagnostic.description,
        severity=diagnostic.severity or (info.severity if info else ""),
        urn=diagnostic.urn,
        text="\n".join(found).strip(),
        fix=fix,
        link=link,
    )
