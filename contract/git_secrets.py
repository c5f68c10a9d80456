"""Secrets that calls about Git may name instead of a credential (`gitSecretNames`).

An entry is `NAME=ADDRESS=SOURCE`: what callers name, where the secret may be sent, and where it is
kept. A secret for several addresses has an entry for each.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NAME: Final = r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?"
MOST_ENTRIES: Final = 50
MOST_ARN_CHARACTERS: Final = 6000
"""Of all secrets together. AWS takes 10,240 characters of inline policies of a role
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
"""
FILE: Final = "file:"
"""Begins a source on this machine's disk, for a laptop."""

_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)"
    r"(?P<port>:[1-9][0-9]{0,4})?(?P<path>(/[A-Za-z0-9._~-]+)*)/?"
)
_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:secretsmanager:(?P<region>[a-z]{2}(-[a-z]+)+-\d):\d{12}:secret:"
    r"[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
)
"""With the six characters that Secrets Manager adds, so that no other secret is meant
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html).
"""
_FILE: Final = re.compile(r"file:/[^\0\s]{1,1000}")
LAST_PORT: Final = 65535
_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, kw_only=True)
class GitSecret:
    """One entry."""

    name: str
    scheme: str
    place: str
    """Host, and port where it is not the scheme's."""
    path: str
    """What the path of a repository begins with, in whole segments; empty for all of the host."""
    source: str
    """The ARN of a secret, or `file:` and an absolute path."""

    @property
    def address(self) -> str:
        return f"{self.scheme}://{self.place}{self.path}"

    @property
    def region(self) -> str:
        """Of an ARN; empty for a file."""
        found = _ARN.fullmatch(self.source)
        return found["region"] if found else ""

    @property
    def is_file(self) -> bool:
        return self.source.startswith(FILE)

    def covers(self, scheme: str, place: str, raw_path: str) -> bool:
        """Whether the secret may be sent there. `raw_path` is the path as it is sent: one that a
        server may read as another (dots, escapes, empty segments) is not covered by a prefix.
        """
        if (scheme, place) != (self.scheme, self.place):
            return False
        if not self.path:
            return True
        segments = raw_path.split("/")[1:]
        if any(not re.fullmatch(r"(?!\.\.?$)[A-Za-z0-9._~-]+", each) for each in segments):
            return False
        return raw_path == self.path or raw_path.startswith(self.path + "/")


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def parse(entry: str) -> GitSecret:
    """Raises `ValueError`."""
    name, _, rest = entry.partition("=")
    address, _, source = rest.partition("=")
    found = _ADDRESS.fullmatch(address)
    fits = re.fullmatch(NAME, name) and (_ARN.fullmatch(source) or _FILE.fullmatch(source))
    if not found or not fits or len(found["host"]) > 253 or len(found["path"]) > 200:
        raise ValueError(entry)
    if any(part in (".", "..") for part in found["path"].split("/")):
        raise ValueError(entry)
    if found["scheme"] == "http" and not is_loopback(found["host"]):
        raise ValueError(entry)  # a credential could be read on its way
    port = found["port"] or ""
    if int(port[1:] or 0) > LAST_PORT:
        raise ValueError(entry)
    return GitSecret(
        name=name,
        scheme=found["scheme"],
        place=found["host"] + ("" if port == _DEFAULT_PORTS[found["scheme"]] else port),
        path=found["path"],
        source=source,
    )


def arns(entries: Iterable[str]) -> tuple[str, ...]:
    """The secrets in Secrets Manager, each once, in the order of the entries."""
    found = (parse(entry) for entry in entries)
    return tuple(dict.fromkeys(each.source for each in found if not each.is_file))


def are_entries(entries: tuple[str, ...]) -> bool:
    """Whether each can be used, and no name means two secrets. Raises `ValueError` for no."""
    found = [parse(entry) for entry in entries]
    sources = {each.name: each.source for each in found}
    return (
        len(found) <= MOST_ENTRIES
        and len({(each.name, each.address) for each in found}) == len(found)
        and all(sources[each.name] == each.source for each in found)
        and sum(map(len, arns(entries))) <= MOST_ARN_CHARACTERS
    )
