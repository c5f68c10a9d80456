"""Whether a value is a secret: by the name it goes by, and by how random it looks. Secrets that
have a format are found by that (`secret_formats.py`).
"""

from __future__ import annotations

import re
from typing import Final

from .randomness import LEAST_CHANGES, changes, entropy
from .secret_names import names_a_secret, words_of

_HARMLESS: Final = re.compile(
    r"true|false|yes|no|y|n|on|off|none|null|any|all|include|omit|same-origin|[\d.,]{1,12}(?:ms|s|m|h|d|k|kb|mb|gb)?|arn:(?:[^:\s]*:){2,}\S*"
    r"|~?\.{0,2}/(?!\w*\d\w*$)\S*|[a-z]:\\\S*|alias/[\w/-]+|https?://[^\s@]+|[a-z][\w-]*(?:\.[\w-]+)*:\d{2,5}"
    r"|[\w./-]+\.(?:zip|tar|t?gz|jar|json|m?js|css|html|ya?ml|txt|csv|pem|crt|conf|env|jpe?g|png|gif|svg|webp|pdf|xml|toml)"
    r"|(?-i:\$[A-Z_][A-Z0-9_]*|\$[a-z_][a-z0-9_]*)|\${1,2}\.\S*|\$\{[^}]*\}|\$\([^)]*\)|\{\{[^}]*\}\}|\{%.*%\}|<[^<>]*>"
    r"|(?:ssm|secretsmanager|vault|file|env|resolve):\S+"
    r"|(?:method|integration)\.(?:request|response)\.\S+|(?:context|stageVariables)\.\S+|\$(?:request|response|context|stageVariables)\.\S+",
    re.IGNORECASE,
)
"""Switches, counts, times, ARNs, paths, plain addresses, files and references: what only says where
a secret is or how long it lives.
"""

_NO_PASSWORD: Final = re.compile(
    r"https?://[^\s@]+|[a-z][\w-]*(?:\.[\w-]+)*:\d{2,5}|[a-z][\w.-]*\.[a-z0-9]+|(?:ssm|secretsmanager|vault|file|resolve):[^/\s]+",
    re.IGNORECASE,
)
"""Addresses and files, which a password is not: under its name such a text is one."""

_PASSWORDS: Final = re.compile(
    r"\w*PASS(?:WORD|WD|WRD|CODE|PHRASE|WORT)|\w*(?:PWD|PSWD|KENNWORT|CONTRASENA|SENHA|WACHTWOORD)|PW|MDP|PASSE"
)
"""Last words of names whose value is what a person types."""

_MEANT_FOR_BROWSERS: Final = re.compile(
    r"phc_\w+|pub[0-9a-f]{32}|pk[._](?:live_|test_|eyJ)\S+|InstrumentationKey=[0-9a-f-]{36}(?:;(?:\w+Endpoint|ApplicationId)=[^;\s]*)*;?"
)
"""Values that their providers' documentation calls public: PostHog's project key, Datadog's client
token, publishable keys of Stripe and Mapbox, Application Insights' connection string
(https://learn.microsoft.com/azure/azure-monitor/app/connection-strings).
"""

_NAMES_FOR_BROWSERS: Final = re.compile(
    r"(?:MIXPANEL_(?:PROJECT_)?TOKEN|AMPLITUDE_API_KEY|FIREBASE_(?:WEB_)?API_KEY)", re.IGNORECASE
)
"""Names of keys that only say which project is meant
(https://firebase.google.com/docs/projects/api-keys).
"""

_DIGITS: Final = re.compile(r"\d{4,}")
_PASSWORD_WORDS: Final = re.compile(r"\w*PASS(WORD|CODE|WD)?|PWD|PIN|SECRET")
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_.-]{0,23}")


