"""Session tokens: Ed25519 JWTs with a key id.

Two kinds for one session each; `aud` names both, so that no token can stand in for another:
  link      in a sign-in link, one use, minutes: `{"iss", "aud": "link:{session}:{epoch}", "exp", "jti"}`
  session   in the cookie, hours: `{"iss", "aud": "session:{session}:{epoch}", "exp"}`

The epoch (`epochs.py`) is the session's: a new one ends all tokens that were issued before. Where a
credential of the API has made the sign-in, the epoch is followed by a dot and the credential's id:
Envoy compares audiences as a whole, so such a sign-in can be ended apart (`sign_ins.py`).

The audience of a visitor who may only look begins with `look-`. A task of an earlier image, which
knows nothing of that, refuses such a token instead of letting the visitor do more.

Envoy verifies session tokens by the public keys alone (`public_jwks`), so nothing on disk or in
Envoy's memory can sign. Rotation: put the new key first; it signs, and the older ones keep
verifying until they are taken off the list.
"""  # noqa: W505 - a table

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contract.hmr import HmrContract

from .errors import TokenError

ISSUER: Final = "astro-live"
QUERY_PARAMETER: Final = "astro_live_token"
MAXIMUM_TOKEN_LENGTH: Final = 1024
SEED_BYTES: Final = 32
VISITOR_BYTES: Final = 9
"""Of randomness in a visitor's name: 12 characters. Each byte of a cookie costs with each request
of a page.
"""
NAME_CLAIM: Final = "name"
"""In base64url: Envoy makes a header of it, and a name may have any letter."""
LONGEST_NAME: Final = 60
KEYS_ALLOWED: Final = (
    'a JSON list such as [{"kid": "k1", "seed": "<base64url of 32 random bytes>"}]'
)
"""What the signing keys look like, for errors."""

ONLY_LOOKS: Final = "look-"
"""Begins the audience of a visitor who may only read."""

Kind = Literal["link", "session"]


@dataclass(frozen=True, kw_only=True)
class CookieNames:
    """Names of the gateway's two cookies."""

    session: str
    """Holds the signed token."""
    fresh: str
    """Companion with half its lifetime and no secret in it: while a browser still sends it, no
    renewal is due.
    """

    @classmethod
    def of(cls, contract: HmrContract) -> CookieNames:
        """Under host routing with the prefix `__Host-`: browsers take such a cookie only from the
        host itself, over https and for every path, so neither a script on a longer path nor another
        session's host can put another beside it
        (https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes).
        """
        prefix = "__Host-" if contract.by_host and contract.scheme == "https" else ""
        return cls(session=f"{prefix}astro_live_session", fresh=f"{prefix}astro_live_fresh")


def audience(
    kind: Kind,
    session_id: str,
    epoch: str = "",
    credential: str = "",
    *,
    may_post: bool = True,
) -> str:
    """The `aud` claim of a token of this kind for this session in this epoch, made by a credential
    of the API or none. No id of a session has a colon in it, no epoch a dot.
    """
    begin = "" if may_post else ONLY_LOOKS
    return f"{begin}{kind}:{session_id}:{epoch}" + (f".{credential}" if credential else "")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class SigningKey:
    """One Ed25519 key with its id."""

    kid: str
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"

    @classmethod
    def generate(cls) -> SigningKey:
        return cls(kid=f"ephemeral-{secrets.token_hex(4)}", private=Ed25519PrivateKey.generate())

    @staticmethod
    def random_credential() -> str:
        return secrets.token_urlsafe(32)

    @classmethod
    def parse_list(cls, text: str) -> tuple[SigningKey, ...]:
        """Read `[{"kid": "k1", "seed": "<base64url of 32 bytes>"}]`. The error never
        quotes a seed.
        """
        shape = f"allowed is {KEYS_ALLOWED}"
        try:
            entries = json.loads(text)
        except ValueError:
            raise TokenError(f"the value is not valid JSON; {shape}") from None
        if not isinstance(entries, list) or not entries:
            raise TokenError(f"the value is not a list with at least one key; {shape}")
        keys = [cls._parse(entry, index, shape) for index, entry in enumerate(entries)]
        if len({key.kid for key in keys}) != len(keys):
            raise TokenError("two keys have the same kid; give each its own")
        return tuple(keys)

    @classmethod
    def _parse(cls, entry: object, index: int, shape: str) -> SigningKey:
        kid, seed = (
            (entry.get("kid"), entry.get("seed")) if isinstance(entry, dict) else (None, None)
        )
        if not isinstance(kid, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", kid):
            raise TokenError(
                f"key {index} has no usable kid (1-64 letters, digits, '.', '_', '-'); {shape}"
            )
        raw = b""
        if isinstance(seed, str) and re.fullmatch(r"[A-Za-z0-9_-]+={0,2}", seed):
            try:
                raw = base64.urlsafe_b64decode(
                    seed.rstrip("=") + "=" * (-len(seed.rstrip("=")) % 4)
                )
            except ValueError:
                raw = b""
        if len(raw) != SEED_BYTES:
            raise TokenError(
                f"the seed of key {kid!r} is not base64url of {SEED_BYTES} bytes; {shape}"
            )
        return cls(kid=kid, private=Ed25519PrivateKey.from_private_bytes(raw))

    def derived(self, purpose: str) -> bytes:
        """32 bytes for another use than signing, the same on every task that has the key."""
        return hmac.digest(self.private.private_bytes_raw(), purpose.encode(), "sha256")

    def public_jwk(self) -> dict[str, str]:
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": "EdDSA",
            "use": "sig",
            "kid": self.kid,
            "x": _base64url(raw),
        }


