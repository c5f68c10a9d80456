"""A task that is not like the others: its clock is off, or it is of the next or an earlier release.

`python -m tests.gateway.tasks.odd_task --clock 3600 --next`: runs the gateway like that, whatever
comes after it in the command. `--control` is the control plane's part.

What is off is Python's clock. Envoy's is this machine's; it reads nothing of it but the expiry of
tokens.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import runpy
import sys
import time
from types import SimpleNamespace
from typing import Any


def set_clock(seconds: float) -> None:
    """The wall clock of this process; the monotonic one is as it was."""
    from container.gateway.peers import certificates

    real, real_ns = time.time, time.time_ns
    time.time = lambda: real() + seconds
    time.time_ns = lambda: real_ns() + int(seconds * 1e9)

    class Moved(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.now(tz) + datetime.timedelta(seconds=seconds)

    shim: Any = SimpleNamespace(**{**vars(datetime), "datetime": Moved})
    certificates.datetime = shim  # type: ignore[attr-defined]


def be_next_release() -> None:
    """Items of format 2 with one attribute more, which readers of format 1 understand."""
    from container.gateway.ownership import dynamo, model

    for module in (dynamo, model):
        module.FORMAT = 2  # type: ignore[attr-defined]
    item, update = model.Task.item, dynamo.DynamoStore._update

    def newer_item(self: model.Task) -> dict[str, Any]:
        return {**item(self), "zone": "eu-central-1a"}

    def newer_update(self: Any, before: Any, after: Any) -> dict[str, Any]:
        change = update(self, before, after)
        change["UpdateExpression"] = change["UpdateExpression"].replace(
            "SET ", "SET checkpoint = :checkpoint, ", 1
        )
        change["ExpressionAttributeValues"][":checkpoint"] = {"S": "c7"}
        return change

    model.Task.item = newer_item  # type: ignore[method-assign]
    dynamo.DynamoStore._update = newer_update  # type: ignore[method-assign]


def be_earlier_release() -> None:
    """Peers are spoken to by HTTP/1.1 alone, and pages are not rendered ahead of a hand-over."""
    from container.gateway import take_on
    from container.gateway.envoy import bootstrap, peer_clusters

    manager, tls, routes = (
        bootstrap.connection_manager,
        peer_clusters.downstream_tls,
        take_on.TakeOn.routes,
    )

    def by_http1(*arguments: Any, **options: Any) -> dict[str, Any]:
        found = manager(*arguments, **options)
        found.pop("http2_protocol_options", None)
        return {**found, "codec_type": "HTTP1"}

    def without_choice() -> dict[str, Any]:
        found = tls()
        del found["typed_config"]["common_tls_context"]["alpn_protocols"]
        return found

    bootstrap.connection_manager = by_http1
    bootstrap.downstream_tls = without_choice  # type: ignore[attr-defined]
    take_on.TakeOn.routes = lambda self: [  # type: ignore[method-assign]
        route for route in routes(self) if not route.path.endswith("/render")
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", type=float, default=0.0)
    parser.add_argument("--next", action="store_true")
    parser.add_argument("--earlier", action="store_true")
    parser.add_argument("--control", action="store_true")
    options, _ = parser.parse_known_args()
    if options.control:
        set_clock(options.clock)
        if options.next:
            be_next_release()
        if options.earlier:
            be_earlier_release()
        runpy.run_module("container.gateway.control", run_name="__main__")
        return
    from container.gateway import __main__ as gateway
    from container.gateway import supervisor

    releases = [name for name in ("next", "earlier") if getattr(options, name)]
    kind = [f"--clock={options.clock}", *(f"--{name}" for name in releases)]
    command = (sys.executable, "-m", __spec__.name, *kind, "--control")
    supervisor.Supervisor = functools.partial(  # type: ignore[assignment, misc]
        supervisor.Supervisor, control_command=command
    )
    sys.argv = sys.argv[:1]
    sys.exit(gateway.main())


if __name__ == "__main__":
    main()
