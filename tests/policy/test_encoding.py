"""The marks of special values are Pulumi's own (S18)."""

from __future__ import annotations

from pulumi.runtime import rpc

from policy.rules.core import encoding


def test_marks_are_those_of_the_installed_sdk() -> None:
    """They are repeated, so that a pack and its harness start without the SDK's runtime."""
    assert rpc._special_sig_key == encoding.SIGNATURE
    assert rpc._special_secret_sig == encoding.SECRET
    assert rpc._special_resource_sig == encoding.RESOURCE
    assert rpc._special_output_value_sig == encoding.OUTPUT
    assert rpc._special_asset_sig == encoding.ASSET
    assert rpc._special_archive_sig == encoding.ARCHIVE
    assert encoding.UNKNOWN_STRING == rpc.UNKNOWN
