"""What a branch changes: the base deployed to a pretend cloud, and the branch previewed over it, by
the real engine.

So replacements, and what follows from them, are the engine's own. Nothing is asked of an account.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract.changes import FILE
from local import changes, policies
from local.engine import ROOT
from local.errors import LocalError
from local.provider.cli import Engine, executable
from policy.harness import Diagnostic
from policy.reports import EventLogError, diagnostics_of


def run(
    stack: str, base: Path | None, report: Path, config: Mapping[str, object], root: Path = ROOT
) -> int:
    """Write `changes.json` and the head's previews into `report`; 1 when the preview failed or the
    pack refuses.

    `base` is a checkout of what the branch is compared with. One that cannot be deployed costs the
    comparison only. A head that cannot be previewed is reported in `changes.json`, so that a reader
    does not go on showing an older one.
    """
    executable()
    report.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="astro-live-") as scratch:
        content, code = _compare(Path(scratch), stack, base, report, config, root)
    (report / FILE).write_text(json.dumps({"stack": stack, **content}, indent=2) + "\n")
    print(f"changes: {report / FILE}")
    return code


def _compare(
    scratch: Path,
    stack: str,
    base: Path | None,
    report: Path,
    config: Mapping[str, object],
    root: Path,
) -> tuple[dict[str, Any], int]:
    known, without_base = None, "there is no base"
    if base is not None:
        try:
            known = _deploy_base(scratch, stack, base.resolve())
        except LocalError as error:
            without_base = f"the base could not be deployed: {error}"
            print(f"astro-live: {without_base}", file=sys.stderr)
    head = Engine(directory=scratch, root=root)
    try:
        head.prepare(stack, config)
        code = head.preview(stack, report)
        log = head.events
        found = _judged(head, stack)
    except (LocalError, EventLogError) as error:
        print(f"astro-live: {error}", file=sys.stderr)
        return {"failed": str(error)[-2000:]}, 1
    old = {_key(each) for each in known["violations"]} if known else set()
    new = {_key(each) for each in found["violations"]}
    return {
        "base": None if known else without_base,
        **changes.read(log),
        "violations": [
            {**each, "new": known is not None and _key(each) not in old}
            for each in found["violations"]
        ],
        "resolved": (
            [each for each in known["violations"] if _key(each) not in new] if known else []
        ),
        "disabled": found["disabled"],
        "newlyDisabled": sorted(set(found["disabled"]) - set(known["disabled"])) if known else [],
    }, code


def _deploy_base(scratch: Path, stack: str, base: Path) -> dict[str, Any]:
    """The base in the pretend cloud, and what its own pack says of it."""
    engine = Engine(directory=scratch, root=base)
    engine.prepare(stack)
    done = engine.operate("up", stack, "--skip-preview", capture=True, pack=False)
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise LocalError("; ".join(lines[-3:]))
    engine.operate("preview", stack, "--event-log", str(engine.events), capture=True)
    try:
        return _judged(engine, stack)
    except EventLogError as error:
        raise LocalError(str(error)) from error


def _judged(engine: Engine, stack: str) -> dict[str, Any]:
    """Violations and disabled rules of the engine's last preview."""
    with policies.start(stack, "astro-live", engine.policy) as analyzer:
        pack, settings = analyzer.info(), analyzer.settings()
    return {
        "violations": [_violation(each) for each in diagnostics_of(engine.events, pack)],
        "disabled": sorted(
            name for name, setting in settings.items() if setting.level == "disabled"
        ),
    }


def _violation(diagnostic: Diagnostic) -> dict[str, str]:
    lines = [line for line in diagnostic.message.splitlines() if line.strip()]
    said = (
        lines[1] if len(lines) > 1 and lines[0] == diagnostic.description else next(iter(lines), "")
    )
    return {
        "policy": diagnostic.policy,
        "level": diagnostic.level,
        "name": diagnostic.urn.rsplit("::", 1)[-1],
        "message": said[: 3 * changes.LONGEST],
    }


def _key(violation: Mapping[str, str]) -> tuple[str, str, str]:
    return violation["policy"], violation["name"], violation["message"]
