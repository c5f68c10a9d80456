"""Names that this package chooses itself and that an account holds once: who owns them, within what
AWS takes. Pure.

Most resources get a generated name, which is unlike any other. A task family, a dashboard, a metric
namespace and a private zone are named, and two programs, stacks or components that named them alike
would overwrite each other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

HASH_LENGTH = 8
LABEL_LENGTH = 63
OUTSIDE = re.compile(r"[^A-Za-z0-9-]")


def own_name(*parts: str, limit: int = 255) -> str:
    """`astro-live_dev`: `parts` as one name of letters, digits, `-` and `_`, of `limit` characters
    at most.

    Different parts give different names: where a part holds what the name cannot, or the name is
    too long, a hash of the parts ends it.
    """
    return _joined(parts, separator="_", outside=OUTSIDE, limit=limit)


def own_path(*parts: str, limit: int = 255) -> str:
    """`AstroLive/astro-live/dev`: `parts` as a metric namespace of `limit` characters at most;
    different parts, different paths.
    """
    return _joined(parts, separator="/", outside=re.compile(r"[^A-Za-z0-9._-]"), limit=limit)


def own_domain(*parts: str) -> str:
    """`dev.astro-live`: a DNS name with a label per part, the last part first; different parts,
    different names.
    """
    return ".".join(map(_label, reversed(parts)))


def _label(part: str) -> str:
    fitting = re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")
    if fitting == part and len(part) <= LABEL_LENGTH:
        return part
    return f"{fitting[: LABEL_LENGTH - HASH_LENGTH - 1]}-{_digest([part])}".lstrip("-")


def _joined(parts: Sequence[str], *, separator: str, outside: re.Pattern[str], limit: int) -> str:
    fitting = [outside.sub("-", part) for part in parts]
    name = separator.join(fitting)
    if fitting == list(parts) and len(name) <= limit:
        return name
    return f"{name[: limit - HASH_LENGTH - 1]}-{_digest(parts)}"


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:HASH_LENGTH]
