"""Reports of a policy run, for people and for machines.

    report = Report.of(pack_info, diagnostics, stack="dev", disabled=("alb-access-logs",))
    print(terminal(report, color=True))   # table grouped by resource, with fix and documentation
    json.dumps(sarif(report))             # SARIF 2.1.0 as a dictionary
    junit(report)                         # JUnit XML as text
    write(report, Path("out"))            # policy.txt, .sarif and .junit.xml; returns their paths

Of what a real `pulumi preview --event-log FILE` found, `from_event_log(FILE, pack_info)` makes the
same report, `diagnostics_of` has the diagnostics, and `events` all events with their lines.

`PackInfo` and `Diagnostic` are the harness's; the disabled rules are those whose level in
`Analyzer.settings()` is `disabled`. `python -m policy.reports --help` is the wrapper around the
real engine.
"""

from pathlib import Path

from .engine import EventLogError, diagnostics_of, events, from_event_log
from .junit import junit
from .model import Entry, Kind, Report
from .sarif import sarif
from .terminal import terminal

__all__ = [
    "Entry",
    "EventLogError",
    "Kind",
    "Report",
    "diagnostics_of",
    "events",
    "from_event_log",
    "junit",
    "sarif",
    "terminal",
    "write",
]


def write(report: Report, directory: Path) -> list[Path]:
    """Write every report into `directory`, which is created if need be, and return the files."""
    import json

    directory.mkdir(parents=True, exist_ok=True)
    contents = {
        "policy.txt": terminal(report),
        "policy.sarif": json.dumps(sarif(report), indent=2) + "\n",
        "policy.junit.xml": junit(report),
    }
    files = []
    for name, content in contents.items():
        (directory / name).write_text(content, encoding="utf-8")
        files.append(directory / name)
    return files
