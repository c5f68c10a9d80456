"""The local certificate authority."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from local import certificates


def test_the_certificate_is_valid_for_its_names_and_no_other_use(tmp_path: Path) -> None:
    """Browsers want the host among the alternative names and a chain to the authority."""
    files = certificates.issue(tmp_path, ["localhost", "127.0.0.1", "::1"])
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    leaf = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    verifier = (
        PolicyBuilder().store(Store([authority])).build_server_verifier(x509.DNSName("localhost"))
    )
    assert verifier.verify(leaf, []) == [leaf, authority]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days < 398


def test_the_authority_stays_and_the_leaf_is_new(tmp_path: Path) -> None:
    """Trusting it once is enough."""
    first = certificates.issue(tmp_path, ["localhost"])
    authority, leaf = first.authority.read_bytes(), first.certificate.read_bytes()
    second = certificates.issue(tmp_path, ["localhost"])
    assert second.authority.read_bytes() == authority
    assert second.certificate.read_bytes() != leaf


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    """The authority's key could sign for any site."""
    files = certificates.issue(tmp_path, ["localhost"])
    for key in (files.private_key, tmp_path / "ca-key.pem"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["not a certificate", ""])
def test_an_authority_that_cannot_be_read_is_replaced(tmp_path: Path, damage: str) -> None:
    """A disk that was full at the first start leaves an empty file."""
    certificates.issue(tmp_path, ["localhost"])
    (tmp_path / "ca-key.pem").write_text(damage)
    files = certificates.issue(tmp_path, ["localhost"])
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    leaf = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    leaf.verify_directly_issued_by(authority)
