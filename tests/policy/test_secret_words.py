"""Names, formats and randomness by which secrets are known, with few false alarms (S19).

The names are those that the documentation of Docker's official images and of common services uses;
the formats are the ones that gitleaks and detect-secrets publish. Both lists were measured whole;
here is a part of each (see docs/policy-peers.md).
"""

from __future__ import annotations

import random
import string

import pytest

from policy.rules.core.secrecy import is_secret_by_name, looks_random
from policy.rules.core.secret_formats import format_of

SECRET_NAMES = """
    DB_PASS DB_PASSWORD DATABASE_PASSWORD POSTGRES_PASSWORD MYSQL_ROOT_PASSWORD MYSQL_PWD PGPASSWORD REDIS_PASSWORD REDIS_AUTH REDIS_PW
    dbPassword db.password spring.datasource.password YOURLS_DB_PASS RABBITMQ_DEFAULT_PASS PMA_CONTROLPASS EGGOWNER_PASS APP_DB_PASSWD
    SMTP_PASS SMTP_PWD MAIL_PASSWORD FTP_PASSWORD LDAP_BIND_PW ADMIN_PASS PASSPHRASE GPG_PASSPHRASE
    JWT_KEY JWT_SECRET JWT_PRIVATE_KEY SECRET_KEY SECRET_KEY_BASE APP_KEY APP_SECRET API_KEY APIKEY apiKey API_SECRET API_TOKEN
    AUTH_TOKEN ACCESS_TOKEN REFRESH_TOKEN BEARER_TOKEN SESSION_SECRET COOKIE_SECRET COOKIE_KEY ENCRYPTION_KEY STATE_ENCRYPTION_KEY
    SIGNING_KEY HMAC_KEY MASTER_KEY RAILS_MASTER_KEY PRIVATE_KEY SSH_PRIVATE_KEY SSL_KEY SSL_KEY_B64 TLS_KEY PMA_SSL_KEY
    AWS_SECRET_ACCESS_KEY CLIENT_SECRET OAUTH_CLIENT_SECRET OBJECTSTORE_S3_SECRET OBJECTSTORE_S3_KEY GITHUB_TOKEN GH_TOKEN NPM_TOKEN
    NODE_AUTH_TOKEN SLACK_TOKEN STRIPE_KEY STRIPE_SECRET SENDGRID_KEY TWILIO_AUTH_TOKEN DD_API_KEY NEW_RELIC_LICENSE_KEY ZEND_LICENSE_KEY
    SENTRY_AUTH_TOKEN NEXTAUTH_SECRET ASTRO_KEY STUDIO_TOKEN CONTENTFUL_TOKEN SUPABASE_SERVICE_ROLE_KEY OPENAI_API_KEY HF_TOKEN VAULT_TOKEN
    WORDPRESS_AUTH_SALT WORDPRESS_NONCE_KEY PASSWORD_SALT WEBHOOK_SECRET CREDENTIALS GOOGLE_CREDENTIALS SERVICE_ACCOUNT_KEY WALLET_MNEMONIC
    AZURE_STORAGE_CONNECTION_STRING DB_PASSWORT MOT_DE_PASSE DB_MDP DB_CONTRASENA DB_SENHA DB_PSWD DB_PASSWRD
""".split()  # noqa: SIM905 (a table to read, not code)

