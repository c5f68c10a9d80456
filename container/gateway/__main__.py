"""`python -m container.gateway`: the container's process."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time

from . import hardening


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "part": record.name.rpartition(".")[2],
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["stack"] = self.formatException(record.exc_info)
        return json.dumps(entry)


def main() -> int:
    # First of all, before anything could start a child: see hardening.py.
    hardening.protect_memory()
    from .app import ControlPlane
    from .errors import GatewayError
    from .settings import SECRET_VARIABLES, fields, read_configuration

    if "--help" in sys.argv[1:]:
        print("python -m container.gateway: configured by environment variables\n")
        for variable, allowed, default, text in fields():
            print(f"  {variable}  ({allowed}; default {default or 'empty'})\n      {text}")
        return 0
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    try:
        configuration = read_configuration(os.environ)
        for name in SECRET_VARIABLES:
            os.environ.pop(name, None)
        hardening.adopt_orphans()
        hardening.raise_descriptor_limit()
        asyncio.run(ControlPlane(configuration).run())
    except GatewayError as error:
        print(f"gateway: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
