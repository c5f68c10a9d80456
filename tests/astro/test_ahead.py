"""Modules of Astro's runtime are begun ahead of the request for them, and once each (S1)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .driver import ASTRO_DIR, StartArgs, live_site
from .modules import call

CODE = """import { a } from "./a.js";
import {
  b,
  c as d
} from '../other/b.js';
export * from "./c.js";
export { e } from "./e.js";
import "./f.js";
import path from "node:path";
import { z } from "zod";
import { routes } from "virtual:astro:routes";
const text = `
  import { no } from "./no.js"`;
const later = () => import("./later.js");
export const from = "./neither.js";
"""


def test_only_static_imports_of_files_beside_it_are_named() -> None:
    """Packages and virtual modules are Vite's to find, and a dynamic import may never
    be asked for.
    """
    found: Any = call("ahead.mjs", "return m.importsOf('/dist/here/module.js', input);", CODE)
    assert found == [
        "/dist/here/a.js",
        "/dist/other/b.js",
        "/dist/here/c.js",
        "/dist/here/e.js",
        "/dist/here/f.js",
    ]


ASKED = """
const asked = [];
const transformRequest = async (url) => { asked.push(url); throw new Error("closed"); };
const environment = { mode: "dev", config: { root: input.root }, transformRequest };
m.aheadPlugin().transform.handler.call({ environment }, input.code, input.id);
await new Promise((resolve) => setImmediate(resolve));
return asked;
"""


@pytest.mark.parametrize(
    ("root", "url"),
    [
        ("/elsewhere", "/@fs/site/node_modules/astro/dist/core/a.js"),
        ("/site", "/node_modules/astro/dist/core/a.js"),
    ],
)
def test_a_module_is_asked_for_by_the_url_that_its_importer_uses(root: str, url: str) -> None:
    """And a failure is left to the importer's own request."""
    value = {
        "root": root,
        "id": "/site/node_modules/astro/dist/core/module.js",
        "code": 'import "./a.js";\nimport "../../../../src/own.js";\n',
    }
    assert call("ahead.mjs", ASKED, value) == [url]


def test_the_site_s_own_modules_wait_for_their_turn() -> None:
    """What a page's components bring is found through modules that know their importers: order
    matters there.
    """
    script = (
        "const { filter } = m.aheadPlugin().transform; return input.map((id) =>"
        " filter.id.test(id));"
    )
    ids = [
        "/site/src/pages/index.astro",
        "/site/node_modules/kit/Card.astro",
        "/site/node_modules/astro/dist/core/path.js",
    ]
    assert call("ahead.mjs", script, ids) == [False, False, True]


def test_astro_s_runtime_has_imports_that_are_found() -> None:
    """A release that is written another way would make starts slower in silence."""
    module = Path("node_modules/astro/dist/runtime/server/index.js")
    found: Any = call(
        "ahead.mjs",
        "return m.importsOf(input[0], input[1]);",
        [f"/{module}", (ASTRO_DIR / module).read_text()],
    )
    assert len(found) > 5
    assert all((ASTRO_DIR / file.lstrip("/")).is_file() for file in found)


def test_no_module_is_read_twice(args: StartArgs) -> None:
    """One that is begun ahead is the one that is asked for. Collections are read in one
    environment, pages rendered in another.
    """
    with live_site(args, environment={"DEBUG": "vite:load"}) as live:
        assert live.request().status == 200
        assert live.request("notes/write-here").status == 200
    read = re.findall(r"vite:load .*?\[fs\] (\S*/astro/dist/\S+)", live.runner.output)
    assert len(read) > 100
    assert max(Counter(read).values()) == 2
