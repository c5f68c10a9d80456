"""The control plane's process; the supervisor starts it, and starts it again when it dies."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from typing import Final

from . import hardening

MAX_MESSAGE: Final = 2000
MAX_STACK: Final = 10_000
"""Characters. A client can cause errors whose text quotes what it sent."""


def _from_client(error: BaseException | None) -> bool:
    """Whether it is about bytes that are no request: no place in this program says more."""
    from aiohttp.http_exceptions import (
        HttpProcessingError,
    )  # not before this process has become unreadable to others

    return isinstance(error, HttpProcessingError)


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": (
                time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
                + f".{int(record.msecs):03d}Z"
            ),
            "part": record.name.rpartition(".")[2],
            "level": record.levelname.lower(),
            "message": record.getMessage()[:MAX_MESSAGE],
        }
        if record.exc_info and not _from_client(record.exc_info[1]):
            entry["stack"] = self.formatException(record.exc_info)[-MAX_STACK:]
        return json.dumps(entry)


def main() -> int:
    """Run until asked to stop. Secrets arrive over the supervisor's socket, after this process has
    become unreadable to others.
    """
    hardening.protect_memory()
    from contract.settings.task import SECRET_VARIABLES

    from .app import ControlPlane
    from .errors import GatewayError
    from .line_limit import LineLimit
    from .processes import Processes
    from .settings import read_configuration

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    handler.addFilter(LineLimit())
    logging.basicConfig(level=logging.INFO, handlers=[handler])

    async def serve() -> None:
        processes = Processes.from_environment()
        processes.greet()
        configuration = read_configuration(processes.environment)
        os.environ.update(
            {
                name: value
                for name, value in processes.environment.items()
                if name not in SECRET_VARIABLES
            }
        )
        await ControlPlane(configuration, processes).run()

    try:
        asyncio.run(serve())
    except GatewayError as error:
        print(f"gateway: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    status = main()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # Not sys.exit: it would wait for threads that hang on a disk that has gone.
    os._exit(status)
