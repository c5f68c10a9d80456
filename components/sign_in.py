"""People sign in at the load balancer, before the gateway's own check: OpenID Connect or Cognito as
one typed argument.

The WebSocket rule denies what is not signed in, since a redirect is no answer to an upgrade. The
API's rule takes no sign-in: its callers are programs with a bearer credential.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from components.base import ComponentError

SESSION_SECONDS = (1, 604800)
"""AWS's range of a sign-in's life."""

SIGN_IN_SECONDS = 43200
"""How long a sign-in lasts: a day's work."""

HTTPS = 443

Unauthenticated = Literal["authenticate", "deny"]


@dataclass(frozen=True, kw_only=True)
class OidcSignIn:
    """Any OpenID Connect provider."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    client_id: pulumi.Input[str]
    client_secret: pulumi.Input[str]
    """Give it as a Pulumi secret."""
    scope: str = "openid"
    session_seconds: int = SIGN_IN_SECONDS
    """How long a sign-in lasts; `SESSION_SECONDS` is its range."""

    def __post_init__(self) -> None:
        for name in ("issuer", "authorization_endpoint", "token_endpoint", "user_info_endpoint"):
            url = urlsplit(getattr(self, name))
            if url.scheme != "https" or not url.hostname:
                raise ComponentError(
                    f"{name} is {getattr(self, name)!r}; allowed is an https address, as in the"
                    " provider's discovery document"
                )
        _check_seconds(self.session_seconds)

    @property
    def ports(self) -> tuple[int, ...]:
        """Ports that the load balancer itself connects to: those of tokens and user info. Browsers
        go to the other addresses.
        """
        addresses = (self.token_endpoint, self.user_info_endpoint)
        return tuple(sorted({urlsplit(address).port or HTTPS for address in addresses}))

    def action(self, unauthenticated: Unauthenticated) -> aws.lb.ListenerRuleActionArgs:
        """The rule's first action."""
        return aws.lb.ListenerRuleActionArgs(
            type="authenticate-oidc",
            order=1,
            authenticate_oidc=aws.lb.ListenerRuleActionAuthenticateOidcArgs(
                issuer=self.issuer,
                authorization_endpoint=self.authorization_endpoint,
                token_endpoint=self.token_endpoint,
                user_info_endpoint=self.user_info_endpoint,
                client_id=self.client_id,
                client_secret=self.client_secret,
                scope=self.scope,
                session_timeout=self.session_seconds,
                on_unauthenticated_request=unauthenticated,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class CognitoSignIn:
    """A Cognito user pool."""

    user_pool_arn: pulumi.Input[str]
    client_id: pulumi.Input[str]
    domain: pulumi.Input[str]
    """Prefix of the pool's hosted domain, or its own domain."""
    scope: str = "openid"
    session_seconds: int = SIGN_IN_SECONDS

    def __post_init__(self) -> None:
        _check_seconds(self.session_seconds)

    @property
    def ports(self) -> tuple[int, ...]:
        """Ports that the load balancer itself connects to."""
        return (HTTPS,)

    def action(self, unauthenticated: Unauthenticated) -> aws.lb.ListenerRuleActionArgs:
        """The rule's first action."""
        return aws.lb.ListenerRuleActionArgs(
            type="authenticate-cognito",
            order=1,
            authenticate_cognito=aws.lb.ListenerRuleActionAuthenticateCognitoArgs(
                user_pool_arn=self.user_pool_arn,
                user_pool_client_id=self.client_id,
                user_pool_domain=self.domain,
                scope=self.scope,
                session_timeout=self.session_seconds,
                on_unauthenticated_request=unauthenticated,
            ),
        )


SignIn = OidcSignIn | CognitoSignIn


def _check_seconds(seconds: int) -> None:
    low, high = SESSION_SECONDS
    if not low <= seconds <= high:
        raise ComponentError(f"session_seconds is {seconds}; allowed is {low}-{high} s")
