"""Routes of a session that runs on this task: to its dev server, behind JWT and session rules."""

from __future__ import annotations

import re
from typing import Final

from contract.hmr import HmrContract

from ..tokens import CookieNames
from .auth import session_rules
from .cookie_filters import (
    ONLY_READS,
    OWN_COOKIE,
    READ_ONLY,
    SITE_COOKIES,
    STRIP_COOKIES,
    metadata,
    wanted,
)
from .matches import exact, header, own_cookies, plain_read
from .model import Json, Upstream
from .refusals import (
    BLOCKED,
    FORBIDDEN_ORIGIN,
    UNBOUNDED,
    idle,
    refuse,
    to_control,
    unsafe,
)

SCRIPT: Final = ("sec-fetch-dest", "script")
"""By which a browser says that it will run the answer, and can make nothing else of it. Pages
cannot set or change this header.
"""

READS: Final = "GET|HEAD"
VITES: Final = "vite-(?:hmr|ping)"
"""Subprotocols of Vite's WebSocket."""
OVERRIDES: Final = ("x-http-method-override", "x-http-method", "x-method-override")
"""By which some frameworks let a request ask for another method than it has. A read stays a read.
"""
ASK_AGAIN: Final[Json] = {
    "retry_on": "connect-failure,reset",
    "num_retries": 4,
    "retry_back_off": {"base_interval": "0.02s", "max_interval": "0.5s"},
}
"""For reads, which may be asked twice. An edit of the configuration restarts the dev server in
place: it breaks its connections off, and a request under way goes to the next server instead of
ending in a page that says "not ready".
"""
WRITE_ONCE: Final[Json] = {"retry_on": "connect-failure,reset-before-request", "num_retries": 1}
"""For everything else: only if the dev server has seen nothing of it."""


def _own_origin_routes(session_id: str, contract: HmrContract) -> list[Json]:
    """5, under host routing: another session's origin is as foreign as any other."""
    if not contract.by_host:
        return []
    here = _here(session_id, contract)
    foreign = [
        header("origin", present_match=True),
        exact("origin", contract.session_origin(session_id), invert=True),
    ]
    upgrade = header("upgrade", present_match=True)
    return [
        refuse(
            f"upgrade-other-origin.{session_id}",
            {"prefix": "/", "headers": [*here, upgrade, *foreign]},
            FORBIDDEN_ORIGIN,
        ),
        refuse(
            f"write-other-origin.{session_id}",
            {"prefix": "/", "headers": [*here, unsafe(), *foreign]},
            FORBIDDEN_ORIGIN,
        ),
    ]


def _here(session_id: str, contract: HmrContract) -> list[Json]:
    """Header matches that tell this session's requests from others', beside its base: its host,
    under host routing.
    """
    return [exact(":authority", contract.session_authority(session_id))] if contract.by_host else []


def _forward(upstream: Upstream, contract: HmrContract) -> Json:
    return {
        "cluster": upstream.cluster,
        "timeout": UNBOUNDED,
        "host_rewrite_literal": contract.session_authority(upstream.session_id),
        "retry_policy": ASK_AGAIN,
    }


def session_plain_reads(upstream: Upstream, contract: HmrContract) -> list[Json]:
    """The short way, for a page's scripts and for everything else."""
    page = _plain_read(upstream, contract)
    match = page["match"]
    script = {
        **page,
        "name": f"script.{upstream.session_id}",
        "match": {**match, "headers": [exact(*SCRIPT), *match["headers"]]},
    }
    return [script, page]


def _plain_read(upstream: Upstream, contract: HmrContract) -> Json:
    """Its Cookie header goes whole, which costs less than the filter that edits it.

    No idle timeout: what waits for an answer ends with its client's connection or with the dev
    server's.
    """
    return {
        "name": f"page.{upstream.session_id}",
        "match": plain_read(upstream.session_id, contract),
        "route": _forward(upstream, contract),
        "stat_prefix": f"page.{upstream.session_id}",
        "typed_per_filter_config": {**session_rules(upstream.session_id), **wanted(SITE_COOKIES)},
        "metadata": metadata(upstream, contract),
        "request_headers_to_remove": ["cookie", *OVERRIDES],
    }


