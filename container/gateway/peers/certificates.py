"""Mutual TLS between the tasks of a service, from the signing keys that all of them have.

Each signing key yields, by HKDF, the key of a certificate authority: every task derives the same
authorities and nothing is stored or exchanged. A task issues itself a certificate for `{task
id}.peers.astro-live` under the first key's authority, and trusts the authorities of all keys. While
keys are rotated the lists of tasks differ but overlap: the authority of the first key also comes
signed by those of the others, so a task that does not have that key yet follows the chain to one it
has.

The certificate keeps out whatever else has an address in the subnets. It does not tell code of a
site, which runs beside Envoy as the same user, from Envoy: the owner of a session verifies each
request's token or credential as if it came from outside.
"""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..tokens import SigningKey

CURVE: Final = ec.SECP256R1()
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256, https://doi.org/10.6028/NIST.SP.800-186."""
PURPOSE: Final = b"astro-live peers authority"
DOMAIN: Final = "peers.astro-live"

AUTHORITY_FROM: Final = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
AUTHORITY_UNTIL: Final = datetime.datetime(2124, 1, 1, tzinfo=datetime.UTC)
EARLY: Final = datetime.timedelta(days=2)
"""A task's certificate is valid from so long before its clock's time: clocks of tasks differ."""
LIFE: Final = datetime.timedelta(days=3650)
"""Far longer than any task lives."""

CERTIFICATE_FILE: Final = "peer.crt"
KEY_FILE: Final = "peer.key"
AUTHORITIES_FILE: Final = "peers.crt"


def peer_name(task_id: str) -> str:
    """The DNS name in a task's certificate. An address that another task has taken over does not
    answer under it.
    """
    return f"{task_id.lower()}.{DOMAIN}"


@dataclass(frozen=True)
class _Authority:
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, signing_key: SigningKey) -> _Authority:
        seed = signing_key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        # 16 bytes more than the order has, so that the remainder is as good as uniform (FIPS 186-5,
        # A.2.1).
        number = int.from_bytes(
            HKDF(hashes.SHA256(), 48, salt=None, info=PURPOSE).derive(seed), "big"
        )
        return cls(ec.derive_private_key(number % (ORDER - 1) + 1, CURVE))

    @property
    def name(self) -> x509.Name:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(
            self.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        )
        return x509.Name(
            [
                x509.NameAttribute(
                    NameOID.COMMON_NAME, f"astro-live peers {digest.finalize().hex()[:16]}"
                )
            ]
        )

    def sign(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool
    ) -> x509.CertificateBuilder:
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        )
        issuer = self.key.public_key()
        usage = x509.KeyUsage(
            digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        return (
            builder.serial_number(x509.random_serial_number())
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False
            )
        )

    def certificate(self, by: _Authority) -> x509.Certificate:
        """This authority's certificate, signed by itself or by another."""
        builder = by.sign(self.name, self.key.public_key(), ca=True)
        return (
            builder.not_valid_before(AUTHORITY_FROM)
            .not_valid_after(AUTHORITY_UNTIL)
            .sign(by.key, hashes.SHA256())
        )


@dataclass(frozen=True, kw_only=True)
class PeerIdentity:
    """PEM texts: what a task shows its peers, and whom it trusts."""

    certificate: str
    """The task's own, and its authority's as signed by those of the other keys."""
    key: str = field(repr=False)
    authorities: str

    @classmethod
    def make(
        cls, task_id: str, keys: Sequence[SigningKey], now: datetime.datetime | None = None
    ) -> PeerIdentity:
        """A new identity for the task of this id."""
        first, *others = (_Authority.of(key) for key in keys)
        now, own, name = (
            now or datetime.datetime.now(datetime.UTC),
            ec.generate_private_key(CURVE),
            peer_name(task_id),
        )
        leaf = (
            first.sign(
                x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]),
                own.public_key(),
                ca=False,
            )
            .not_valid_before(now - EARLY)
            .not_valid_after(now + LIFE)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                ),
                critical=False,
            )
            .sign(first.key, hashes.SHA256())
        )
        chain = [leaf, *(first.certificate(other) for other in others)]
        return cls(
            certificate=_pem(chain),
            key=own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            authorities=_pem([authority.certificate(authority) for authority in (first, *others)]),
        )

    def write(self, folder: Path) -> None:
        """As files for Envoy."""
        for name, text in (
            (CERTIFICATE_FILE, self.certificate),
            (KEY_FILE, self.key),
            (AUTHORITIES_FILE, self.authorities),
        ):
            path = folder / name
            path.touch(mode=0o600)
            path.write_text(text)


def client_context(folder: Path) -> ssl.SSLContext:
    """For connections to peers, from the files in `folder`."""
    context = ssl.create_default_context(
        ssl.Purpose.SERVER_AUTH, cafile=str(folder / AUTHORITIES_FILE)
    )
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / CERTIFICATE_FILE, folder / KEY_FILE)
    return context


def _pem(certificates: Sequence[x509.Certificate]) -> str:
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates)
