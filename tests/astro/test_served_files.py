"""Files beyond the site are served to nobody, whichever Vite and Astro a site brings (S8, S27).

The requests are what earlier releases of Vite answered in spite of `server.fs` (CVE-2025-30208 and
its like), and what Astro 5.0.9's endpoint for images does, each with the file that it would read.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.browser.releases import installed, release_site
from tests.browser.stack import ROOT

from .driver import LiveSite, StartArgs, live_site

EARLIER = "vite 6.0.3"
"""It answers eight of these forms; the Vite that Astro 5.0.9 comes with answers none."""
QUERIES = (
    "", "?raw", "?raw??", "?import&raw??", "?inline&import", "?import&?inline=1.wasm?init",
    "?.svg?.wasm?init", "?url", "?html-proxy&index=0.js", "?t=1&raw??", "?worker&inline",
)  # fmt: skip
SECRET = "not for visitors"


@pytest.fixture(scope="module", params=["7.3.5", "5.0.9", EARLIER])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveSite]:
    folder = tmp_path_factory.mktemp("served")
    release = "5.0.9" if request.param == EARLIER else request.param
    root = release_site(release, folder / "site")
    if request.param == EARLIER:
        packages = installed("earlier-vite", ROOT / "tests" / "astro" / "earlier-vite")
        (root / "node_modules").unlink()
        (root / "node_modules").symlink_to(packages / "node_modules")
    (root / ".env").write_text(f'PUBLIC_WORD=1\nKEY="{SECRET}"\n')
    (folder / "other").mkdir()
    (folder / "other" / "page.txt").write_text(SECRET)
    (folder / "other" / "picture.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg"><!-- {SECRET} --></svg>'
    )
    (root / "public").mkdir(exist_ok=True)
    (root / "public" / "root.pem").write_text("a certificate for everybody")
    (root / "src" / "own.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    with live_site(StartArgs(root=root, scratch=folder / "scratch")) as live:
        assert live.request().status == 200
        yield live


def _text(site: LiveSite, path: str) -> str:
    return site.request(path, headers={"accept": "*/*"}).text


def test_no_address_leads_to_a_file_beyond_the_site(site: LiveSite) -> None:
    other = site.args.root.parent / "other" / "page.txt"
    up = "../" * 12 + str(other).lstrip("/")
    names = [
        f"@fs{other}",
        f"@fs/{other}",
        f"@fs/x/x{'/..' * 2}{other}",
        f"@fs{site.args.root}/../other/page.txt",
        f"@fs{site.args.root}/%2e%2e/other/page.txt",
        f"@id/{other}",
        f"@id/__x00__{other}",
        f"@id/@fs{other}",
        str(other).lstrip("/"),
        quote(str(other)).replace("/", "%2f"),
        up,
        up.replace("..", "%2e%2e"),
        f"src/{up}",
        ".env",
        "%2eenv",
        "./.env",
        f"@fs{site.args.root}/.env",
        f"@fs{site.args.root}/src/../.env",
    ]
    leaks = [
        name + query for name in names for query in QUERIES if SECRET in _text(site, name + query)
    ]
    assert leaks == []


def test_the_endpoint_for_images_reads_no_file_beyond_the_site(site: LiveSite) -> None:
    other = site.args.root.parent / "other"
    sources = [
        form
        for name in (f"{other}/page.txt", f"{other}/picture.svg", f"{site.args.root}/.env")
        for form in (
            f"/@fs{name}", f"@fs{name}", name, f"file://{name}", f"{site.args.base}@fs{name}",
            f"/@fs{name}?origWidth=1&origHeight=1&origFormat=svg", f"/x/..{name}",
            f"//{name}", quote(f"/@fs{name}"), f"/@fs/x/..{name}",
        )
    ]  # fmt: skip
    leaks = [
        (source, shape)
        for source in sources
        for shape in ("f=svg", "f=png&w=1&h=1")
        if SECRET in _text(site, f"_image?href={quote(source, safe='')}&{shape}")
    ]
    assert leaks == []


@pytest.mark.parametrize("source", ["//127.0.0.1:9/x.svg", "/\\127.0.0.1:9/x.svg", "\\\\127.0.0.1"])
def test_the_endpoint_for_images_asks_no_host_without_a_scheme(site: LiveSite, source: str) -> None:
    """Astro holds an address with a scheme against the site's `image.domains`."""
    assert site.request(f"_image?href={quote(source, safe='')}&f=svg").status == 403


def test_what_belongs_to_the_site_is_served(site: LiveSite) -> None:
    """Sources, packages, pictures, and pages whose address is like a file's."""
    for path in (
        "src/pages/index.astro",
        "src/own.svg",
        f"@fs{site.args.root}/src/own.svg?url",
        "src/own.svg?raw",
        "@vite/client",
        "@id/astro/runtime/client/dev-toolbar/entrypoint.js",
        "node_modules/preact/package.json",
        "root.pem",
    ):
        assert site.request(path, headers={"accept": "*/*"}).status == 200, path
    page = site.request().text
    pictures = [part.split('"')[0] for part in page.split('src="')[1:] if "_image" in part]
    for picture in pictures:
        answer = site.request(html.unescape(picture), headers={"accept": "image/*"})
        assert answer.status == 200, picture
    assert pictures
