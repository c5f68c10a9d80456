"""Whether a text is a secret: by the format that a provider gives its keys, by the name it goes by,
by how random it looks.

Formats are published by their providers, so that scanners can find them; gitleaks and
detect-secrets keep lists of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import pairwise
from math import log2
from typing import Final

_PREFIXES: Final = (
    # source hosting, packages, build
    *(
        "gh[pousr]_",
        "github_pat_",
        "gl(?:pat|dt|cbt|ft|rt|ptt|soat|oas|agent|imt|ffct)-",
        "GR1348941",
        "npm_",
        "pypi-",
        "rubygems_",
    ),
    *(
        "CLOJARS_",
        "dckr_(?:pat|oat)_",
        "AKCp",
        "cmVmd",
        "sgp_",
        "ATATT3",
        "ATCTT3",
        "BBDC-",
        "pnu_",
        "nfp_",
        "vc[pkir]_",
    ),
    # cloud and infrastructure
    *(
        "ABSK",
        "LTAI",
        "do[opr]_v1_",
        "dapi",
        "dp\\.(?:pt|st|ct|sa|scim|audit)\\.",
        "dt0c01\\.",
        "HRKU-",
        "fo1_",
        "fm[12][ar]?_",
        "pul-",
    ),
    *(
        "pscale_(?:tkn|oauth|pw)_",
        "sbp_",
        "sntrys_",
        "sntryu_",
        "gl[cs]a?_",
        "hv[bsr]\\.",
        "ico-",
        "tk-us-",
        "NRAK-",
        "NRII-",
        "4b1d",
        "v1\\.0-",
    ),
    *(
        "AGE-SECRET-KEY-1",
        "ops_eyJ",
        "A3-[A-Z0-9]{6}-",
        "p8e-",
        "s-s4t2(?:ud|af)-",
        "sha256~",
        "nvapi-",
        "rdme_",
        "lin_api_",
        "ntn_",
        "PMAK-",
    ),
    # services
    *(
        "(?:sk|rk)_(?:live|test|prod)_",
        "whsec_",
        "sq0(?:atp|csp)-",
        "EAAA",
        "EAA[MC]",
        "shp(?:at|ca|pa|ss)_",
        "shippo_(?:live|test)_",
    ),
    *(
        "EZ[AT]K",
        "duffel_(?:test|live)_",
        "fio-u-",
        "FLWSECK",
        "xkeysib-",
        "SG\\.",
        "key-[0-9a-f]",
        "xox[abeoprs]",
        "xapp-\\d-",
        "API-[A-Z0-9]",
    ),
    *(
        "sk-",
        "pplx-",
        "hf_",
        "api_org_",
        "r8_",
        "gsk_",
        "AIza",
        "ya29\\.",
        "GOCSPX-",
        "pat[A-Za-z0-9]{14}\\.",
        "sm_[aps]at_",
        "(?:pat|sat)\\.",
    ),
    *(
        "sk_(?:dev_|\\d+_\\d+_|(?=[0-9a-f]{32}))",
        "[st]k\\.eyJ",
        "sl\\.(?=[A-Za-z0-9_-]{40})",
        "aio_(?=[A-Za-z0-9]{24})",
        "bkua_",
        "CFPAT-",
        "figd_",
        "flb_(?:live|test)_",
        "sh(?:ltm|ppa|pua)_",
    ),
    *(
        "pat-(?:na|eu|ap)\\d-",
        "ak_(?:live|test)_",
        "phx_(?=[A-Za-z0-9_-]{32})",
        "scp-(?:live|test)-",
        "tkn\\.v1_",
        "tfp_(?=[A-Za-z0-9_]{24})",
        "VF\\.(?:DM|WS)\\.",
        "xai-(?=[A-Za-z0-9_]{32})",
        "tskey-",
    ),
    *(
        "sb_secret_",
        "re_(?=[A-Za-z0-9]{6,10}_[A-Za-z0-9]{16})",
        "tvly-",
        "lsv2_(?:pt|sk)_",
        "pcsk_",
        "napi_(?=[a-z0-9]{32})",
        "polar_oat_",
        "pdl_(?:live|sdbx)_apikey_",
    ),
    *(
        "signkey-(?:prod|test)-",
        "CCIPAT_",
        "CCIPRJ_",
        "sq[apu]_(?=[0-9a-f]{40})",
        "hc[abx]ik_",
        "rnd_(?=[A-Za-z0-9]{24})",
        "dbt[cu]_",
        "apify_api_",
        "vercel_blob_rw_",
        "jina_(?=[0-9a-f]{32})",
    ),
    *(
        "cf[aku]t?_(?=[A-Za-z0-9]{40})",
        "csk-",
        "mdb_sa_sk_",
        "e2b_(?=[0-9a-f]{32})",
        "bb_live_",
        "fw_(?=[A-Za-z0-9]{20})",
        "fc-(?=[0-9a-f]{32})",
        "oy2(?=[a-z0-9]{40})",
    ),
    *(
        "secret-(?:live|test)-",
        "APP_USR-",
        "access_token\\$production\\$",
        "pa-(?=[A-Za-z0-9_-]{40})",
        "essu_",
        "CCDB1_",
        "tr_(?:dev|prod|pat)_",
    ),
    *(
        "(?:scauth|authress|ext|sc)_[a-z0-9]{5,30}\\.[a-z0-9]{4,6}\\.acc[_-]",
        "bedrock-api-key-",
        "eyJrIjoi",
        "_gitlab_session=",
    ),
)
"""Beginnings of keys and tokens; each is followed by a random part."""

WEB_TOKEN: Final = "a JSON web token"  # noqa: S105 (the name of a format)

_FORMATS: Final = (
    (
        "a registry's token",
        re.compile(r":_(?:authToken|auth|password)\s*=\s*[\"']?(?![$\s\"'])\S{8,}"),
    ),
    ("a password of .netrc", re.compile(r"\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?!\$)\S")),
    (
        "the hash of a password",
        re.compile(r"\$(?:apr1|2[abxy]|[156]|y|argon2\w{1,2})\$[./A-Za-z0-9=,+$]{20,}"),
    ),
    (
        "a licence key of MaxMind",
        re.compile(r"(?<![A-Za-z0-9_])[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk(?![A-Za-z0-9_])"),
    ),
    (
        "an Azure DevOps token",
        re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])"),
    ),
    ("a connection string's secret", re.compile(r"azconfig\.io;Id=[^;]+;Secret=\S{16,}")),
    (
        "an AWS access key id",
        re.compile(
            r"(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"
        ),
    ),
    (
        "a private key",
        re.compile(
            r"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?:"
            r" BLOCK)?-----|LS0tLS1CRUdJTi[\w+/]{2,30}UFJJVkFURSBLRVk"
        ),
    ),
    (
        WEB_TOKEN,
        re.compile(
            r"(?<![A-Za-z0-9])ey[A-Za-z0-9_-]{9,1500}\.ey[A-Za-z0-9_-]{9,}\.[A-Za-z0-9_-]{8,}|ZXlK[A-Za-z0-9+/=]{40,}"
        ),
    ),
    (
        "a password in an address",
        re.compile(
            r"\b[a-z][a-z0-9+.-]{0,30}://[^/\s:@]*:(?!\$\{[^}]*\}@|\$[A-Za-z_]\w*@|\{\{|<)[^/\s@{}]+@",
            re.IGNORECASE,
        ),
    ),
    (
        "a password in a connection string",
        re.compile(
            r"(?<![$.\w-])(?:password|pwd|accountkey|sharedaccesskey)=(?![\"'(])[^\s;,${}()]{4,}(?![\w.]*\()",
            re.IGNORECASE,
        ),
    ),
    (
        "a registry's password",
        re.compile(
            r"[\"']auth[\"']\s*:\s*[\"'](?=[A-Za-z0-9+/]*[A-Za-z])[A-Za-z0-9+/]{12,}={0,2}[\"']"
        ),
    ),
    (
        "a webhook's address",
        re.compile(
            r"(?:hooks\.slack\.com/\w+|discord(?:app)?\.com/api/webhooks|webhook\.office\.com/webhookb2)/[\w+/]"
        ),
    ),
    ("an Azure client secret", re.compile(r"(?<![\w~.])[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])")),
    ("a Terraform Cloud token", re.compile(r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}")),
    ("a Telegram bot token", re.compile(r"(?<!\d)\d{8,10}:AA[\w-]{32,}")),
    ("a Facebook token", re.compile(r"(?<!\d)\d{15,16}[|%][\w-]{27,40}")),
    ("a Twilio key", re.compile(r"(?<![A-Za-z0-9])SK[0-9a-fA-F]{32}(?![0-9a-fA-F])")),
    (
        "a service's key or token",
        re.compile(r"(?<![A-Za-z0-9_.-])(?:" + "|".join(_PREFIXES) + r")[A-Za-z0-9_=+/.~|-]{16,}"),
    ),
)


def format_of(text: str) -> str:
    """What kind of secret stands in a text, by its format; empty when none does."""
    for kind, pattern in _FORMATS:
        found = pattern.search(text)
        if found and (kind != "a service's key or token" or _is_mixed(found[0])):
            return kind
    return ""


def _is_mixed(token: str) -> bool:
    """More than words: `sk-learn-pipeline-runner` is a name."""
    longest = max(re.findall(r"[A-Za-z0-9]+", token), key=len)
    return (
        sum(each.isdigit() for each in token) >= 2
        or len(longest) >= 24
        or _changes(token) >= _LEAST_CHANGES
    )


# Names

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


# Randomness

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

_LEAST_CHANGES: Final = 0.3
"""Share of neighbours of different kinds (lower, upper, digit). Random base 62 has two thirds, text
less.
"""


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
        and _changes(run) >= _LEAST_CHANGES
        and not _is_words(run)
    )


def _is_words(text: str) -> bool:
    """Whether a text is words in camelCase, as names of resources are: capitals of random letters
    stand closer together.
    """
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text)
    return text.isalpha() and len(text) >= 3.5 * len(words)


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    return -sum(count / len(text) * log2(count / len(text)) for count in Counter(text).values())


def _changes(text: str) -> float:
    kinds = [
        "d" if each.isdigit() else "u" if each.isupper() else "l" if each.islower() else "s"
        for each in text
    ]
    return sum(left != right for left, right in pairwise(kinds)) / (len(text) - 1)
