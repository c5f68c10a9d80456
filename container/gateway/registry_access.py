"""How the package managers of sessions reach registries: the settings that a dev server's processes
may see.

A dev server's environment is an allow-list (S9), and code of a site can read all of it. Registry,
proxy and certificate settings of the task, or of a laptop, pass; credentials do not. Packages that
need a login need it in the project's own `.npmrc`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

PLAIN: Final = frozenset(
    {
        "registry",
        "cafile",
        "ca",
        "strict-ssl",
        "proxy",
        "https-proxy",
        "http-proxy",
        "noproxy",
        "maxsockets",
        "replace-registry-host",
        "fetch-retries",
        "fetch-retry-factor",
        "fetch-retry-mintimeout",
        "fetch-retry-maxtimeout",
        "fetch-timeout",
    }
)
"""npm's settings about the network that hold no credential,
https://docs.npmjs.com/cli/v11/using-npm/config.
"""

VARIABLES: Final = frozenset(
    {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_USE_ENV_PROXY"}
)
PROXIES: Final = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"})
"""In capitals or not: programs differ in which they read."""

MAX_NPMRC_BYTES: Final = 64 * 1024
_PREFIX: Final = re.compile(r"^npm_config_", re.IGNORECASE)
_SCOPE: Final = re.compile(r"^@[a-z0-9~._-]+:registry$")


def registry_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of `environment` that say how registries are reached."""
    return {name: value for name, value in _passed(environment) if value}


def _passed(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in environment.items():
        if name in VARIABLES or name.upper() in PROXIES:
            yield name, value
        elif _PREFIX.match(name):
            setting = _PREFIX.sub("", name).lower().replace("_", "-")
            if _is_plain(setting):
                yield f"npm_config_{setting.replace('-', '_')}", _without_login(setting, value)


def _is_plain(setting: str) -> bool:
    return setting in PLAIN or _SCOPE.match(setting) is not None


def _without_login(setting: str, value: str) -> str:
    """A registry's address without user name and password. A proxy keeps its own: without them
    nothing is reached.
    """
    if not setting.endswith("registry"):
        return value
    parts = urlsplit(value)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def npmrc_text(environment: Mapping[str, str], home: Path | None = None) -> str:
    """What of the user's and the machine's `.npmrc` a session may read, as another `.npmrc`; the
    user's lines come last and win.

    `home` is the user's folder; None takes `HOME` of the environment.
    """
    folder = home if home is not None else Path(environment.get("HOME", "/nonexistent"))
    lower = {name.lower(): value for name, value in environment.items()}
    files = [
        Path(lower.get("npm_config_globalconfig", "/etc/npmrc")),
        Path(lower.get("npm_config_userconfig", str(folder / ".npmrc"))),
    ]
    return "".join(f"{line}\n" for file in files for line in _plain_lines(file, environment))


def _plain_lines(file: Path, environment: Mapping[str, str]) -> Iterator[str]:
    try:
        with file.open("rb") as source:
            text = source.read(MAX_NPMRC_BYTES).decode("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        name, separator, value = (part.strip() for part in line.partition("="))
        setting = name.lower()
        if not separator or name.startswith((";", "#")) or not _is_plain(setting):
            continue
        # A reference to a variable would be read in the session, where that variable is not: only
        # plain values and known ones pass.
        resolved = re.sub(
            r"\$\{([A-Za-z_][A-Za-z0-9_]*)\??\}", lambda found: environment.get(found[1], ""), value
        )
        yield f"{name}={_without_login(setting, resolved)}"


def write_npmrc(environment: Mapping[str, str], home: Path) -> None:
    """Give a dev server's own home folder an `.npmrc` with the plain settings, if there are any."""
    if text := npmrc_text(environment):
        (home / ".npmrc").write_text(text)
