"""Generated requests for every call of the API's description, with a credential of each scope.

    python -m tests.gateway.api_fuzz [--requests 50] [--seed N]

prints, for each call and scope, how many requests were sent, how many of them were accepted, and
how many answers were not as described: a 500, a status, type or shape that the description does not
have, or something done for a scope that may not.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from container.gateway.openapi import document

from .git_server import GitServer, git_server
from .harness import Gateway, running_gateway
from .test_scopes import CALLS, SCOPES

REQUESTS: Final = 50
TIMEOUT_SECONDS: Final = 120
SESSION: Final = "demo"
ENDLESS: Final = ("streamEvents", "readLogs")
"""Their answers go on: status and headers are compared."""
schema = schemathesis.openapi.from_dict(document())


@dataclass
class Cell:
    """Of one call with one scope."""

    sent: int = 0
    accepted: int = 0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.sent} / {self.accepted} / {len(self.failures)}"


@dataclass(kw_only=True)
class Fuzz:
    """Sends the requests to a gateway with one session from a repository."""

    gateway: Gateway
    server: GitServer
    tokens: dict[str, str] = field(default_factory=dict)

    def cell(self, operation: Any, scope: str, count: int, number: int | None) -> Cell:
        """`number` is the seed; without one, the same requests are sent each time."""
        self._ready()
        cell = Cell()
        strategy = st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        )

        def one(case: Any) -> None:
            cell.sent += 1
            try:
                status = self._send(case, scope)
            except (requests.RequestException, AssertionError, *_FAILURES) as error:
                cell.failures.append(f"{operation.label} with {scope}: {str(error)[:2000]}")
                return
            cell.accepted += status < 400
            if status < 400 and scope not in CALLS[(operation.method.upper(), operation.path)]:
                cell.failures.append(f"{operation.label} is done for {scope}: {status}")

        limits = settings(
            max_examples=count,
            deadline=None,
            database=None,
            derandomize=number is None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        test: Callable[[], None] = limits(given(strategy)(one))
        (seed(number)(test) if number is not None else test)()
        return cell

    def _send(self, case: Any, scope: str) -> int:
        if "id" in case.path_parameters and len(repr(case.body)) % 4:
            case.path_parameters["id"] = SESSION
        headers = {"Authorization": f"Bearer {self.tokens[scope]}"}
        base = f"{self.gateway.api_url}/api/v1"
        if case.operation.definition.raw["operationId"] not in ENDLESS:
            answer = case.call_and_validate(
                base_url=base,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                # Which names are fit is more than a schema's pattern can say; the answer is then a
                # described 400.
                excluded_checks=[positive_data_acceptance],
            )
            return int(answer.status_code)
        with requests.request(
            **case.as_transport_kwargs(base_url=base, headers=headers),
            timeout=TIMEOUT_SECONDS,
            stream=True,
        ) as answer:
            described = case.operation.definition.raw["responses"]
            assert str(answer.status_code) in described, answer.status_code
            kind = answer.headers["Content-Type"].partition(";")[0]
            assert answer.status_code == 200 or kind == "application/problem+json", kind
            return answer.status_code

    def _ready(self) -> None:
        """Whatever was done to it: the session runs, nothing else is there, and there is a
        credential of each scope.
        """
        asyncio.run(self._make_ready())

    async def _make_ready(self) -> None:
        root = "/api/v1"
        for each in (await self.gateway.api("GET", f"{root}/sessions")).json["sessions"]:
            if each["id"] != SESSION:
                await self.gateway.api("DELETE", f"{root}/sessions/{each['id']}")
        body = {"id": SESSION, "repository": {"url": self.server.url("site")}}
        made = await self.gateway.api("POST", f"{root}/sessions", body=body)
        assert made.status in (200, 201), made.text
        if made.status == 201 or not self.tokens:
            for scope in SCOPES:
                wanted = [] if scope == "service" else [SESSION]
                body = {"name": scope, "scopes": [scope], "sessions": wanted}
                answer = await self.gateway.api("POST", f"{root}/credentials", body=body)
                assert answer.status == 201, answer.text
                self.tokens[scope] = answer.json["secret"]
        started = await self.gateway.api("POST", f"{root}/sessions/{SESSION}/start")
        assert started.json["state"] == "ready", started.text


_FAILURES: Final = (schemathesis.errors.SchemathesisError, BaseExceptionGroup)
HEAD: Final = (
    f"| call | {' | '.join(SCOPES)} |\n|---|{'---|' * len(SCOPES)}\n"
    "| | sent / accepted / failed |" + " |" * (len(SCOPES) - 1)
)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Fuzz]:
    """With its gateway, and a Git server for the session's repository."""
    with git_server(folder / "repositories") as server:
        server.make("site", {"src/pages/index.astro": "<h1>one</h1>\n", "README.md": "site\n"})
        with running_gateway(
            folder / "gateway",
            ASTRO_LIVE_GIT_INTERNAL_HOSTS=server.address,
            ASTRO_LIVE_MAX_SESSIONS="200",
            ASTRO_LIVE_MAX_FILE_MIB="1",
        ) as gateway:
            yield Fuzz(gateway=gateway, server=server)


def operations() -> list[Any]:
    """Of the description, each as schemathesis has it."""
    all_of_them: Any = schema.get_all_operations()
    return [found.ok() for found in all_of_them]


def main(arguments: Sequence[str] | None = None) -> int:
    """1 when an answer was not as described."""
    parser = argparse.ArgumentParser(prog="python -m tests.gateway.api_fuzz")
    parser.add_argument("--requests", type=int, default=REQUESTS, help="of each call and scope")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}\n{HEAD}")
    cells: dict[str, list[Cell]] = {scope: [] for scope in SCOPES}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, running(Path(folder)) as fuzz:
        for operation in operations():
            row = [fuzz.cell(operation, scope, options.requests, options.seed) for scope in SCOPES]
            for scope, cell in zip(SCOPES, row, strict=True):
                cells[scope].append(cell)
            print(f"| `{operation.label}` | {' | '.join(map(str, row))} |", flush=True)
    sums = [
        Cell(
            sum(cell.sent for cell in column),
            sum(cell.accepted for cell in column),
            [text for cell in column for text in cell.failures],
        )
        for column in cells.values()
    ]
    print(f"| all | {' | '.join(map(str, sums))} |")
    failures = [text for cell in sums for text in cell.failures]
    for text in dict.fromkeys(failures):
        print(f"\nFAILED {text}", file=sys.stderr)
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
