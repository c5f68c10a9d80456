"""Calls the runner's modules directly, for what needs no dev server."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.node import recording

from .driver import ASTRO_DIR, NODE


def call(module: str, script: str, value: Any) -> Any:
    """Run `script` with the module's exports in scope as `m` and `value` as `input`; what it
    returns comes back.
    """
    source = (
        f"import * as m from {json.dumps((ASTRO_DIR / 'lib' / module).as_uri())};\n"
        "import { readFileSync } from 'node:fs';\n"
        "const input = JSON.parse(readFileSync(0, 'utf8'));\n"
        f"const answer = await (async () => {{ {script} }})();\n"
        "console.log(JSON.stringify(answer ?? null));\n"
    )
    command = [str(NODE), "--input-type=module", "-e", source]
    done = subprocess.run(
        command,
        input=json.dumps(value),
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", **recording()},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
