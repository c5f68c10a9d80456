"""Envoy's access log: which requests get a line, what is in it, and how many lines there are at
most.

Anyone can cause refusals, and who is signed in can ask without end. Envoy counts the lines that it
leaves out (`SUPPRESSED`), and housekeeping reports their number. All lines have one limit: Envoy
knows a single one (see `limit_text`), so that a flood hides other lines for as long as it lasts.
The load balancer's own access log has every request.
"""

from __future__ import annotations

import json
from typing import Final

from .model import PROBE_PATH, Json, file_source

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
"""No query string (it may hold a sign-in token), no header, no cookie. What a client writes is cut:
it fills no log.
"""

SLOW_MILLISECONDS: Final = 250
"""A request that took this long is logged whatever it was."""

SUPPRESSED: Final = "access_log.process_ratelimit.denied"
"""Envoy's counter of lines left out."""
LIMIT_FILE: Final = "log-limit.json"
LINES: Final = "lines"
LINES_PER_SECOND: Final = 30
"""On average, for the whole task."""
BURST_SECONDS: Final = 20
"""A restart with many open pages is hundreds of lines at once."""


def limit_text() -> str:
    """The file with the token bucket of lines. Envoy takes a single resource from such a file, and
    a single file: with two it mixes up their names (1.40).
    """
    bucket = {
        "@type": "type.googleapis.com/envoy.service.discovery.v3.Resource",
        "name": LINES,
        "resource": {
            "@type": "type.googleapis.com/envoy.type.v3.TokenBucket",
            "max_tokens": LINES_PER_SECOND * BURST_SECONDS,
            "tokens_per_fill": LINES_PER_SECOND,
            "fill_interval": "1s",
        },
    }
    return json.dumps({"version_info": "1", "resources": [bucket]})


def access_logs() -> list[Json]:
    """Refusals and failures, and what else is worth a line."""
    return [
        _log([_at_least("status_code_filter", 400), _limit()]),
        _log([_below_400(), _not_the_probe(), _worth_logging(), _limit()]),
    ]


def _limit() -> Json:
    return {
        "extension_filter": {
            "name": "envoy.access_loggers.extension_filters.process_ratelimit",
            "typed_config": {
                "@type": (
                    "type.googleapis.com/envoy.extensions.access_loggers.filters.process_ratelimit.v3.ProcessRateLimitFilter"
                ),
                "dynamic_config": {
                    "resource_name": LINES,
                    "config_source": file_source(LIMIT_FILE),
                },
            },
        }
    }


def _log(filters: list[Json]) -> Json:
    return {
        "name": "envoy.access_loggers.stdout",
        "filter": {"and_filter": {"filters": filters}},
        "typed_config": {
            "@type": (
                "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog"
            ),
            "log_format": {"json_format": FIELDS},
        },
    }


def _at_least(kind: str, value: int) -> Json:
    return _compared(kind, "GE", value)


def _below_400() -> Json:
    return _compared("status_code_filter", "LE", 399)


def _compared(kind: str, operator: str, value: int) -> Json:
    never = f"astro_live.never.{kind}.{operator}"
    return {
        kind: {
            "comparison": {"op": operator, "value": {"default_value": value, "runtime_key": never}}
        }
    }


def _not_the_probe() -> Json:
    """Which is answered without a sign-in."""
    return {
        "header_filter": {
            "header": {
                "name": ":path",
                "string_match": {"prefix": PROBE_PATH},
                "invert_match": True,
            }
        }
    }


def _worth_logging() -> Json:
    """Pages, WebSockets and what was slow. The hundreds of modules that a page asks for are none of
    these: logging each would cost a seventh of Envoy's work and tell nothing.
    """
    filters = [
        _at_least("duration_filter", SLOW_MILLISECONDS),
        {"header_filter": {"header": {"name": "upgrade", "present_match": True}}},
        {
            "header_filter": {
                "header": {"name": "sec-fetch-mode", "string_match": {"exact": "navigate"}}
            }
        },
        {
            "header_filter": {"header": {"name": "sec-fetch-mode", "present_match": False}}
        },  # not a browser
    ]
    return {"or_filter": {"filters": filters}}