def public_jwks(keys: Sequence[SigningKey]) -> dict[str, list[dict[str, str]]]:
    """The key set that Envoy's `jwt_authn` verifies with. Public halves only."""
    return {"keys": [key.public_jwk() for key in keys]}


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a verified token says."""

    session_id: str
    expires_at: int
    token_id: str = ""
    """Of a sign-in token, which can be used once."""
    epoch: str = ""
    """Of the session, when the token was signed. Verifying a token compares it with the
    epoch now.
    """
    visitor: str = ""
    """Who was signed in, of a session cookie: a random name that says nothing of the person."""
    name: str = ""
    """What the person is called, where the link that signed them in says so (`viewer_name`)."""
    credential: str = ""
    """Id of the credential that made the link, with which the sign-in ends."""
    may_post: bool = True
    """Whether the visitor may do more than read, as far as the link says."""


class TokenService:
    """Signs with the first key, verifies with all."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        if not keys:
            raise TokenError("no signing key")
        self._keys = {key.kid: key for key in keys}
        self._signer = keys[0]

    def sign(
        self,
        kind: Kind,
        session_id: str,
        *,
        seconds: int,
        epoch: str = "",
        visitor: str = "",
        name: str = "",
        credential: str = "",
        may_post: bool = True,
        now: float | None = None,
    ) -> tuple[str, Claims]:
        """Make a token for `session_id` in `epoch` that lives `seconds`; a session cookie names its
        `visitor`, by default a new one.
        """
        expires = int(time.time() if now is None else now) + seconds
        payload: dict[str, Any] = {
            "iss": ISSUER,
            "aud": audience(kind, session_id, epoch, credential, may_post=may_post),
            "exp": expires,
        }
        if kind == "link":
            payload["jti"] = secrets.token_urlsafe(16)
        else:
            payload["sub"] = visitor or secrets.token_urlsafe(VISITOR_BYTES)
        if name:
            payload[NAME_CLAIM] = _base64url(name.encode())
        claims = Claims(
            session_id=session_id,
            expires_at=expires,
            token_id=payload.get("jti", ""),
            epoch=epoch,
            visitor=payload.get("sub", ""),
            name=name,
            credential=credential,
            may_post=may_post,
        )
        # Without the optional `typ`: every byte of the cookie is parsed, compared and looked up
        # again with each request of a page.
        return (
            jwt.encode(
                payload,
                self._signer.private,
                algorithm="EdDSA",
                headers={"kid": self._signer.kid, "typ": None},
            ),
            claims,
        )

    def verify(self, kind: Kind, token: str, session_id: str) -> Claims:
        """Check signature, kind, session and times, not the epoch. Raises `TokenError` whose text
        is fit for a log, never for the page.
        """
        if not token or len(token) > MAXIMUM_TOKEN_LENGTH:
            raise TokenError("token is empty or too long")
        try:
            key = self._keys.get(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                raise TokenError("token names an unknown key")
            payload: dict[str, Any] = jwt.decode(
                token,
                key.private.public_key(),
                algorithms=["EdDSA"],
                issuer=ISSUER,
                options={
                    "require": ["exp", "aud", "iss", *(["jti"] if kind == "link" else [])],
                    "verify_aud": False,
                },
            )
        except jwt.PyJWTError as error:
            raise TokenError(f"token refused: {type(error).__name__}") from None
        given = str(payload["aud"])
        may_post, rest = not given.startswith(ONLY_LOOKS), given.rpartition(":")[2]
        if payload["aud"] != audience(kind, session_id, may_post=may_post) + rest:
            raise TokenError("token is for another session or use")
        epoch, _, credential = rest.partition(".")
        return Claims(
            session_id=session_id,
            expires_at=int(payload["exp"]),
            token_id=str(payload.get("jti", "")),
            epoch=epoch,
            visitor=str(payload.get("sub", "")),
            name=_name_of(payload),
            credential=credential,
            may_post=may_post,
        )


def _name_of(payload: dict[str, Any]) -> str:
    encoded = str(payload.get(NAME_CLAIM, ""))
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("utf-8", "replace")


def public_jwks_text(keys: Sequence[SigningKey]) -> str:
    return json.dumps(public_jwks(keys))
