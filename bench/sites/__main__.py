"""`python -m bench.sites address-or-folder[#site-folder] …`: try sites, print the table, and keep
the details as JSON.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from . import table
from .source import Source
from .trial import Trial, attempt, clear


def main() -> int:
    """0 when every site shows without an error that bare Astro does not have, too."""
    parser = argparse.ArgumentParser(prog="python -m bench.sites", description=__doc__)
    parser.add_argument(
        "sites",
        nargs="*",
        help="Git addresses or folders; add #folder where a repository holds several sites",
    )
    parser.add_argument(
        "--page", type=Path, help="write the table into this page, between its marks"
    )
    parser.add_argument(
        "--details",
        type=Path,
        default=Path("sites.json"),
        help="write everything that was seen to this file",
    )
    parser.add_argument(
        "--join",
        type=Path,
        nargs="*",
        default=[],
        help="details of earlier runs whose sites the table gets, too",
    )
    parser.add_argument(
        "--scratch", type=Path, help="folder for the copies; a temporary one by default"
    )
    parser.add_argument(
        "--quick", action="store_true", help="one edit of each kind, and no second start"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the copies and packages, whose removal may take longer than the trial",
    )
    arguments = parser.parse_args()
    earlier = [trial for file in arguments.join for trial in table.load(file)]
    trials: list[Trial] = []
    scratch = Path(tempfile.mkdtemp(prefix="sites-", dir=arguments.scratch))
    for text in arguments.sites:
        source = Source.parse(text)
        print(f"{source.name} …", flush=True)
        folder = scratch / source.session_id
        trials.append(attempt(source, folder, bare_first=source.bare_first, quick=arguments.quick))
        print(table.row(trials[-1]), flush=True)
        table.save(arguments.details, table.join(earlier, trials))
        if not arguments.keep:
            clear(folder)
    if not arguments.keep:
        clear(scratch)
    everything = table.join(earlier, trials)
    table.save(arguments.details, everything)
    print("\n" + table.table(everything))
    if arguments.page:
        table.write(arguments.page, everything)
    return 0 if all(not trial.first_error and not trial.host_error for trial in everything) else 1


if __name__ == "__main__":
    raise SystemExit(main())
