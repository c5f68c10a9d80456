"""A session's epoch: part of the audience of every token for it, beside its options on the shared disk: `{sites}/.sessions/{id}.epoch`.

A new epoch ends every cookie and every unused link of the session, in every task. A session gets one when it is created and when its
sign-ins are revoked. One whose folder was put there by other means is in the first epoch until then: nothing is written for it, so that
a disk that is full or read-only keeps nobody out.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Final

from .session_options import FOLDER

FIRST: Final = "0" * 16
EPOCH: Final = re.compile(r"[0-9a-f]{16}")


def _file(sites_dir: Path, session_id: str) -> Path:
    return sites_dir / FOLDER / f"{session_id}.epoch"


def read_epoch(sites_dir: Path, session_id: str) -> str:
    """The session's epoch. `OSError` when the disk cannot be asked."""
    try:
        with _file(sites_dir, session_id).open("rb") as file:
            text = file.read(100).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return FIRST
    return text if EPOCH.fullmatch(text) else FIRST


def new_epoch(sites_dir: Path, session_id: str) -> str:
    """Give the session another epoch, in one step."""
    target, epoch = _file(sites_dir, session_id), secrets.token_hex(8)
    target.parent.mkdir(exist_ok=True)
    temporary = target.with_name(f".{secrets.token_hex(6)}.new")
    try:
        temporary.write_text(epoch)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return epoch


def remove_epoch(sites_dir: Path, session_id: str) -> None:
    """Forget the epoch of a session that is gone."""
    _file(sites_dir, session_id).unlink(missing_ok=True)
