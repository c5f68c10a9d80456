"""The local stack's own certificate authority and the certificate that it issues for the load
balancer.

The authority stays the same between runs, so that a browser has to trust it once only.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS = 3650
LEAF_DAYS = 90
"""Browsers refuse leaf certificates that live longer than 398 days; a fresh one is issued at each
start.
"""


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """Files in PEM. The keys are readable by their owner only."""

    authority: Path
    certificate: Path
    private_key: Path


def issue(directory: Path, names: Sequence[str]) -> Certificates:
    """A certificate for the host names and addresses in `names`, signed by the authority in
    `directory`, made there when absent.
    """
    directory.mkdir(parents=True, exist_ok=True)
    authority, key = _authority(directory)
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    alternatives = [_general_name(name) for name in dict.fromkeys(names)]
    leaf = (
        _builder(names[0], LEAF_DAYS, leaf_key.public_key())
        .issuer_name(authority.subject)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(leaf_key.public_key()), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (directory / "certificate.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    _write_key(directory / "private-key.pem", leaf_key)
    return Certificates(
        authority=directory / "ca.pem",
        certificate=directory / "certificate.pem",
        private_key=directory / "private-key.pem",
    )


def _authority(directory: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The authority of an earlier run; a new one where there is none, it cannot be read, or it ends
    before the next leaf would.
    """
    file, key_file = directory / "ca.pem", directory / "ca-key.pem"
    with contextlib.suppress(OSError, ValueError):
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
        if isinstance(key, ec.EllipticCurvePrivateKey) and left.days > LEAF_DAYS:
            return certificate, key
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder("astro-live local authority", CA_DAYS, key.public_key())
        .issuer_name(_name("astro-live local authority"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_key_usage(), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_file, key)
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _builder(name: str, days: int, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
