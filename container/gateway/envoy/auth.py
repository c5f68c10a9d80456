"""Who may pass: configuration of Envoy's `jwt_authn` filter.

A request to a running session must carry a session cookie that one of the public keys verifies and
whose audience is that session: each route names the requirement of its session. Requirements come
and go with sessions, so the filter's configuration is published like routes are (ECDS); a route
whose requirement is unknown refuses. The Origin of upgrades and unsafe methods is judged by the
route table (`routes.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..tokens import ISSUER, NAME_CLAIM, CookieNames, audience
from .model import Json, Upstream

JWT_FILTER: Final = "envoy.filters.http.jwt_authn"
PROVIDER: Final = "gateway"
JWT_CONFIGURATION: Final = (
    "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication"
)
JWT_CACHE_SIZE: Final = 1000
VISITOR_HEADER: Final = "x-astro-live-visitor"
NAME_HEADER: Final = "x-astro-live-viewer"
AUDIENCE_HEADER: Final = "x-astro-live-audience"
PEERS_REQUIREMENT: Final = "#peers"
"""Name of the requirement of sessions that other tasks own: the signature and the time alone. No
session's id has a `#` in it.
"""
CLOCK_SKEW_SECONDS: Final = 1
"""Signer and verifier share a clock; 0 would mean Envoy's default of 60 s."""


def session_audiences(upstream: Upstream) -> list[str]:
    """The audiences of cookies that open this session now."""
    return [
        audience("session", upstream.session_id, upstream.epoch, credential, may_post=may_post)
        for credential in ("", *upstream.sign_ins)
        for may_post in (True, False)
    ]


def jwt_filter(source: Json) -> Json:
    """The verifying filter, configured by `source`. It does nothing on a route that does not ask
    for it.
    """
    return {
        "name": JWT_FILTER,
        "config_discovery": {"config_source": source, "type_urls": [JWT_CONFIGURATION]},
    }


def jwt_requirements(jwks: str, upstreams: Iterable[Upstream], names: CookieNames) -> Json:
    """What `jwt_filter` asks of each session's requests. `jwks` holds public keys as JSON."""
    by_session = {
        upstream.session_id: {
            "provider_and_audiences": {
                "provider_name": PROVIDER,
                "audiences": session_audiences(upstream),
            }
        }
        for upstream in upstreams
    }
    provider = {
        "issuer": ISSUER,
        "from_cookies": [names.session],
        "local_jwks": {"inline_string": jwks},
        "clock_skew_seconds": CLOCK_SKEW_SECONDS,
        "jwt_cache_config": {"jwt_cache_size": JWT_CACHE_SIZE},
        # For the limit of one visitor, and for who looks (`container/astro/lib/visitors.mjs`). What
        # a client sends by these names is removed.
        "claim_to_headers": [
            {"header_name": VISITOR_HEADER, "claim_name": "sub"},
            {"header_name": NAME_HEADER, "claim_name": NAME_CLAIM},
            {"header_name": AUDIENCE_HEADER, "claim_name": "aud"},
        ],
    }
    return {
        "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
        "name": JWT_FILTER,
        "typed_config": {
            "@type": JWT_CONFIGURATION,
            "providers": {PROVIDER: provider},
            # No `WWW-Authenticate` with the reason: it would tell a session that runs from one that
            # does not exist.
            "strip_failure_response": True,
            "requirement_map": {**by_session, PEERS_REQUIREMENT: {"provider_name": PROVIDER}},
        },
    }


def session_rules(session_id: str) -> Json:
    """Per-route configuration of every route to a dev server: a verified token, for
    this session.
    """
    return {
        JWT_FILTER: {
            "@type": (
                "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig"
            ),
            "requirement_name": session_id,
        },
    }
