"""Undo against a simple model of what it has to do, whatever was removed before (S34).

ASTRO_LIVE_UNDO_CASES=200 searches longer.
"""

from __future__ import annotations

import itertools
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from container.gateway.files import changes
from container.gateway.git import checkpoints
from container.gateway.git.checkpoints import open_store, store_folder
from container.gateway.git.errors import GitConflict
from container.gateway.git.lineage import RECORD

from .git_server import git_reason

pytestmark = pytest.mark.skipif(bool(git_reason()), reason=git_reason())

FILE = "a.txt"
MOST = 5
FEW = 5
CASES = int(os.environ.get("ASTRO_LIVE_UNDO_CASES", FEW))


class Project:
    """One file, whose state is a number."""

    def __init__(self, folder: Path) -> None:
        self.sites, self.scratch = folder / "sites", folder / "scratch"
        self.root = self.sites / "demo"
        self.root.mkdir(parents=True)
        self.edit(0)

    def edit(self, state: int) -> None:
        (self.root / FILE).write_text(str(state))

    @property
    def state(self) -> int:
        return int((self.root / FILE).read_text())

    def open(self) -> open_store:
        return open_store(self.sites, self.scratch, "demo", self.root)

    def batch(self, state: int) -> None:
        with self.open() as store:
            store.keep("batch")
        self.edit(state)

    def name(self, name: str) -> int:
        with self.open() as store:
            return store.keep("named", name)[0].number

    def numbers(self) -> list[int]:
        with self.open() as store:
            return [each.number for each in store.all()]

    def remove(self, number: int) -> None:
        with self.open() as store:
            store.remove(number)

    def go_back(self, number: int | None = None) -> bool:
        """False when there is nothing to undo."""
        stage = self.sites / ".new-x"
        stage.mkdir()

        def apply(wanted: Any) -> None:
            planned = changes.plan(self.root, wanted, 1 << 20)
            changes.apply(self.root, changes.stage_folder(self.sites, "demo"), planned)

        try:
            with self.open() as store:
                wanted = store.undo_target() if number is None else store.one(number)
                store.restore(wanted, [], stage, apply)
        except GitConflict:
            return False
        finally:
            shutil.rmtree(stage)
        return True


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def undone(project: Project) -> list[int]:
    """The states that come back, one after the other."""
    found = []
    while project.go_back():
        found.append(project.state)
        assert len(found) < 50
    return found


@pytest.mark.parametrize(
    "removed",
    [(5,), (1,), (2, 3), (2, 4, 5), (1, 2, 3, 4, 5)],
    ids=["newest", "oldest", "mid-chain", "several", "all"],
)
def test_undo_goes_on_behind_what_was_removed(project: Project, removed: tuple[int, ...]) -> None:
    """The newest, the oldest, some in the middle, all: the states left come back in order."""
    for state in range(1, 6):
        project.batch(state)  # checkpoint n has the state n - 1
    for number in removed:
        project.remove(number)
    assert undone(project) == [n - 1 for n in (5, 4, 3, 2, 1) if n not in removed]


def test_what_is_removed_after_an_undo_is_not_come_back_to(project: Project) -> None:
    """A project that stands at a checkpoint which is then removed: undo goes on to an older state,
    not to a newer one.
    """
    for state in range(1, 5):
        project.batch(state)
    for expected in (3, 2):
        assert project.go_back()
        assert project.state == expected
    project.remove(3)  # which the project is at
    assert project.go_back()
    assert project.state == 1
    project.remove(1)
    project.remove(2)
    assert not project.go_back()
    assert project.state == 1


def test_no_number_is_used_twice(project: Project) -> None:
    """Also when several were the newest, one after the other, and were removed."""
    numbers = [project.name(name) for name in "abc"]
    for number in reversed(numbers):
        project.remove(number)
    assert project.name("d") == numbers[-1] + 1


def test_undo_keeps_to_its_own_past(project: Project) -> None:
    """Not to a newer checkpoint of another way that was undone, nor to one from before."""
    for state in (1, 2, 3):
        project.batch(state)
    assert project.go_back()
    assert project.go_back()
    assert project.state == 1  # 2 and 3 are another way now
    project.batch(7)
    project.batch(8)
    project.remove(next(number for number in reversed(project.numbers())))
    assert undone(project)[-2:] == [1, 0]
    assert project.state == 0


