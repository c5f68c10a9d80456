"""`python -m bench.sites address-or-folder[#site-folder] …`: try sites, print the table, and keep the details as JSON."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.core.browser import chromium

from . import table
from .source import Source
from .trial import attempt, clear


def main() -> int:
    """0 when every site shows without an error that bare Astro does not have, too."""
    parser = argparse.ArgumentParser(prog="python -m bench.sites", description=__doc__)
    parser.add_argument("sites", nargs="+", help="Git addresses or folders; add #folder where a repository holds several sites")
    parser.add_argument("--page", type=Path, help="write the table into this page, between its marks")
    parser.add_argument("--details", type=Path, default=Path("sites.json"), help="write everything that was seen to this file")
    parser.add_argument("--scratch", type=Path, help="folder for the copies; a temporary one by default")
    arguments = parser.parse_args()
    trials = []
    with tempfile.TemporaryDirectory(prefix="sites-", dir=arguments.scratch) as scratch:
        for text in arguments.sites:
            source = Source.parse(text)
            print(f"{source.name} …", flush=True)
            folder = Path(scratch) / source.session_id
            with chromium() as browser:
                trials.append(attempt(source, browser, folder))
            clear(folder)
            print(table.row(trials[-1]), flush=True)
            table.save(arguments.details, trials)
    print("\n" + table.table(trials))
    if arguments.page:
        table.write(arguments.page, trials)
    return 0 if all(not trial.first_error for trial in trials) else 1


if __name__ == "__main__":
    raise SystemExit(main())