def is_secret_by_name(name: str, value: str) -> bool:
    """Whether a variable of this name with this value holds a secret."""
    text = value.strip()
    words = words_of(name)
    if words[-2:] == ["SECRET", "ID"] and _UUID.fullmatch(
        text
    ):  # Vault's half of a sign-in; elsewhere the id of a secret is a name
        return True
    kind = names_a_secret(name)
    if is_meant_for_browsers(name, text):
        return False
    if kind == "certain" and _PASSWORDS.fullmatch(words[-1]) and _NO_PASSWORD.fullmatch(text):
        return True
    if kind == "certain" and _DIGITS.fullmatch(text) and _PASSWORD_WORDS.fullmatch(words[-1]):
        return True
    if not text or _HARMLESS.fullmatch(text) or _is_reference(name, text):
        return False
    return kind == "certain" or (
        kind == "possible" and len(text) >= 8 and not _WORD.fullmatch(text)
    )


def is_meant_for_browsers(name: str, value: str) -> bool:
    """Whether a key is public by its provider's word: every visitor of a page gets it."""
    return bool(_MEANT_FOR_BROWSERS.fullmatch(value.strip()) or _NAMES_FOR_BROWSERS.fullmatch(name))


_PATH: Final = re.compile(
    r"[a-z]{2,}(?:[._-][a-z0-9]{1,12})*(?:/[a-z]{2,}(?:[._-][a-z0-9]{1,12})*)+"
)


def _is_reference(name: str, text: str) -> bool:
    """Whether a value is a secret's name in a store, as `prod/db/password`; two words may also be a
    password with a slash in it.
    """
    return bool(_PATH.fullmatch(text)) and (
        text.count("/") >= 2 or any(each.startswith("SECRET") for each in words_of(name))
    )


_RUN: Final = re.compile(r"[A-Za-z0-9+/]{16,}")
_IDENTITIES: Final = re.compile(
    r"[a-z]{1,12}-[0-9a-f]{8,17}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|sha\d+:[0-9a-f]+|.*@sha256:[0-9a-f]{64}|arn:.*|[\w.-]+/[\w./-]+:.*"
    r"|sha(?:256|384|512)-[a-z0-9+/]{43,86}|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
    r"|(?:[\w-]+/)+[\w.-]+\.[a-z][a-z0-9]{1,4}|-D[\w.-]+=~?\.{0,2}/[\w./-]*"
    r"|[a-z][a-z0-9+.-]*://[^?]*|~?\.{0,2}/.*|[\w-]+(?:\.[\w-]+)+(?::\d+)?|\d+",
    re.IGNORECASE,
)
"""Ids of AWS, UUIDs, digests, ARNs, images, integrity of scripts, trace contexts, files, Java's
options with a path, addresses, paths, host names, numbers.
"""

_DIGESTS: Final = re.compile(
    r"SHA\d*|COMMIT|REVISION|REV|DIGEST|HASH|CHECKSUM|VERSION|BUILD|ETAG|ID|UUID|IMAGE|FINGERPRINT|THUMBPRINT|TAG|REF|CERT|PUBLIC|NONCE"
    r"|PUBLISHABLE|SITE|SITEKEY|CLIENT|APP|TENANT|POOL"
)
"""Words of names whose values are random and no secret."""


def looks_random(name: str, value: str, least_entropy: float) -> bool:
    """Whether a value is a long run of random characters, which a variable of this name has no
    other reason to hold.
    """
    text = value.strip().strip("'\"").rstrip("=")
    if is_meant_for_browsers(name, text):
        return False
    if (
        len(text) < 20
        or _IDENTITIES.fullmatch(text)
        or any(_DIGESTS.fullmatch(each) for each in words_of(name))
    ):
        return False
    if not re.fullmatch(r"[A-Za-z0-9+/_.~=-]+", text):
        return False
    run = max(_RUN.findall(text), key=len, default="")
    return (
        len(run) >= 16
        and entropy(run) >= least_entropy
        and changes(run) >= LEAST_CHANGES
        and not _is_words(run)
    )


def _is_words(text: str) -> bool:
    """Whether a text is words in camelCase, as names of resources are: capitals of random letters
    stand closer together.
    """
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text)
    return text.isalpha() and len(text) >= 3.5 * len(words)
