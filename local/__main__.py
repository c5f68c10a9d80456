"""Command line of the local stack: `preview STACK`, `up`, `link`, `redeploy`, `engine OPERATION
STACK` and `serve`.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import gc
import ipaddress
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from local import bytecode

bytecode.keep(Path(__file__).resolve().parent.parent / ".local" / "bytecode")

# ruff: noqa: E402 - before the imports that it speeds up
from local.config import ConfigError
from local.console import EXIT_CODE, OutputClosed, Terminal, discard_output, open_missing
from local.errors import LocalError
from local.mutation import Mutation


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it succeeded, 1 when it was refused or failed with a
    message on stderr, 141 when the reader of its output left.
    """
    open_missing()
    options = _parser().parse_args(arguments)
    try:
        code = _run(Terminal(), options)
        sys.stdout.flush()
        return code
    except (OutputClosed, BrokenPipeError):
        discard_output()
        return EXIT_CODE
    except LocalError as error:
        print(f"astro-live: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(console: Terminal, options: argparse.Namespace) -> int:
    if options.command == "preview":
        return _preview(console, options)
    if options.command == "link":
        return _link(options)
    if options.command == "redeploy":
        return _redeploy(options)
    if options.command == "changes":
        return _changes(options)
    if options.command == "engine":
        return _operate(options)
    if options.command == "serve":
        return _serve(options)
    return _up(console, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    preview = commands.add_parser(
        "preview", help="resources and policy violations of a stack, offline"
    )
    preview.add_argument("stack", help="dev, prod or local")
    preview.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="also write preview.json and the policy reports (text, SARIF, JUnit) there",
    )
    up = commands.add_parser("up", help="run the declared local stack on this machine until Ctrl-C")
    up.add_argument(
        "--directory",
        type=Path,
        metavar="DIR",
        help="where certificates, logs and sites go (default: .local)",
    )
    up.add_argument(
        "--address",
        metavar="127.x.y.z",
        help="loopback address of the listeners and the first task (default: 127.0.0.1)",
    )
    redeploy = commands.add_parser(
        "redeploy",
        help="exchange the tasks of the running local stack, as a rolling deployment does",
    )
    redeploy.add_argument(
        "--directory",
        type=Path,
        metavar="DIR",
        help="where the stack runs, as given to `up` (default: .local)",
    )
    link = commands.add_parser(
        "link", help="a new one-time link to a session of the running local stack"
    )
    link.add_argument(
        "--directory",
        type=Path,
        metavar="DIR",
        help="where the stack runs, as given to `up` (default: .local)",
    )
    link.add_argument("--session", metavar="ID", help="session (default: the one that `up` opened)")
    preview.add_argument(
        "--mutate",
        action="append",
        default=[],
        metavar="TYPE.PROPERTY=VALUE",
        help="change an input, to see what the policies say",
    )
    changes = commands.add_parser(
        "changes", help="what this checkout changes of a stack, by the Pulumi CLI, offline"
    )
    changes.add_argument("stack", help="dev, prod or local")
    changes.add_argument(
        "--base", type=Path, metavar="DIR", help="a checkout of what to compare with"
    )
    changes.add_argument(
        "--report",
        type=Path,
        default=Path("report"),
        metavar="DIR",
        help="where changes.json and the reports go",
    )
    engine = commands.add_parser(
        "engine", help="the Pulumi CLI on a stack and a pretend cloud, offline"
    )
    engine.add_argument("operation", choices=("up", "refresh", "drift", "destroy"))
    engine.add_argument("stack", help="dev, prod or local")
    serve = commands.add_parser(
        "serve", help="run a command in which `pulumi` deploys to a pretend cloud"
    )
    serve.add_argument(
        "--folder",
        type=Path,
        default=Path.cwd(),
        metavar="DIR",
        help="where to run it (default: here)",
    )
    serve.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="by default a shell"
    )
    for command in (preview, up):
        command.add_argument(
            "--engine",
            default=os.environ.get("ENGINE") or "mock",
            help="pulumi: let the Pulumi CLI deploy, offline",
        )
    for command in (preview, up, engine, changes):
        command.add_argument(
            "--config",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="override a configuration value",
        )
    return parser


def _overrides(pairs: Sequence[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key:
            raise ConfigError(
                f"--config is {pair!r}; write KEY=VALUE, as in --config idleTimeoutSeconds=900"
            )
        found[key] = value
    return found


def _preview(console: Terminal, options: argparse.Namespace) -> int:
    from local import preview

    if _engine(options):
        return _engine_preview(options)
    mutations = [Mutation.parse(text) for text in options.mutate]
    return preview.run(
        console, options.stack, _overrides(options.config), options.report, mutations
    )


def _engine(options: argparse.Namespace) -> bool:
    """Whether the Pulumi CLI deploys. `make` passes ENGINE through the environment."""
    if options.engine not in ("mock", "pulumi"):
        raise ConfigError(
            f"ENGINE is {options.engine!r}; allowed are 'mock' (the default: in process) and"
            " 'pulumi' (the Pulumi CLI)"
        )
    return bool(options.engine == "pulumi")


def _engine_preview(options: argparse.Namespace) -> int:
    from local.engine import ROOT
    from local.provider.cli import Engine, executable

    if options.mutate:
        raise LocalError("--mutate belongs to the preview in process; leave ENGINE=pulumi out")
    executable()
    engine = Engine(directory=ROOT / ".local" / "engine")
    engine.prepare(options.stack, _overrides(options.config))
    return engine.preview(options.stack, options.report)


def _changes(options: argparse.Namespace) -> int:
    from local import compare

    return compare.run(options.stack, options.base, options.report, _overrides(options.config))


def _operate(options: argparse.Namespace) -> int:
    from local import offline

    return offline.operate(options.operation, options.stack, _overrides(options.config))


def _serve(options: argparse.Namespace) -> int:
    from local import offline

    arguments = options.arguments[1:] if options.arguments[:1] == ["--"] else options.arguments
    return offline.run(arguments, options.folder)


def _link(options: argparse.Namespace) -> int:
    from local import claims, link

    print(link.new(options.session, (options.directory or claims.DIRECTORY).resolve()))
    return 0


def _redeploy(options: argparse.Namespace) -> int:
    from local import claims

    claims.signal_holder((options.directory or claims.DIRECTORY).resolve(), signal.SIGUSR1)
    return 0


def _address(text: str | None) -> str | None:
    """What `--address` names, if it is there."""
    with contextlib.suppress(ValueError):
        if text is None or ipaddress.IPv4Address(text).is_loopback:
            return text
    raise ConfigError(
        f"--address is {text!r}; allowed is an IPv4 address of loopback, from 127.0.0.1 to"
        " 127.255.255.254. Leave it out for 127.0.0.1"
    )


def _up(console: Terminal, options: argparse.Namespace) -> int:
    config, engine, address = (
        _overrides(options.config),
        _engine(options),
        _address(options.address),
    )
    # Before the imports: on a fresh machine, they and what follows take a quarter of a minute.
    console.print("Evaluating the stack local and its policies ...", highlight=False)
    from local import claims, up

    return up.run(
        console,
        config,
        (options.directory or claims.DIRECTORY).resolve(),
        address,
        engine=engine,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["preview"]:
        # It ends after seconds. To look for garbage among the objects of the provider's modules, at
        # the end too, was a third of that time.
        gc.disable()
        atexit.register(gc.freeze)
    sys.exit(main())
