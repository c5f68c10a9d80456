"""Load balancing keeps most settings as attributes, pairs of a key and a text; the Pulumi inputs
that become one.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-attributes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LOAD_BALANCER: Final = {
    "idleTimeout": "idle_timeout.timeout_seconds",
    "clientKeepAlive": "client_keep_alive.seconds",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "enableTlsVersionAndCipherSuiteHeaders": (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled"
    ),
    "enableHttp2": "routing.http2.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "accessLogs.enabled": "access_logs.s3.enabled",
    "accessLogs.bucket": "access_logs.s3.bucket",
}

TARGET_GROUP: Final = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "slowStart": "slow_start.duration_seconds",
    "stickiness.enabled": "stickiness.enabled",
    "stickiness.type": "stickiness.type",
    "stickiness.cookieDuration": "stickiness.lb_cookie.duration_seconds",
}

LISTENER: Final = {
    "routingHttpResponseStrictTransportSecurityHeaderValue": (
        "routing.http.response.strict_transport_security.header_value"
    ),
}


def attributes(inputs: Mapping[str, Any], table: Mapping[str, str]) -> list[dict[str, str]]:
    """`[{"Key": …, "Value": …}]` of the inputs that `table` names and that have a value."""
    pairs = []
    for path, key in table.items():
        value: Any = inputs
        for step in path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            pairs.append(
                {"Key": key, "Value": str(value).lower() if isinstance(value, bool) else str(value)}
            )
    return pairs


def consumed(table: Mapping[str, str]) -> set[str]:
    """Top-level inputs that `table` takes."""
    return {path.split(".")[0] for path in table}
