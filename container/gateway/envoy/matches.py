"""What routes match: headers, and the plain read, as nearly every request of a page is."""

from __future__ import annotations

from typing import Final

from contract.hmr import HmrContract

from ..tokens import QUERY_PARAMETER, CookieNames
from .model import Json

OWN_PATHS: Final = "/__"
"""In every path of the gateway's own and of the dev server's endpoints, and in few others. Those
that it is in take the longer way.
"""

BALANCERS_COOKIES: Final = "AWS[AE]LB[A-Za-z0-9-]*=[^; ]*"
"""What an Application Load Balancer sets: stickiness (`AWSALB`, `AWSALBCORS`, `AWSALBTG`) and
sign-in (`AWSELBAuthSessionCookie-0`).
"""


def header(name: str, **match: object) -> Json:
    """A match of one header."""
    return {"name": name, **match}


def exact(name: str, value: str, *, invert: bool = False) -> Json:
    """A match of a header with this value, or with any other."""
    return header(name, string_match={"exact": value}, **({"invert_match": True} if invert else {}))


def own_cookies_alone(names: CookieNames) -> str:
    """A Cookie header with both of the gateway's cookies, in the order in which they were set,
    perhaps the load balancer's, and nothing of the site's own. Of several Cookie headers Envoy
    matches the values joined by commas: no match.
    """
    own = rf"{names.session}=[A-Za-z0-9._-]*; {names.fresh}=[A-Za-z0-9._-]*"
    return f"(?:{BALANCERS_COOKIES}; )*{own}(?:; {BALANCERS_COOKIES})*"


def own_cookies(contract: HmrContract) -> Json:
    """A match of requests that carry no cookie of the site."""
    pattern = own_cookies_alone(CookieNames.of(contract))
    return header("cookie", string_match={"safe_regex": {"regex": pattern}})


def plain_read(session_id: str, contract: HmrContract) -> Json:
    """The match of a session's plain reads: no refusal of the route table can apply to them."""
    return {
        "prefix": contract.session_base(session_id),
        "headers": [
            exact(":method", "GET"),
            exact(":authority", contract.session_authority(session_id)),
            header("upgrade", present_match=True, invert_match=True),
            header(":path", string_match={"contains": OWN_PATHS}, invert_match=True),
            header(":path", string_match={"contains": QUERY_PARAMETER}, invert_match=True),
            own_cookies(contract),
        ],
    }
