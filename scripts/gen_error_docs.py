#!/usr/bin/env python3
"""Write docs/errors.md from the table of codes in container/gateway/codes.py.

scripts/gen_error_docs.py           rewrite the page
scripts/gen_error_docs.py --check   exit 1 when the page is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from container.gateway.problems import markdown  # noqa: E402 the path comes first

PAGE: Final = ROOT / "docs" / "errors.md"
HEAD: Final = """\
<!-- Written by scripts/gen_error_docs.py from container/gateway/codes.py: change it there. -->

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


def page() -> str:
    return HEAD + markdown()


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        if PAGE.is_file() and PAGE.read_text() == page():
            return 0
        print(f"{PAGE.relative_to(ROOT)} is out of date: run scripts/gen_error_docs.py")
        return 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