HARMLESS = {
    "JAVA_OPTS": "-Djavax.net.ssl.trustStore=/etc/pki/java/cacerts",
    "S3_PHOTO_KEY": "uploads/2024/01/photo.jpg",
    "HCAPTCHA_SITEKEY": "0x4AAAAAAADnPIDROrmt1Wwj",
    "TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "SCRIPT_INTEGRITY": "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
    "MIXPANEL_TOKEN": "c0ffee0123456789abcdef0123456789",
    "POSTHOG_KEY": "phc_4pQz8Lk2mVt7Wn9Ls3Rb6Yc1XgHj5Tf0Aa",
    "DD_CLIENT_TOKEN": "pub0123456789abcdef0123456789abcdef",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": (
        "InstrumentationKey=0f3c1b2a-0000-4000-8000-1234567890ab;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/"
    ),
    "NPMRC": "//registry.npmjs.org/:_authToken=${NPM_TOKEN}",
    "SMTP_PASSWORD": "file:/run/secrets/smtp",
    "LDAP_PASSWORD": "vault:secret/data/ldap",
    "GOOGLE_CLIENT_SECRET": "client_secret.json",
    "CAMPAIGN": "re_engagement_campaign_2026_q1",
    "RANDOM": "rnd_seed_2026_value_x1",
    "BRANCH": "fc-portal-feature-branch-2026-11",
    "NODE_ENV": "production",
    "DB_SECRET": "prod/db/password",
    "DB_PASSWORD": "live/db/main-password",
    "SECRETS_MANAGER_SECRET": "app/prod",
    "TOKEN_BUCKET": "rate-limits",
    "CSRF_TOKEN_COOKIE": "csrftoken",
    "PASSWORD_RESET_SUBJECT": "Reset",
    "KMS_KEY": "alias/live-editing",
    "ENCRYPTION_KEY": "alias/app-data-2024",
    "PUBLIC_MAPBOX_TOKEN": "pk.eyJ1IjoiYSJ9.abc",
    "PUBLIC_ALGOLIA_SEARCH_KEY": "0123456789abcdef0123456789abcdef",
    "NEXT_PUBLIC_STRIPE_KEY": "pk_live_51HqLyjWDarjtT1zdp7dc",
    "PORT": "4321",
    "AWS_REGION": "eu-central-1",
    "TOKEN_TTL": "3600",
    "TOKEN_TYPE": "Bearer",
    "TOKEN_URL": "https://auth.example.com/token",
    "TOKENIZERS_PARALLELISM": "false",
    "MAX_TOKENS": "4096",
    "CASSANDRA_NUM_TOKENS": "256",
    "JWT_ISSUER": "https://login.example.com",
    "PASSWORD_MIN_LENGTH": "12",
    "PASSWORD_FILE": "/run/secrets/db",
    "MYSQL_ALLOW_EMPTY_PASSWORD": "yes",
    "MYSQL_RANDOM_ROOT_PASSWORD": "1",
    "CORS_ALLOW_CREDENTIALS": "true",
    "SECRET_NAME": "live/db",
    "SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf",
    "API_KEY_HEADER": "X-Api-Key",
    "CACHE_KEY_PREFIX": "v1",
    "SORT_KEY": "created_at_timestamp_v2",
    "PARTITION_KEY": "tenantId0123456789",
    "PUBLIC_KEY": "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_51HqLyjWDarjtT1zdp7dc",
    "FEATURE_KEY": "new-editor-2026",
    "LICENSE": "accept",
    "GIT_COMMIT": "0123456789abcdef0123456789abcdef01234567",
    "IMAGE_DIGEST": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "KMS_KEY_ID": "12345678-1234-1234-1234-123456789012",
    "TRACE_ID": "4bf92f3577b34da6a3ce929d0e0e4736",
    "AUTH_MODE": "oidc",
    "AUTH": "none",
    "SSH_AUTH_SOCK": "/tmp/agent.sock",
    "PWD": "/app",
    "COMPASS": "north-by-northwest",
    "BYPASS_CACHE": "sometimes",
    "KEYBOARD": "de-latin1-nodeadkeys",
    "PASSENGER_APP_ENV": "production",
    "CREDENTIALS_PROVIDER": "web-identity",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/5f2c",
    "SECURITY_POLICY": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "S3_OBJECT_KEY": "sites/demo/archive-2026-01-01.tar.gz",
    "COGNITO_POOL": "eu-central-1_AbCdEfGhI",
    "ZONE": "Z0123456789ABCDEFGHIJ",
    "CLUSTER": "astro-live-svc-cluster-fc9b77b",
    "CACHE": "live.abcdef.ng.0001.euc1.cache.amazonaws.com:6379",
    "NODE_OPTIONS": "--max-old-space-size=192",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/bin",
    "QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs",
    "SENTRY_DSN": "https://examplePublicKey@o0.ingest.sentry.io/0",
    "MODEL": "sk-learn-pipeline-runner",
}

