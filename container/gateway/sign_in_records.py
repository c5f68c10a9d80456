"""Which credentials' sign-ins a session lets in, beside its epoch on the shared disk:
`{sites}/.sessions/{id}.sign-ins`.

For the next task that runs the session. Code of a site can write there: each is checked with the
store of the credentials all the same (`sign_ins.py`), so that a name gains nobody more than part of
a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .credentials.model import is_id
from .records import read_record, remove_record, write_record
from .session_options import FOLDER

MOST_SIGN_INS: Final = 2000
"""Credentials of one session. Envoy reads all of them with each change."""
MOST_BYTES: Final = MOST_SIGN_INS * 20


def _file(sites_dir: Path, session_id: str) -> Path:
    return sites_dir / FOLDER / f"{session_id}.sign-ins"


def read_sign_ins(sites_dir: Path, session_id: str) -> list[str]:
    """The ids of the credentials. `OSError` when the disk cannot be asked."""
    text = (read_record(_file(sites_dir, session_id), MOST_BYTES) or b"").decode("ascii", "replace")
    return list(dict.fromkeys(filter(is_id, text.split())))[:MOST_SIGN_INS]


def write_sign_ins(sites_dir: Path, session_id: str, credentials: Sequence[str]) -> None:
    write_record(sites_dir, _file(sites_dir, session_id), " ".join(credentials))


def remove_sign_ins(sites_dir: Path, session_id: str) -> None:
    """Of a session that is gone."""
    remove_record(sites_dir, _file(sites_dir, session_id))
