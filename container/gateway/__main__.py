"""`python -m container.gateway`: the container's first process, the supervisor."""

from __future__ import annotations

import os
import sys
from typing import Final

from contract.ranges import DEFAULT_STOP_SECONDS, STOP_VARIABLE

from . import hardening

HELP: Final = """python -m container.gateway
Runs the gateway: sessions on port {session_port}, API and health on {api_port}. It is configured by environment variables:
"""


def _help() -> int:
    from contract.hmr import API_PORT, SESSION_PORT

    from .settings import fields

    print(HELP.format(session_port=SESSION_PORT, api_port=API_PORT))
    for variable, allowed, default, text in fields():
        print(f"  {variable}  ({allowed}; default {default or 'empty'})\n      {text}")
    return 0


def main() -> int:
    """Start the supervisor; returns the container's exit status."""
    # First of all, before anything could start a child: see hardening.py.
    hardening.protect_memory()
    if "--help" in sys.argv[1:]:
        return _help()
    from .supervisor import Supervisor

    stop_text = os.environ.get(STOP_VARIABLE, "")
    hardening.adopt_orphans()
    hardening.raise_descriptor_limit()
    _reserve_descriptor_three()
    # The control plane checks the value and refuses a wrong one; until then the default will do.
    stop_seconds = float(
        stop_text if stop_text.isascii() and stop_text.isdigit() else DEFAULT_STOP_SECONDS
    )
    return Supervisor(dict(os.environ), stop_seconds).run()


def _reserve_descriptor_three() -> None:
    """Keep 3 taken, so that no pipe of `subprocess` gets the number under which children find their
    channel.
    """
    try:
        os.fstat(3)
    except OSError:
        descriptor = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        if descriptor != 3:
            os.dup2(descriptor, 3, inheritable=False)
            os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
