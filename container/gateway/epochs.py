"""A session's epoch: part of the audience of every token for it, beside its options on the shared disk: `{sites}/.sessions/{id}.epoch`.

A new epoch ends every cookie and every unused link of the session at once, in every task. A session gets one when it is created, when
its sign-ins are revoked, and at its first link or start if a project folder was put there by other means.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Final

from .session_options import FOLDER

EPOCH: Final = re.compile(r"[0-9a-f]{16}")


def _file(sites_dir: Path, session_id: str) -> Path:
    return sites_dir / FOLDER / f"{session_id}.epoch"


def read_epoch(sites_dir: Path, session_id: str) -> str:
    """The session's epoch; empty when it has none (or none that is valid): nobody is signed in to it then."""
    try:
        with _file(sites_dir, session_id).open("rb") as file:
            text = file.read(100).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return ""
    return text if EPOCH.fullmatch(text) else ""


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


def ensure_epoch(sites_dir: Path, session_id: str) -> str:
    """The session's epoch, made now if it has none."""
    return read_epoch(sites_dir, session_id) or new_epoch(sites_dir, session_id)


def remove_epoch(sites_dir: Path, session_id: str) -> None:
    """Forget the epoch of a session that is gone."""
    _file(sites_dir, session_id).unlink(missing_ok=True)
