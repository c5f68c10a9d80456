"""Verdicts on sites whose sources are elsewhere: another `srcDir`, another `publicDir`, a site in a
folder of its repository (S27, S32).
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from container.gateway.settings import ASTRO_DIR

from .harness import Gateway, running_gateway

pytestmark = pytest.mark.skipif(
    not (ASTRO_DIR / "node_modules").is_dir(),
    reason="container/astro/node_modules is missing: run `make setup`",
)
NAMES = ("moved", "flat")
"""Of sessions: the site in `web/`, its sources in `web/app`; and sources in the site's own folder.
"""
SITE = {"moved": "web/", "flat": ""}
SOURCES = {"moved": "web/app/", "flat": ""}
CONFIG = "export default {{ srcDir: './{src}', publicDir: './static' }};\n"
PAGE = "---\nconst word = 'fine';\n---\n<html><body><p>{word}</p></body></html>\n"


@pytest.fixture(scope="module")
def astro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_RUNNER_COMMAND="") as gateway:
        for name in NAMES:
            asyncio.run(make(gateway, name))
        yield gateway


async def make(gateway: Gateway, name: str) -> None:
    """A session of a few files; its packages are those of the starter site."""
    site, sources = gateway.sites / name / SITE[name], gateway.sites / name / SOURCES[name]
    (sources / "pages").mkdir(parents=True)
    (site / "static").mkdir()
    shutil.copy(ASTRO_DIR / "starter" / "package.json", site / "package.json")
    config = CONFIG.format(src="app" if name == "moved" else "")
    (site / "astro.config.mjs").write_text(config)
    (sources / "pages" / "index.astro").write_text(PAGE)
    (sources / "pages" / "[item].astro").write_text(
        "---\nexport const getStaticPaths = () => [{ params: { item: 'a' } }];\n---\n<p>item</p>\n"
    )
    answer = await gateway.api("POST", f"/api/v1/sessions/{name}/start")
    assert (answer.status, answer.json["state"]) == (200, "ready"), answer.text + gateway.tail()


async def write(gateway: Gateway, name: str, path: str, text: str) -> Any:
    url = f"/api/v1/sessions/{name}/files/{path}?wait=30"
    answer = await gateway.api("PUT", url, data=text.encode())
    assert answer.status in (200, 201), answer.text
    return answer.json["verdict"]


@pytest.mark.parametrize("name", NAMES)
async def test_an_error_has_its_place_and_heals(astro: Gateway, name: str) -> None:
    """Of a page that nobody has asked for: its address follows from the place of the file."""
    path = f"{SOURCES[name]}pages/deep/other.astro"
    assert (await write(astro, name, path, PAGE))["outcome"] == "rendered"
    broken = await write(astro, name, path, PAGE.replace("{word}", "{nobody}"))
    assert broken["outcome"] == "error", broken
    (problem,) = broken["problems"]
    assert (problem["file"], problem["line"]) == (path, 4), problem
    assert problem["page"] == "deep/other"
    healed = await write(astro, name, path, PAGE)
    assert (healed["outcome"], healed["problems"]) == ("rendered", []), healed
