"""The starter site under `/session/demo/`, its configuration untouched (S1, S3)."""

from __future__ import annotations

import re
import time

import pytest
from websockets.exceptions import InvalidMessage, InvalidStatus

from .driver import WAIT_SECONDS, Answer, LiveSite

BASE = "/session/demo/"
URLS = re.compile(
    r"""\b(?:href|src|component-url|renderer-url|action)="([^"]+)"|srcset="([^" ]+)"""
)


def urls_of(html: str) -> set[str]:
    return {first or second for first, second in URLS.findall(html)}


def new_page(site: LiveSite, path: str) -> Answer:
    """The answer of a page whose file has just been written: its route is there once the file event
    has come.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while (answer := site.request(path)).status == 404 and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def test_every_url_of_the_page_carries_the_base(site: LiveSite) -> None:
    page = site.request()
    assert page.status == 200
    urls = urls_of(page.text)
    assert {url for url in urls if not url.startswith(BASE)} == set()
    # The kinds that must be among them, so that an empty page cannot pass.
    for part in (
        "@vite/client",
        "dev-toolbar",
        "Counter.jsx",
        "preact",
        "_image?",
        "favicon.svg",
        "notes/",
        "src/styles/global.css",
    ):
        assert any(part in url for url in urls), part


def test_every_url_of_the_page_answers(site: LiveSite) -> None:
    for url in urls_of(site.request().text):
        answer = site.request(
            url.replace("&amp;", "&").replace("&#38;", "&").split("#")[0], headers={"accept": "*/*"}
        )
        assert answer.status == 200, url


def test_modules_import_each_other_under_the_base(site: LiveSite) -> None:
    module = site.request("src/components/Counter.jsx", headers={"accept": "*/*"}).text
    imports = re.findall(r'from "([^"]+)"|import "([^"]+)"', module)
    assert imports
    assert all((first or second).startswith(BASE) for first, second in imports)


def test_the_client_connects_as_the_start_message_says(site: LiveSite) -> None:
    client = site.request("@vite/client", headers={"accept": "*/*"}).text
    assert '"/session/demo/_hmr"' in client
    assert re.search(r'const socketProtocol = "wss"', client)
    assert re.search(r"const hmrPort = 443;", client)


def hmr_url(site: LiveSite, path: str) -> str:
    client = site.request("@vite/client", headers={"accept": "*/*"}).text
    token = re.search(r'const wsToken = "([^"]+)"', client)
    assert token
    return f"{path}?token={token[1]}"


def test_the_hmr_socket_opens_at_its_path(site: LiveSite) -> None:
    with site.connect(hmr_url(site, BASE + "_hmr")) as socket:
        assert socket.subprotocol == "vite-hmr"
        assert '"connected"' in socket.recv(timeout=10)


def test_the_hmr_socket_does_not_open_elsewhere(site: LiveSite) -> None:
    with (
        pytest.raises((InvalidStatus, InvalidMessage, TimeoutError, EOFError)),
        site.connect(hmr_url(site, "/"), open_timeout=2),
    ):
        pass


def test_a_page_of_a_collection_answers(site: LiveSite) -> None:
    page = site.request("notes/write-here")
    assert page.status == 200
    assert "This note is a markdown file" in page.text


def test_an_unknown_page_is_not_found(site: LiveSite) -> None:
    assert site.request("no-such-page").status == 404


def test_nothing_answers_outside_the_base(site: LiveSite) -> None:
    for path in ("/", "/@vite/client", "/src/styles/global.css", "/session/other/"):
        assert site.request(path).status == 404, path


@pytest.mark.parametrize("host", ["edit.example.com", "127.0.0.1"])
def test_the_public_host_and_loopback_are_served(site: LiveSite, host: str) -> None:
    assert site.request(headers={"host": host}).status == 200


def test_a_foreign_host_name_is_refused(site: LiveSite) -> None:
    assert site.request(headers={"host": "rebound.example.net"}).status == 403


@pytest.mark.parametrize("path", [".env", "@fs/etc/passwd", "../../../../etc/passwd"])
def test_files_outside_the_project_are_refused(site: LiveSite, path: str) -> None:
    answer = site.request(path, headers={"accept": "*/*"})
    assert answer.status in (400, 403, 404)
    assert b"kept" not in answer.body
    assert b"root:" not in answer.body


def test_the_error_page_loads_its_client_under_the_base(site: LiveSite) -> None:
    page = site.args.root / "src/pages/broken.astro"
    page.write_text("---\nthrow new Error('on purpose');\n---\n<p>never</p>\n")
    try:
        answer = new_page(site, "broken")
        assert answer.status == 500
        assert f'src="{BASE}@vite/client"' in answer.text
    finally:
        page.unlink()


def test_astro_knows_the_public_address(site: LiveSite) -> None:
    page = site.args.root / "src/pages/where.astro"
    page.write_text("<p>{Astro.url.href} {import.meta.env.BASE_URL}</p>\n")
    try:
        assert "https://edit.example.com/session/demo/where" in new_page(site, "where").text
    finally:
        page.unlink()


def test_nothing_is_generated_in_the_project(site: LiveSite) -> None:
    site.request()
    assert {path.name for path in site.args.root.iterdir()} == {
        ".env",
        ".gitignore",
        "astro.config.mjs",
        "node_modules",
        "package.json",
        "public",
        "src",
        "tsconfig.json",
    }
