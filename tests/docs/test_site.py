"""The documentation builds as a site in which every link, anchor and place in the navigation exists
(S25).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; mkdocs refuses broken links, unknown anchors and pages outside the
    navigation.
    """
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        str(folder),
    ]
    environment = {
        **os.environ,
        "NO_MKDOCS_2_WARNING": "1",
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_SERVER_URL": "https://github.com",
    }
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_readme_is_the_first_page(site: Path) -> None:
    """Its links lead to pages of the site, and to the repository where there is no page."""
    first = (site / "index.html").read_text()
    assert 'href="gateway/#api"' in first
    assert 'href="https://github.com/owner/name/blob/main/examples"' in first


def test_the_search_finds_settings_and_rules(site: Path) -> None:
    """The index holds the reference pages."""
    texts = [
        entry["title"] + " " + entry["text"]
        for entry in json.loads((site / "search" / "search_index.json").read_text())["docs"]
    ]
    assert any("ingressCidrs" in text for text in texts)
    assert any("alb-idle-timeout" in text for text in texts)


def test_nothing_is_loaded_from_other_hosts(site: Path) -> None:
    """A reader behind a proxy, or without a network, sees the whole page."""
    loaded = [
        f"{page.relative_to(site)}: {line.strip()[:120]}"
        for page in site.rglob("*.html")
        for line in page.read_text().splitlines()
        if ("<script" in line or 'rel="stylesheet"' in line or "<img" in line)
        and ('src="http' in line or 'href="http' in line)
    ]
    assert loaded == []
