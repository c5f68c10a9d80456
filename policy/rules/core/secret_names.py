"""Whether a name is one that secrets go by."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SECRET_WORDS: Final = re.compile(
    r"\w*(?:PASSWORDS?|PASSWD|PASSWRD|PASWORD|PSWD|PASSPHRASE|PASSCODE|SECRETS?|APIKEYS?|TOKENS?|CREDENTIALS?)"
    r"|\w*(?:PASSWORT|KENNWORT|CONTRASENA|SENHA|WACHTWOORD|HASLO)|PASSE|MDP|\w*(?<!COM)(?<!BY)(?<!SUR)(?<!TRES)PASS"
    r"|\w*PWD|PW|CREDS?|MNEMONIC|BEARER|AUTHORIZATION"
)
"""Words that say what the value is."""

_LAST_WORDS: Final = re.compile(r"SALT|PEPPER|PIN")
"""Words that say so at the end only: `SALT_MASTER` is a host."""

_KEY_WORDS: Final = re.compile(r"KEYS?|AUTH|JWT|HMAC|NONCE|SEED|LICENSE|PEM")
"""Words that may say so: the value decides."""

_PUBLIC_KEYS: Final = re.compile(
    r"PUBLIC|PUB|PUBLISHABLE|PARTITION|SORT|PRIMARY|FOREIGN|CACHE|ROUTING|OBJECT|SHARD|GROUP|INDEX|METRIC|CONTEXT|TRANSLATION|QUERY|SITE"
    r"|IDEMPOTENCY|HASH|RANGE|FEATURE|PREFIX|HOT|MAP|LOOKUP|RECORD|TAG|DEDUP\w*|UNIQUE|NATURAL|SORTING"
)
"""Before KEY: a key that is no secret."""

_ABOUT: Final = re.compile(
    r"FILES?|PATH|DIR|DIRECTORY|ARN|NAME|ID|IDS|URL|URI|ENDPOINT|HOST|PORT|TTL|EXPIRY|EXPIRES|EXPIRATION|EXPIRE|LIFETIME|TIMEOUT|AGE|LENGTH|SIZE"
    r"|MIN|MAX|COUNT|LIMIT|ENABLED?|DISABLED?|TYPE|TYPES|ALG|ALGORITHM|ALGO|METHOD|MODE|POLICY|HEADER|PROVIDER|STORE|MANAGER|BACKEND|ISSUER"
    r"|AUDIENCE|SCOPES?|PREFIX|SUFFIX|FORMAT|VERSION|REGION|ROTATION|INTERVAL|DAYS|SECONDS|MINUTES|HOURS|REQUIRED|HASH|FIELD|COLUMN|CLASS"
    r"|PLUGIN|BUCKETS?|COOKIES?|SUBJECT|AUDIENCES|ALIAS|STRATEGY|SOCK|SOCKET|REGEX|PATTERN|USER|USERNAME|EMAIL|LENGTHS|PROMPT|HINT|MESSAGE|TEMPLATE|KWARGS|RETRIES|REFRESH|CERT|CERTIFICATE|SERVICE|USE|STDIN|ROLE|TABLE|QUEUE|TOPIC|KIND|NAMES|CONFIG"
)
"""A last word that makes the variable one about a secret, not the secret."""

_WRAPPINGS: Final = re.compile(
    r"B64|BASE64|JSON|VALUE|BASE|\d+|OLD|NEW|CURRENT|PREVIOUS|DEFAULT|TEXT|PLAIN|PLAINTEXT|RAW|HEX"
)
"""Last words that say how the secret is written."""


_LOOKS_LIKE: Final = {
    int(each[:4], 16): each[4:]
    for each in """
    0410A 0412B 0415E 041aK 041cM 041dH 041eO 0420P 0421C 0422T 0423Y 0425X 0406I 0408J
    0405S 051aQ 051cW 04aeY 0474V 04c0l 0430a 0432B 0435e 043ak 043cm 043dH 043eo 0440p
    0441c 0442T 0443y 0445x 0456i 0458j 0455s 0501d 051bq 051dw 04bbh 04cfl 04afy 0475v
    0391A 0392B 0395E 0396Z 0397H 0399I 039aK 039cM 039dN 039fO 03a1P 03a4T 03a5Y 03a7X
    03b1a 03b3y 03b9i 03bak 03bdv 03bfo 03c1p 03c4t 03c5u 03c7x 03f2c 03f9C 03f3j 0555O
    054dU 054fS 0585o 0578n 057du 0570h 0581g 0575j 0251a 0261g 0269i 0131i
    """.split()  # noqa: SIM905 (a table to read)
}
"""Letters of Cyrillic, Greek, Armenian and the phonetic alphabet that look like Latin ones, as code
point and letter; the usual ones of https://www.unicode.org/reports/tr39/#Confusable_Detection."""


def as_read(name: str) -> str:
    """A name in the letters that a person reads in it: full-width and decorated letters, accents,
    marks that do not show and letters that only look Latin become the plain ones.
    """
    if name.isascii():
        return name
    folded = unicodedata.normalize("NFKD", name.translate(_LOOKS_LIKE)).translate(_LOOKS_LIKE)
    return "".join(
        unicodedata.name(each, "").removeprefix(_SMALL_CAPITAL)[:1]
        if unicodedata.name(each, "").startswith(_SMALL_CAPITAL)
        else each
        for each in folded
        if unicodedata.category(each) not in ("Mn", "Cf")
    )


_SMALL_CAPITAL: Final = "LATIN LETTER SMALL CAPITAL "


def words_of(name: str) -> list[str]:
    """`dbPassword_FILE` to `DB`, `PASSWORD`, `FILE`."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", as_read(name))
    return [each.upper() for each in re.split(r"[^A-Za-z0-9]+", parts) if each]


_PUBLIC_NAME: Final = re.compile(r"(?:NEXT_|NUXT_|EXPO_)?PUBLIC_\w+")
_NEVER_PUBLIC: Final = re.compile(r"PASS\w*|PWD|SECRETS?|PRIVATE|CREDENTIALS?|CREDS?")


def is_public_by_name(name: str) -> bool:
    """Whether a framework sends a variable of this name to every browser, as Astro does with
    `PUBLIC_…`.
    """
    return bool(_PUBLIC_NAME.fullmatch(name)) and not any(
        _NEVER_PUBLIC.fullmatch(each) for each in words_of(name)
    )


def names_a_secret(name: str) -> str:
    """`certain` when a variable's name says that it holds a secret, `possible` when the value has
    to decide, else empty.
    """
    if name in ("PWD", "OLDPWD") or is_public_by_name(name):  # the shell's own, and every browser's
        return ""
    name = as_read(name)
    if name.upper().endswith("ACCESS_KEY_ID"):  # half of a key that does not expire
        return "certain"
    words = words_of(name)
    while len(words) > 1 and _WRAPPINGS.fullmatch(words[-1]):
        words.pop()
    if not words or (len(words) > 1 and _ABOUT.fullmatch(words[-1])):
        return ""
    if any(_SECRET_WORDS.fullmatch(each) for each in words) or _LAST_WORDS.fullmatch(words[-1]):
        return "certain"
    if words[-2:] == ["CONNECTION", "STRING"] or (
        words[-1:] == ["CONNECTION"] and name.upper().endswith("CONNECTION_STRING")
    ):
        return "certain"
    last = words[-1]
    if not _KEY_WORDS.fullmatch(last) or (len(words) > 1 and _PUBLIC_KEYS.fullmatch(words[-2])):
        return ""
    return "possible"