def test_those_that_go_for_the_limit_are_passed_over(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named ones stay, and undo reaches them."""
    monkeypatch.setattr(checkpoints, "MOST", MOST)
    project.name("begin")
    for state in range(1, 12):
        project.batch(state)
    assert len(project.numbers()) == MOST
    found = undone(project)
    assert found == sorted(found, reverse=True)
    assert found[0] == 10
    assert found[-1] == 0


@pytest.mark.parametrize("text", ["", "3 9\n2 2\n", "9999999999 1\n" * 2000])
def test_a_record_that_somebody_wrote_hurts_nobody(project: Project, text: str) -> None:
    """Undo then goes to a state that was made before."""
    for state in range(1, 5):
        project.batch(state)
    for number in (2, 3):
        project.remove(number)
    (store_folder(project.sites, "demo") / RECORD).write_text(text)
    assert undone(project)[0] == 3
    assert project.state == 0


# Against a model


@dataclass
class Node:
    state: int
    parent: int | None
    named: bool


@dataclass
class Model:
    """Checkpoints as a tree whose children are hung up higher when one is taken out."""

    state: int = 0
    at: int | None = None
    last: int = 0
    nodes: dict[int, Node] = field(default_factory=dict)

    def keep(self, *, named: bool = False, needed: int | None = None) -> None:
        here = self.nodes[self.at] if self.at else None
        if here is not None and here.state == self.state and not named:
            return
        self.last += 1
        self.nodes[self.last] = Node(self.state, self.at, named)
        self.at = self.last
        while len(self.nodes) > MOST:
            free = sorted(set(self.nodes) - {self.last, needed})
            self.take_out(min(free, key=lambda number: (self.nodes[number].named, number)))

    def take_out(self, number: int) -> None:
        gone = self.nodes.pop(number)
        for node in self.nodes.values():
            if node.parent == number:
                node.parent = gone.parent
        if self.at == number:
            self.at = gone.parent

    def undo(self) -> bool:
        number = self.at
        while number is not None and self.nodes[number].state == self.state:
            number = self.nodes[number].parent
        if number is None:
            return False
        self.go_back(number)
        return True

    def go_back(self, number: int) -> None:
        state = self.nodes[number].state
        self.keep(needed=number)
        self.state, self.at = state, number


Step = tuple[Literal["edit", "batch", "name", "undo", "remove", "restore"], int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["edit", "batch", "batch", "batch", "name", "undo", "undo", "remove", "remove", "restore"]),
        st.integers(0, 9),
    ),
    min_size=6,
    max_size=16,
)  # fmt: skip


@given(STEPS)
@settings(
    max_examples=CASES,
    deadline=None,
    phases=[Phase.generate, *([Phase.shrink] if CASES > FEW else [])],
    suppress_health_check=list(HealthCheck),
    derandomize=CASES == FEW,
    database=None,
)
def test_undo_is_as_the_model_has_it(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    """Whatever is edited, kept, removed, undone and restored, in any order, few checkpoints."""
    play(Project(tmp_path_factory.mktemp("model")), steps)


def play(project: Project, steps: list[Step]) -> None:
    model, names = Model(), itertools.count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "MOST", MOST)
        for kind, value in steps:
            numbers = sorted(model.nodes)
            chosen = numbers[value % len(numbers)] if numbers else None
            match kind:
                case "edit":
                    project.edit(value)
                    model.state = value
                case "batch":
                    project.batch(value)
                    model.keep()
                    model.state = value
                case "name":
                    project.name(f"n{next(names)}")
                    model.keep(named=True)
                case "undo":
                    assert project.go_back() == model.undo()
                case "remove" if chosen:
                    project.remove(chosen)
                    model.take_out(chosen)
                case "restore" if chosen:
                    project.go_back(chosen)
                    model.go_back(chosen)
            assert project.state == model.state
            with project.open() as store:
                known = {each.number: each.parent for each in store.all()}
                assert known == {number: node.parent for number, node in model.nodes.items()}
                at = store.position(store.all())
                assert (at.number if at else None) == model.at