_LETTERS = string.ascii_letters + string.digits
_HEX = string.hexdigits[:16]
_UPPER = string.ascii_uppercase + "234567"
FORMATS = [
    ("AKIA", _UPPER, 16),
    ("ghp_", _LETTERS, 36),
    ("github_pat_", _LETTERS, 82),
    ("glpat-", _LETTERS, 20),
    ("npm_", _LETTERS, 36),
    ("pypi-AgEIcHlwaS5vcmc", _LETTERS, 60),
    ("xoxb-", string.digits, 24),
    ("sk_live_", _LETTERS, 24),
    ("rk_test_", _LETTERS, 24),
    ("sk-proj-", _LETTERS, 60),
    ("sk-ant-api03-", _LETTERS, 90),
    ("AIza", _LETTERS, 35),
    ("SG.", _LETTERS, 66),
    ("SK", _HEX, 32),
    ("hf_", string.ascii_letters, 34),
    ("hvs.", _LETTERS, 95),
    ("dop_v1_", _HEX, 64),
    ("dapi", _HEX, 32),
    ("pul-", _HEX, 40),
    ("shpat_", _HEX, 32),
    ("PMAK-", _HEX, 58),
    ("lin_api_", _LETTERS, 40),
    ("glsa_", _LETTERS, 40),
    ("dckr_pat_", _LETTERS, 27),
    ("sbp_", _HEX, 40),
    ("postgres://live:", _LETTERS, 12),
    ("admin:$apr1$H6uskkkW$", _LETTERS, 22),
    ("admin:$2y$10$", _LETTERS, 53),
    ("sb_secret_", _LETTERS, 31),
    ("re_Ab3dEf7h_", _LETTERS, 24),
    ("xai-", _LETTERS, 80),
    ("tvly-dev-", _LETTERS, 32),
    ("lsv2_pt_", _HEX, 32),
    ("pcsk_", _LETTERS, 66),
    ("napi_", string.ascii_lowercase + string.digits, 64),
    ("pdl_live_apikey_", string.ascii_lowercase + string.digits, 50),
    ("tskey-auth-", _LETTERS, 40),
    ("CCIPAT_", _LETTERS, 62),
    ("squ_", _HEX, 40),
    ("figd_", _LETTERS, 40),
    ("phx_", _LETTERS, 43),
    ("sl.", _LETTERS, 130),
    ("sk.eyJ1Ijoi", _LETTERS, 80),
    ("sk_", _HEX, 48),
    ("apify_api_", _LETTERS, 36),
    ("vercel_blob_rw_", _LETTERS, 40),
    ("pat-na1-", _HEX, 32),
    ("eyJrIjoi", _LETTERS, 70),
    ("bedrock-api-key-YmVkcm9jay", _LETTERS, 60),
    ("//registry.npmjs.org/:_authToken=", _HEX, 36),
    ("machine git.example.com login bot password ", _LETTERS, 12),
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_usual_names_of_secrets_are_known(name: str) -> None:
    """Whatever the value, as long as it is no switch, number, path or reference."""
    assert is_secret_by_name(name, "correct horse battery staple 7")
    assert not is_secret_by_name(name, "true")
    assert not is_secret_by_name(name, "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a")


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_variables_pass(name: str) -> None:
    """Names that have something to do with a secret, values that have something random."""
    value = HARMLESS[name]
    assert (is_secret_by_name(name, value), looks_random(name, value, 3.3), format_of(value)) == (
        False,
        False,
        "",
    )


@pytest.mark.parametrize(("prefix", "alphabet", "length"), FORMATS, ids=lambda each: str(each)[:12])
def test_formats_of_providers_are_known(prefix: str, alphabet: str, length: int) -> None:
    """Under any name, alone and inside a longer text."""
    rng = random.Random(prefix)
    for _ in range(20):
        token = prefix + "".join(rng.choice(alphabet) for _ in range(length))
        token += "@db/live" if "://" in prefix else ""
        assert format_of(token), token
        assert format_of(f"--token={token} --verbose"), token


@pytest.mark.parametrize(
    ("alphabet", "length"),
    [(_LETTERS, 24), (_LETTERS, 40), (_HEX, 32), (_HEX, 64), (_LETTERS + "+/", 43)],
)
def test_random_texts_are_known(alphabet: str, length: int) -> None:
    """Keys without a known format, under a name that says nothing: nearly all of them."""
    rng = random.Random(length)
    made = ["".join(rng.choice(alphabet) for _ in range(length)) for _ in range(300)]
    assert sum(looks_random("SETTING", each, 3.3) for each in made) >= 0.95 * len(made)


@pytest.mark.parametrize(
    "value",
    [
        "arn:hunter2hunter",
        "hunter:2222",
        "file:hunter2",
        "https://hunter2hunter",
        "hunter.json",
        "vault:hunter2",
    ],
)
def test_a_password_is_no_address_or_file(value: str) -> None:
    """What says where a secret is under another name is one under the name of a password."""
    assert is_secret_by_name("DB_PASSWORD", value)


@pytest.mark.parametrize(
    "name",
    ["PUBLIC_DB_PASSWORD", "PUBLIC_CLIENT_SECRET", "PUBLICATION_TOKEN", "PRIVATE_PUBLIC_TOKEN"],
)
def test_a_public_name_excuses_no_password(name: str) -> None:
    assert is_secret_by_name(name, "hunter2hunter")


@pytest.mark.parametrize(
    ("name", "value"),
    [("DB_PASSWORD", "letmein/now"), ("DB_PASSWORD", "prod/db/Hunter2"), ("API_TOKEN", "a/b/c")],
)
def test_a_slash_makes_no_reference(name: str, value: str) -> None:
    assert is_secret_by_name(name, value)


FINE_VARIABLES = {
    "COGNITO_TOKEN_USE": "access",
    "PROXY_PASS": "upstream:8080",
    "SALT_MASTER": "salt.example.com",
    "S3_KEY": "releases/app-1.2.3.zip",
    "DEDUP_KEY": "order_id,tenant_id",
    "CORS_CREDENTIALS": "include",
    "FETCH_CREDENTIALS": "same-origin",
    "COGNITO_CLIENT": "4h57kf8d9s0a1b2c3d4e5f6g7h",
    "OIDC_CLIENT": "0oa5f3k2Jx8LmN9Pq5d7",
    "DATABASE_URL": "postgres://app:${DB_PASSWORD}@db/x",
    "DB_PASSWORD": "$DB_PASSWORD",
}


@pytest.mark.parametrize("name", FINE_VARIABLES)
def test_variables_that_reviewers_found_refused_pass(name: str) -> None:
    """Each was a false alarm once."""
    value = FINE_VARIABLES[name]
    assert (is_secret_by_name(name, value), looks_random(name, value, 3.3), format_of(value)) == (
        False,
        False,
        "",
    )


@pytest.mark.parametrize(
    "name",
    [
        "DB_\uff30\uff21\uff33\uff33\uff37\uff2f\uff32\uff24",  # full-width
        "DB_P\u0410SSWORD",  # Cyrillic
        "db_\u0440\u0430\u0455\u0455word",
        "DB_PASSW\u039fRD",  # Greek
        "T\u041eKEN",
        "\U0001d5e3\U0001d5d4\U0001d5e6\U0001d5e6\U0001d5ea\U0001d5d7",  # of formulas
        "DB_PASS\u200bWORD",  # a space that does not show
        "DB_PA\u0301SSWORD",
        "\u1d18\u1d00ss\u1d21\u1d0f\u0280\u1d05",  # small capitals
        "CONTRASE\u00d1A",
        "AWS_ACCE\u0405S_KEY_ID",
        "PUBL\u0406C_PASSWORD",
    ],
)
def test_look_alike_letters_hide_no_name(name: str) -> None:
    """A person reads a secret's name, whatever letters it is made of."""
    assert is_secret_by_name(name, "hunter2hunter")
    assert not is_secret_by_name(name, "true")


@pytest.mark.parametrize(
    "name",
    [
        "\u0433\u043e\u0440\u043e\u0434",
        "\u03c0\u03cc\u03bb\u03b7",
        "STRASSE_\u00df",
        "\u90fd\u5e02",
        "Z\u00dcRICH_SITE",
    ],
)
def test_words_of_other_languages_are_no_secrets(name: str) -> None:
    """A town in Russian, Greek and Japanese."""
    assert not is_secret_by_name(name, "hunter2hunter")
