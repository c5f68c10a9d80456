"""A session is a repository: which folder of it is the site can be set with the session, and later
(S27).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from container.gateway.errors import BadRequest
from container.gateway.session_options import (
    SessionOptions,
    options_with,
    read_options,
    remove_options,
    write_options,
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("docs", "docs"), ("apps/web/", "apps/web"), ("./docs", "docs"), ("", ""), (".", "")],
)
def test_a_folder_of_the_repository_is_taken(given: str, kept: str) -> None:
    assert options_with(given).root == kept


@pytest.mark.parametrize(
    "given", ["/etc", "../other", "docs/../../other", "a\\b", "a\0b", "x" * 2000]
)
def test_what_leads_out_of_the_repository_is_refused(given: str) -> None:
    with pytest.raises(BadRequest, match="allowed is the site's folder within the repository"):
        options_with(given)


def test_options_are_kept_beside_the_projects_and_forgotten_with_the_session(
    tmp_path: Path,
) -> None:
    assert read_options(tmp_path, "demo") == SessionOptions()
    write_options(tmp_path, "demo", SessionOptions(root="docs"))
    assert read_options(tmp_path, "demo").root == "docs"
    assert read_options(tmp_path, "other") == SessionOptions()
    remove_options(tmp_path, "demo")
    assert read_options(tmp_path, "demo") == SessionOptions()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"root": 1}', '{"root": "../x"}', '{"root": "/x"}', "\0" * 100]
)
def test_a_file_that_is_no_options_counts_as_none(tmp_path: Path, text: str) -> None:
    write_options(tmp_path, "demo", SessionOptions(root="docs"))
    (tmp_path / ".sessions" / "demo.json").write_text(text)
    assert read_options(tmp_path, "demo") == SessionOptions()


def test_options_of_a_newer_gateway_are_read(tmp_path: Path) -> None:
    write_options(tmp_path, "demo", SessionOptions())
    (tmp_path / ".sessions" / "demo.json").write_text('{"root": "docs", "later": true}')
    assert read_options(tmp_path, "demo").root == "docs"
