"""How much one client address may ask of the control plane, which one processor serves.

A filter that the routes to the control plane ask for: sign-in, waiting pages, addresses that nobody
knows. Pages of a running session do not pass here. The address is the one that the load balancer
appended to `X-Forwarded-For`. Connections cannot be counted by address: behind a load balancer all
of them are the balancer's, and it sends a request on once its head is complete. What a stranger's
request occupies is over with its head, since a refusal waits for no body.
"""

from __future__ import annotations

from typing import Final

from contract.settings.session import ADDRESS_BURST_SECONDS

from .model import Json

ADDRESS_LIMIT: Final = "astro_live.address_limit"
TOO_MANY_REQUESTS: Final = 429
MOST_ADDRESSES: Final = 10_000
"""Buckets kept. Above that the one unused for longest goes, and its address begins with
a full one.
"""
IPV6_PREFIX: Final = 64
"""One client has a network of this size, or a larger one."""


def address_limit_filter(per_second: int) -> Json:
    """Of `per_second` requests on average, and `ADDRESS_BURST_SECONDS` as many at once."""
    bucket = {
        "max_tokens": per_second * ADDRESS_BURST_SECONDS,
        "tokens_per_fill": per_second,
        "fill_interval": "1s",
    }
    unlimited = {"max_tokens": 1_000_000, "tokens_per_fill": 1_000_000, "fill_interval": "1s"}
    always = {"default_value": {"numerator": 100}}
    return {
        "name": ADDRESS_LIMIT,
        "disabled": True,
        "typed_config": {
            "@type": (
                "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
            ),
            "stat_prefix": "address_limit",
            "status": {"code": TOO_MANY_REQUESTS},
            "token_bucket": unlimited,
            "filter_enabled": always,
            "filter_enforced": always,
            "rate_limits": [
                {"actions": [{"masked_remote_address": {"v6_prefix_mask_len": IPV6_PREFIX}}]}
            ],
            # A descriptor without a value stands for every value: a bucket for each address.
            "descriptors": [
                {"entries": [{"key": "masked_remote_address"}], "token_bucket": bucket}
            ],
            "max_dynamic_descriptors": MOST_ADDRESSES,
            "always_consume_default_token_bucket": False,
        },
    }
