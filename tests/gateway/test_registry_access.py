"""Registry, proxy and certificate settings reach a session's package manager, credentials do not
(S9, S27).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from container.gateway.registry_access import npmrc_text, registry_environment, write_npmrc

SECRET = "s3cr3t-t0ken"


def test_settings_about_the_network_pass() -> None:
    given = {
        "npm_config_registry": "https://registry.example.com/",
        "NPM_CONFIG_CAFILE": "/etc/ssl/company.pem",
        "npm_config_@company:registry": "https://npm.example.com/",
        "npm_config_strict_ssl": "true",
        "https_proxy": "http://proxy.example.com:3128",
        "HTTPS_PROXY": "http://proxy.example.com:3128",
        "NO_PROXY": "localhost",
        "NODE_EXTRA_CA_CERTS": "/etc/ssl/company.pem",
    }
    passed = registry_environment(given)
    assert passed.pop("npm_config_cafile") == "/etc/ssl/company.pem"
    assert passed == {name: value for name, value in given.items() if name != "NPM_CONFIG_CAFILE"}


@pytest.mark.parametrize(
    "name",
    [
        "NPM_TOKEN",
        "NODE_AUTH_TOKEN",
        "npm_config__auth",
        "npm_config__authToken",
        "npm_config__password",
        "npm_config_//registry.example.com/:_authToken",
        "npm_config_otp",
        "npm_config_key",
        "npm_config_userconfig",
        "YARN_NPM_AUTH_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "ASTRO_LIVE_API_TOKEN",
    ],
)
def test_credentials_do_not_pass(name: str) -> None:
    assert registry_environment({name: SECRET}) == {}


def test_a_login_in_a_registrys_address_does_not_pass() -> None:
    given = {"npm_config_registry": f"https://me:{SECRET}@registry.example.com/npm/"}
    assert registry_environment(given) == {
        "npm_config_registry": "https://registry.example.com/npm/"
    }


def test_plain_lines_of_npmrc_pass(tmp_path: Path) -> None:
    (tmp_path / ".npmrc").write_text(f"""; a comment
registry = https://registry.example.com/
@company:registry=https://${{HOST}}/npm/
//registry.example.com/:_authToken={SECRET}
//registry.example.com/:certfile=/home/me/key.pem
_auth={SECRET}
email=me@example.com
cafile=/etc/ssl/company.pem
key="{SECRET}"
""")
    environment = {
        "HOME": str(tmp_path),
        "HOST": "npm.example.com",
        "npm_config_globalconfig": str(tmp_path / "none"),
    }
    assert npmrc_text(environment).splitlines() == [
        "registry=https://registry.example.com/",
        "@company:registry=https://npm.example.com/npm/",
        "cafile=/etc/ssl/company.pem",
    ]
    home = tmp_path / "session"
    home.mkdir()
    write_npmrc(environment, home)
    assert SECRET not in (home / ".npmrc").read_text()


def test_a_missing_or_unreadable_npmrc_is_no_error(tmp_path: Path) -> None:
    (tmp_path / ".npmrc").mkdir()
    assert (
        npmrc_text({"HOME": str(tmp_path), "npm_config_globalconfig": str(tmp_path / "none")}) == ""
    )
    assert npmrc_text({"npm_config_globalconfig": str(tmp_path / "none")}) == ""
