#!/usr/bin/env python3
"""Write docs/errors.md from the table of codes in container/gateway/codes.py, the table of calls
and scopes in docs/credentials.md from the API's description, and docs/metrics.md from the metrics
themselves.

scripts/gen_api_docs.py           rewrite the pages
scripts/gen_api_docs.py --check   exit 1 and name each page that is out of date
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from container.gateway.access import operations  # noqa: E402 the path comes first
from container.gateway.credentials.model import Caller, Scope  # noqa: E402
from container.gateway.metrics import SessionGauges  # noqa: E402
from container.gateway.problems import markdown  # noqa: E402
from container.gateway.telemetry import Telemetry  # noqa: E402
from contract.api import API_ROOT  # noqa: E402
from contract.telemetry import LOG_METRICS, NAMESPACE  # noqa: E402

ERRORS: Final = ROOT / "docs" / "errors.md"
CREDENTIALS: Final = ROOT / "docs" / "credentials.md"
METRICS: Final = ROOT / "docs" / "metrics.md"
BEGIN: Final = "<!-- calls: written by scripts/gen_api_docs.py -->\n"
END: Final = "<!-- end of calls -->\n"
HEAD: Final = """\
<!-- Written by scripts/gen_api_docs.py from container/gateway/codes.py: change it there. -->

# Errors of the API

Every error of the API is a problem of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), media type
`application/problem+json`:

```json
{
  "type": "/api/v1/errors#unknown-session",
  "title": "The session does not exist",
  "status": 404,
  "detail": "session 'shop' does not exist. POST /api/v1/sessions creates one",
  "instance": "/api/v1/sessions/shop",
  "code": "unknown-session"
}
```

`code` is for programs, `detail` for people and agents: it names what was wrong, what is allowed and
the fix. `type` leads to the paragraph about the code; the service serves this page at
`/api/v1/errors`, without a credential. Some codes have more members, such as `current`. A code keeps
its meaning and its status in `/api/v1`; new codes may come, so treat an unknown one by its status.
Statuses 408, 429 and 503 have `Retry-After`, and so has `key-in-progress`.

An answer that is not `application/problem+json` comes from something before the service, such as the
load balancer or its firewall.

"""


def errors_page() -> str:
    return HEAD + markdown()


def calls() -> str:
    """The table: a row for each call, a column for each scope."""
    lines = [
        "| call | " + " | ".join(f"`{scope}`" for scope in Scope) + " |",
        "|---|" + "---|" * len(Scope),
    ]
    for (method, path), (name, needed) in sorted(
        operations().items(), key=lambda row: row[0][::-1]
    ):
        marks = []
        for scope in Scope:
            caller = Caller(id="", name="", scopes=frozenset({scope}), sessions=frozenset({"own"}))
            marks.append("yes" if caller.allows(needed, "own") else "")
        lines.append(
            f"| `{method} {path.removeprefix(API_ROOT)}` {name} | " + " | ".join(marks) + " |"
        )
    return "\n".join(lines) + "\n"


def credentials_page() -> str:
    before, _, rest = CREDENTIALS.read_text().partition(BEGIN)
    return before + BEGIN + calls() + END + rest.partition(END)[2]


METRICS_HEAD: Final = f"""\
<!-- Written by scripts/gen_api_docs.py from container/gateway/telemetry.py, metrics.py and contract/telemetry.py. -->

# Metrics

Each task serves its metrics for Prometheus at `/metrics` of the API's port, to callers with the
scope `service`. In AWS, filters make CloudWatch metrics of the log, in the namespace
`{NAMESPACE}/<project>/<stack>`; alarms and the dashboard use those
([runbook](runbook.md#what-does-a-symptom-mean)). What the labels mean:
[the gateway](gateway.md#what-the-log-says).

## For Prometheus

| metric | type | labels | meaning |
|---|---|---|---|
"""


def metrics_page() -> str:
    """A row for each metric, as the gateway registers it."""
    gauges = SessionGauges(_NoSessions(), SimpleNamespace(size=0))  # type: ignore[arg-type]
    rows = [
        (family.name, family.type, family._labelnames, family.documentation)
        for family in gauges.collect()
    ]
    collectors: Any = Telemetry().registry._collector_to_names
    for collector in collectors:
        for family in collector.describe():
            name = family.name + ("_total" if family.type == "counter" else "")
            rows.append((name, family.type, collector._labelnames, family.documentation))
    lines = [
        f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {text} |"
        for name, kind, labels, text in sorted(rows)
    ]
    log = [
        f"| `{metric.name}` | {metric.unit} | `{metric.event}`"
        f"{f', `{metric.field}`' if metric.field else ''} |"
        for metric in LOG_METRICS
    ]
    head = "\n## In CloudWatch\n\n| metric | unit | event of the log, and its number |\n|---|---|---|\n"
    return METRICS_HEAD + "\n".join(lines) + "\n" + head + "\n".join(log) + "\n"


class _NoSessions:
    """A registry without sessions."""

    def __iter__(self) -> Iterator[Any]:
        return iter(())


def main(arguments: list[str]) -> int:
    pages = {ERRORS: errors_page(), CREDENTIALS: credentials_page(), METRICS: metrics_page()}
    if arguments != ["--check"]:
        for path, text in pages.items():
            path.write_text(text)
        return 0
    old = [path for path, text in pages.items() if path.read_text() != text]
    for path in old:
        print(f"{path.relative_to(ROOT)} is out of date: run scripts/gen_api_docs.py")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