def session_routes(
    upstream: Upstream, contract: HmrContract, *, may_post: bool = True
) -> list[Json]:
    """5: one running session."""
    base = contract.session_base(upstream.session_id)
    here = _here(upstream.session_id, contract)
    upgrade = header("upgrade", present_match=True)
    fresh = CookieNames.of(contract).fresh
    forward = {**_forward(upstream, contract), **idle(contract)}
    told = {"metadata": metadata(upstream, contract)}
    rules = {**session_rules(upstream.session_id), **wanted(OWN_COOKIE, STRIP_COOKIES)}
    secured = {"typed_per_filter_config": {**rules, **wanted(SITE_COOKIES)}, **told}
    socket = {
        "match": {"prefix": base, "headers": [*here, upgrade]},
        "route": {**forward, "upgrade_configs": [{"upgrade_type": "websocket", "enabled": True}]},
        **told,
    }
    navigation = [
        exact(":method", "GET"),
        exact("sec-fetch-mode", "navigate"),
        header("upgrade", present_match=True, invert_match=True),
    ]
    stale = header(
        "cookie",
        string_match={"contains": f"{fresh}="},
        invert_match=True,
        treat_missing_header_as_empty=True,
    )
    write = header(":method", string_match={"safe_regex": {"regex": READS}}, invert_match=True)
    changing = [
        {
            **socket,
            "name": f"socket.site.{upstream.session_id}",
            "stat_prefix": f"socket.{upstream.session_id}",
            "typed_per_filter_config": {**rules, **wanted(ONLY_READS)},
        },
        {
            "name": f"write.{upstream.session_id}",
            "match": {"prefix": base, "headers": [*here, write]},
            "route": {**forward, "retry_policy": WRITE_ONCE},
            "stat_prefix": f"page.{upstream.session_id}",
            "typed_per_filter_config": {**rules, **wanted(SITE_COOKIES, ONLY_READS)},
            **told,
        },
    ]
    return [
        *_own_origin_routes(upstream.session_id, contract),
        to_control(
            f"renew.{upstream.session_id}",
            {"prefix": base, "headers": [*here, *navigation, stale]},
            contract,
        ),
        *_unanswered_upgrades(upstream.session_id, base, contract),
        *_sockets(upstream, contract, socket, rules),
        *(changing if may_post else [_refused(each, rules) for each in changing]),
        {
            "name": f"page.{upstream.session_id}",
            "match": {"prefix": base, "headers": here},
            "route": forward,
            "stat_prefix": f"page.{upstream.session_id}",
            "request_headers_to_remove": [*OVERRIDES],
            **secured,
        },
    ]


def _sockets(upstream: Upstream, contract: HmrContract, socket: Json, rules: Json) -> list[Json]:
    """Upgrades that Vite answers. They are open to visitors who may only look (`incoming.mjs`), so
    they match what Vite's client sends and nothing else: a server without a listener for upgrades
    takes an upgrade with the method POST for a POST, and a site's own WebSocket at the base could
    take a list of protocols that has Vite's among them.

    Its socket for updates, the only one that nearly every page has, reads no cookie: without the
    scripts that edit cookies, whose memory stays for as long as the socket is open, it takes 1.2 kB
    less.
    """
    match = socket["match"]
    sent = [*match["headers"], exact(":method", "GET"), _vites_alone()]
    hmr = {
        "path": contract.session_base(upstream.session_id).rstrip("/") + contract.hmr_path,
        "headers": [*sent, own_cookies(contract)],
    }
    return [
        {
            **socket,
            "name": f"hmr.{upstream.session_id}",
            "match": hmr,
            "stat_prefix": f"socket.{upstream.session_id}",
            "typed_per_filter_config": session_rules(upstream.session_id),
            "request_headers_to_remove": ["cookie"],
        },
        {
            **socket,
            "name": f"socket.{upstream.session_id}",
            "match": {**match, "headers": sent},
            "stat_prefix": f"socket.{upstream.session_id}",
            "typed_per_filter_config": rules,
        },
    ]


def _refused(route: Json, rules: Json) -> Json:
    """The route for visitors who may only look. With the rules: nobody learns without a cookie that
    the session runs.
    """
    refused = refuse(f"read-only.{route['name']}", route["match"], READ_ONLY)
    return {**refused, "typed_per_filter_config": rules}


def _vites_alone() -> Json:
    """A match of upgrades that Vite takes: it compares the whole header."""
    return header("sec-websocket-protocol", string_match={"safe_regex": {"regex": VITES}})


def _vites() -> Json:
    """A match of upgrades that name a protocol of Vite's, among others or alone."""
    regex = rf".*\b{VITES}\b.*"
    return header("sec-websocket-protocol", string_match={"safe_regex": {"regex": regex}})


def _unanswered_upgrades(session_id: str, base: str, contract: HmrContract) -> list[Json]:
    """Vite never answers an upgrade of its subprotocols on another path, nor of others on its own
    path: refused here at once.
    """
    vite = _vites()
    not_vite = {**vite, "invert_match": True, "treat_missing_header_as_empty": True}
    paths = [
        re.escape(path.removeprefix("/")) for path in (contract.hmr_path, contract.legacy_hmr_path)
    ]
    elsewhere = f"{re.escape(base)}(?:{'|'.join(paths)})?"
    here, upgrade = _here(session_id, contract), header("upgrade", present_match=True)
    hmr = {"path": base.rstrip("/") + contract.hmr_path, "headers": [*here, upgrade, not_vite]}
    return [
        refuse(f"socket-protocol.{session_id}", hmr, BLOCKED),
        refuse(
            f"socket-path.{session_id}",
            {
                "prefix": base,
                "headers": [
                    *here,
                    upgrade,
                    vite,
                    header(
                        ":path",
                        string_match={"safe_regex": {"regex": elsewhere + r"(?:\?.*)?"}},
                        invert_match=True,
                    ),
                ],
            },
            BLOCKED,
        ),
    ]
