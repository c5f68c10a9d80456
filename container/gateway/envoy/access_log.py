"""Envoy's access log: which requests get a line, what is in it, and how many lines there are at most.

Anyone can cause refusals, so that they have a limit apart from answers: a flood of one hides nothing of the other. Envoy counts the lines
that it leaves out (`SUPPRESSED`), and housekeeping reports their number.
"""

from __future__ import annotations

import json
from typing import Final

from .model import Json, file_source

FIELDS: Final = {
    "time": "%START_TIME%",
    "route": "%ROUTE_NAME%",
    "method": "%REQ(:METHOD):20%",
    "host": "%REQ(:AUTHORITY):260%",
    "path": "%PATH(NQ:PATH):300%",
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "milliseconds": "%DURATION%",
    "received": "%BYTES_RECEIVED%",
    "sent": "%BYTES_SENT%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
}
"""No query string (it may hold a hand-off token), no header, no cookie. What a client writes is cut: it fills no log."""

SLOW_MILLISECONDS: Final = 250
"""A request that took this long is logged whatever it was."""

LIMITS_FILE: Final = "log-limits.json"
SUPPRESSED: Final = "access_log.process_ratelimit.denied"
"""Envoy's counter of lines left out."""
LINES_PER_SECOND: Final = {"refused": 20, "answered": 200}
"""By kind of line, on average, for the whole task."""
BURST_SECONDS: Final = 20
"""A page that is opened is some lines at once, a restart with many open pages hundreds."""


def limits_text() -> str:
    """The file of token buckets, by kind of line."""
    buckets = [
        {
            "@type": "type.googleapis.com/envoy.service.discovery.v3.Resource",
            "name": kind,
            "resource": {
                "@type": "type.googleapis.com/envoy.type.v3.TokenBucket",
                "max_tokens": per_second * BURST_SECONDS,
                "tokens_per_fill": per_second,
                "fill_interval": "1s",
            },
        }
        for kind, per_second in LINES_PER_SECOND.items()
    ]
    return json.dumps({"version_info": "1", "resources": buckets})


def access_logs() -> list[Json]:
    """Refusals and failures, and what else is worth a line."""
    refused = _at_least("status_code_filter", 400)
    return [_log("refused", [refused]), _log("answered", [_below_400(), _worth_logging()])]


def _log(kind: str, filters: list[Json]) -> Json:
    limit = {
        "extension_filter": {
            "name": "envoy.access_loggers.extension_filters.process_ratelimit",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.access_loggers.filters.process_ratelimit.v3.ProcessRateLimitFilter",
                "dynamic_config": {"resource_name": kind, "config_source": file_source(LIMITS_FILE)},
            },
        }
    }
    return {
        "name": "envoy.access_loggers.stdout",
        "filter": {"and_filter": {"filters": [*filters, limit]}},
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
            "log_format": {"json_format": FIELDS},
        },
    }


def _at_least(kind: str, value: int) -> Json:
    return _compared(kind, "GE", value)


def _below_400() -> Json:
    return _compared("status_code_filter", "LE", 399)


def _compared(kind: str, operator: str, value: int) -> Json:
    never = f"astro_live.never.{kind}.{operator}"
    return {kind: {"comparison": {"op": operator, "value": {"default_value": value, "runtime_key": never}}}}


def _worth_logging() -> Json:
    """Pages, WebSockets and what was slow. The hundreds of modules that a page asks for are none of these: logging each would cost a
    seventh of Envoy's work and tell nothing."""
    filters = [
        _at_least("duration_filter", SLOW_MILLISECONDS),
        {"header_filter": {"header": {"name": "upgrade", "present_match": True}}},
        {"header_filter": {"header": {"name": "sec-fetch-mode", "string_match": {"exact": "navigate"}}}},
        {"header_filter": {"header": {"name": "sec-fetch-mode", "present_match": False}}},  # not a browser
    ]
    return {"or_filter": {"filters": filters}}
