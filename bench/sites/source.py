"""Copies of the sites to try: from a Git address, or from a folder."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CLONE_SECONDS: Final = 300
NOT_COPIED: Final = ("node_modules", ".git", "dist", ".astro")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One site: where it comes from, and its folder in there (`address#folder`); `""` leaves that
    to the session.
    """

    address: str
    root: str

    @classmethod
    def parse(cls, text: str) -> Source:
        address, _, root = text.partition("#")
        return cls(address=address, root=root)

    @property
    def name(self) -> str:
        """A name to show: the last part of the address, with the site's folder."""
        last = re.sub(r"(\.git|/repo)?/?$", "", self.address).rsplit("/", 1)[-1].rsplit("+", 1)[-1]
        return f"{last} ({self.root})" if self.root else last

    @property
    def session_id(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:50]

    @property
    def bare_first(self) -> bool:
        """Which side's second start comes first: half of all sites each, and the same one in every
        run.
        """
        return zlib.crc32(self.name.encode()) % 2 == 1

    def copy_to(self, target: Path) -> None:
        """Put a copy into `target`. Raises `OSError` or `subprocess.SubprocessError` with the
        reason.
        """
        folder = Path(self.address)
        if folder.is_dir() and not (folder / "HEAD").is_file():
            shutil.copytree(
                folder, target, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED)
            )
            return
        command = ["git", "clone", "--quiet", "--depth", "1", "--", self.address, str(target)]
        subprocess.run(command, check=True, timeout=CLONE_SECONDS, capture_output=True, text=True)
        shutil.rmtree(target / ".git")
