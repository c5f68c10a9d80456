"""`python -m policy.reports`: run a command of the real engine with the policy pack and write
reports of what it found.

    python -m policy.reports --out reports --config policy/config/dev.json -- pulumi preview --stack
    dev --diff python -m policy.reports --out reports --event-log events.json

The command gets `--policy-pack`, `--policy-pack-config` and `--event-log` added; its output and
exit code pass through. The exit code is at least 1 when the pack refuses.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ..harness import Analyzer, PolicyConfigError
from . import EventLogError, from_event_log, terminal, write

PACK = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m policy.reports", description="Reports of a policy run by the real engine."
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        help="directory for policy.txt, policy.sarif and policy.junit.xml",
    )
    parser.add_argument(
        "--pack", type=Path, default=PACK, help="directory of the policy pack (default: this one)"
    )
    parser.add_argument(
        "--config", type=Path, help="policy configuration, as for --policy-pack-config"
    )
    parser.add_argument("--event-log", type=Path, help="report on an event log that exists already")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- pulumi preview …")
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if bool(command) == bool(options.event_log):
        parser.error("give either a command of pulumi after --, or --event-log FILE")
    try:
        config = _config(options)
        if options.event_log:
            return _report(options, config, options.event_log)
        with tempfile.TemporaryDirectory() as scratch:
            log = Path(scratch) / "events.json"
            environment = {
                **os.environ,
                "PULUMI_DEBUG_COMMANDS": "true",
            }  # or the command has no --event-log
            extra = ["--policy-pack", str(options.pack), "--event-log", str(log)]
            if options.config:
                extra += ["--policy-pack-config", str(options.config)]
            try:
                code = subprocess.run([*command, *extra], env=environment, check=False).returncode
            except OSError as error:
                print(
                    f"cannot run {command[0]}: {error.strerror}; install the Pulumi CLI, or name"
                    " its path",
                    file=sys.stderr,
                )
                return 127
            return max(code, _report(options, config, log))
    except (EventLogError, PolicyConfigError) as error:
        print(error, file=sys.stderr)
        return 2


def _config(options: argparse.Namespace) -> dict[str, object] | None:
    """The configuration, after the pack has accepted it: a mistake in it should not cost a run of
    the engine.

    Raises `PolicyConfigError` with every problem in it.
    """
    if not options.config:
        return None
    try:
        config = json.loads(options.config.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyConfigError(f"{options.config} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise PolicyConfigError(f"{options.config} is not valid JSON: {error}") from error
    if not isinstance(config, dict):
        raise PolicyConfigError(
            f"{options.config} is not a JSON object; expected rule ids with their levels and"
            " settings"
        )
    with Analyzer(options.pack, config) as analyzer:
        analyzer.settings()
    return config


def _report(options: argparse.Namespace, config: dict[str, object] | None, log: Path) -> int:
    with Analyzer(options.pack, config) as analyzer:
        disabled = [
            name for name, settings in analyzer.settings().items() if settings.level == "disabled"
        ]
        report = from_event_log(log, analyzer.info(), disabled=disabled)
    files = write(report, options.out)
    print(terminal(report, color=sys.stdout.isatty()), end="")
    print("reports: " + ", ".join(map(str, files)))
    return 1 if report.blocks else 0


if __name__ == "__main__":
    sys.exit(main())
