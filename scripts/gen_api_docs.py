#!/usr/bin/env python3
"""Write docs/errors.md from the table of codes in container/gateway/codes.py, and the table of calls
and scopes in docs/credentials.md from the API's description.

scripts/gen_api_docs.py           rewrite the pages
scripts/gen_api_docs.py --check   exit 1 and name each page that is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from container.gateway.access import operations  # noqa: E402 the path comes first
from container.gateway.credentials.model import Caller, Scope  # noqa: E402
from container.gateway.problems import markdown  # noqa: E402
from contract.api import API_ROOT  # noqa: E402

ERRORS: Final = ROOT / "docs" / "errors.md"
CREDENTIALS: Final = ROOT / "docs" / "credentials.md"
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
  "detail": "session 'shop' does not exist. Create it with POST /api/v1/sessions",
  "instance": "/api/v1/sessions/shop",
  "code": "unknown-session"
}
```

`code` is for programs, `detail` for people and agents: it names what was wrong, what is allowed and
the fix. `type` leads to the paragraph about the code; the service serves this page at
`/api/v1/errors`, without a credential. Some codes have more members, such as `current`. A code keeps
its meaning and its status in `/api/v1`; new codes may come, so treat an unknown one by its status.
Statuses 408, 429 and 503 have `Retry-After`.

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


def main(arguments: list[str]) -> int:
    pages = {ERRORS: errors_page(), CREDENTIALS: credentials_page()}
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
