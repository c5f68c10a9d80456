"""An edited stylesheet travels with the message about it, where it is nothing but a stylesheet;
everything else is asked for (S2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from .driver import LiveSite, StartArgs, copy_starter, live_site, open_page
from .modules import call
from .test_edits import receive

SEND = """
const sent = [];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const prepare = (payload) => !payload.ms ? payload : pause(payload.ms).then(() => ({ ...payload, ready: true }));
const send = m.inOrder((...args) => sent.push(args), prepare);
for (const args of input) send(...args);
const atOnce = sent.length;
await pause(60);
send({ type: "last" });
return { atOnce, sent };
"""
TAKE = """
const transform = {
  ready: async () => ({ code: input.code }),
  broken: async () => { throw new Error("syntax"); },
  closed: () => { throw new Error("the server is closing"); },
  late: () => new Promise(() => {}),
};
const hold = setTimeout(() => {}, 5000); // a promise that never ends does not keep the process
const payload = await m.withStyles({ type: "update", updates: input.updates }, transform[input.transform]);
clearTimeout(hold);
return payload;
"""
MODULE = (
    'import { createHotContext as __vite__createHotContext } from "/@vite/client";import.meta.hot ='
    ' __vite__createHotContext("/a.css");import { updateStyle as __vite__updateStyle, removeStyle'
    ' as __vite__removeStyle } from "/@vite/client"\nconst __vite__id = "/site/a.css"\nconst'
    ' __vite__css = "p { content: \\"\\\\n\\" }"\n__vite__updateStyle(__vite__id,'
    " __vite__css)\nimport.meta.hot.accept()\nimport.meta.hot.prune(() =>"
    " __vite__removeStyle(__vite__id))"
)
UPDATE = {"type": "js-update", "path": "/a.css", "acceptedPath": "/a.css"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The starter with a CSS module; its front page has its own style."""
    folder = tmp_path_factory.mktemp("styles")
    root = copy_starter(folder / "project")
    counter = root / "src/components/Counter.jsx"
    counter.write_text('import "./counter.module.css";\n' + counter.read_text())
    (root / "src/components/counter.module.css").write_text(".count { color: red }\n")
    with live_site(StartArgs(root=root, scratch=folder / "scratch")) as live:
        yield live


def update_of(site: LiveSite, file: str, old: str, new: str, *, path: str) -> dict[str, Any]:
    """What pages are told about the module `path` when `file` is edited."""
    with open_page(site) as socket:
        site.edit(file, old, new)
        try:
            while True:
                for update in receive(socket, "update")["updates"]:
                    if path in update["path"]:
                        found: dict[str, Any] = update
                        return found
        finally:
            site.edit(file, new, old)
            receive(socket, "update")


@pytest.mark.parametrize(
    ("file", "path", "old", "new"),
    [
        ("src/styles/global.css", "global.css", "margin: 0;", "margin: 3px;"),
        (
            "src/pages/index.astro",
            "index.astro?astro&type=style",
            "padding-block: 3rem",
            "padding-block: 4rem",
        ),
    ],
    ids=["file", "component"],
)
def test_a_style_comes_along(site: LiveSite, file: str, path: str, old: str, new: str) -> None:
    """And is what a page would have been given, had it asked."""
    site.request(
        "src/pages/index.astro?astro&type=style&index=0&lang.css", headers={"accept": "*/*"}
    )
    update = update_of(site, file, old, new, path=path)
    assert new in update["style"]["css"]
    asked = site.request(update["path"].removeprefix("/"), headers={"accept": "*/*"}).text
    found: Any = call("styles.mjs", "return m.styleOf(input);", asked)
    assert found["id"] == update["style"]["id"]


def test_a_css_module_is_asked_for(site: LiveSite) -> None:
    """Its class names are exports, and its importers have to run again."""
    site.request("src/components/counter.module.css", headers={"accept": "*/*"})
    update = update_of(site, "src/components/counter.module.css", "red", "blue", path="Counter.jsx")
    assert "style" not in update


def test_what_is_wrong_with_a_style_is_heard_by_asking(site: LiveSite) -> None:
    update = update_of(
        site,
        "src/styles/global.css",
        ":root {",
        '@import "./missing.css";\n:root {',
        path="global.css",
    )
    assert "style" not in update


def test_styles_are_asked_for_where_pages_are_always_reloaded(args: StartArgs) -> None:
    with live_site(replace(args, more={"pageUpdates": "reload"})) as site:
        assert "style" not in update_of(
            site, "src/styles/global.css", "margin: 0;", "margin: 3px;", path="global.css"
        )


@pytest.mark.parametrize(
    ("given", "at_once", "order"),
    [
        ([[{"type": "a"}], [{"type": "b"}]], 2, ["a", "b", "last"]),
        (
            [[{"type": "a", "ms": 20}], [{"type": "b"}], ["c", {"data": 1}]],
            0,
            ["a", "b", "c", "last"],
        ),
        (
            [[{"type": "a", "ms": 20}], [{"type": "b", "ms": 5}], [{"type": "c"}]],
            0,
            ["a", "b", "c", "last"],
        ),
    ],
    ids=["nothing to prepare", "one", "the later one is ready first"],
)
def test_messages_keep_their_order(given: list[Any], at_once: int, order: list[str]) -> None:
    found: Any = call("hmr-channel.mjs", SEND, given)
    assert found["atOnce"] == at_once
    assert [
        args[0] if isinstance(args[0], str) else args[0]["type"] for args in found["sent"]
    ] == order
    assert all(args[0]["ready"] for args in found["sent"] if "ms" in args[0])


@pytest.mark.parametrize(
    ("transform", "code", "update", "taken"),
    [
        ("ready", MODULE, UPDATE, True),
        ("ready", MODULE + "\n", UPDATE, True),
        ("broken", MODULE, UPDATE, False),
        ("closed", MODULE, UPDATE, False),
        ("late", MODULE, UPDATE, False),
        ("ready", MODULE, {**UPDATE, "path": "/importer.js"}, False),
        ("ready", MODULE, {**UPDATE, "type": "css-update"}, False),
        ("ready", MODULE, {**UPDATE, "path": "/a.jsx", "acceptedPath": "/a.jsx"}, False),
        (
            "ready",
            MODULE.replace("import.meta.hot.accept()", "export const count = 1"),
            UPDATE,
            False,
        ),
        ("ready", MODULE + "\nconsole.log(1)", UPDATE, False),
        ("ready", MODULE.replace("p {", "p" * (128 << 10)), UPDATE, False),
    ],
    ids=[
        "plain",
        "line end",
        "broken",
        "closing",
        "slow",
        "accepted by another",
        "link",
        "script",
        "css module",
        "more code",
        "long",
    ],
)
def test_only_a_plain_style_is_taken(
    transform: str, code: str, update: dict[str, str], taken: bool
) -> None:
    payload: Any = call(
        "styles.mjs", TAKE, {"transform": transform, "code": code, "updates": [update]}
    )
    expected = (
        {**update, "style": {"id": "/site/a.css", "css": 'p { content: "\\n" }'}}
        if taken
        else update
    )
    assert payload == {"type": "update", "updates": [expected]}
