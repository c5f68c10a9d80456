"""A session's epoch: part of the audience of every token for it, beside its options on the shared
disk: `{sites}/.sessions/{id}.epoch`.

A new epoch ends every cookie and every unused link of the session, in every task. A session gets
one when it is created and when its sign-ins are revoked. One whose folder was put there by other
means is in the first epoch until then: nothing is written for it, so that a disk that is full or
read-only keeps nobody out.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path
from typing import Final

from .records import read_record, remove_record, write_record
from .session_options import FOLDER

FIRST: Final = "0" * 16
EPOCH: Final = re.compile(r"[0-9a-f]{16}")


def _file(sites_dir: Path, session_id: str) -> Path:
    return sites_dir / FOLDER / f"{session_id}.epoch"


def read_epoch(sites_dir: Path, session_id: str) -> str:
    """The session's epoch. `OSError` when the disk cannot be asked. A file that holds something
    else gives one that no token was signed for: it does not bring the first one back.
    """
    data = read_record(_file(sites_dir, session_id), 100)
    if not data:
        return FIRST
    text = data.decode("ascii", "replace").strip()
    return text if EPOCH.fullmatch(text) else hashlib.sha256(data).hexdigest()[: len(FIRST)]


def new_epoch(sites_dir: Path, session_id: str) -> str:
    """Give the session another epoch, in one step."""
    epoch = secrets.token_hex(8)
    write_record(sites_dir, _file(sites_dir, session_id), epoch)
    return epoch


def remove_epoch(sites_dir: Path, session_id: str) -> None:
    """Forget the epoch of a session that is gone."""
    remove_record(sites_dir, _file(sites_dir, session_id))
