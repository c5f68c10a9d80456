"""Whether a secret stands in a text, by the format that a provider gives its keys.

Formats are published by their providers, so that scanners can find them; gitleaks and
detect-secrets keep lists of them.
"""

from __future__ import annotations

import re
from typing import Final

from .randomness import LEAST_CHANGES, changes

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
        or changes(token) >= LEAST_CHANGES
    )
