"""Operations on a site's files, as editors, agents and Git make them, drawn from a seed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from .model import Note, Site

WORDS: Final = (
    "layout",
    "card",
    "card_style",
    "island",
    "words",
    "facts",
    "sheet",
    "script",
    "middleware",
    "said",
    "index",
    "about",
)
BRANCH_FILES: Final = 200


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One step of a series. `seed` decides everything about it, so that a shorter series repeats
    the rest as it was.
    """

    kind: str
    seed: int
    pause_ms: int

    def __str__(self) -> str:
        return f"{self.kind}({self.seed}) then {self.pause_ms} ms"


def series(seed: int, length: int, without: frozenset[str] = frozenset()) -> list[Operation]:
    """A series of operations, the same for the same seed."""
    random = Random(seed)
    kinds, weights = zip(
        *((kind, weight) for kind, (weight, _) in KINDS.items() if kind not in without), strict=True
    )
    pauses = (0, 0, 5, 20, 60, 150, 400, 900)
    return [
        Operation(
            kind=random.choices(kinds, weights)[0],
            seed=random.randrange(1_000_000),
            pause_ms=random.choice(pauses),
        )
        for _ in range(length)
    ]


class Files:
    """Writes a state of the site to the disk, each file in one of the ways in which
    programs write.
    """

    def __init__(self, folder: Path, random: Random) -> None:
        self.folder, self.random = folder, random

    def change(
        self, before: Site, after: Site, *, shuffled: bool = True, way: str | None = None
    ) -> None:
        """Bring the folder from one state to the other."""
        old, new = before.files(), after.files()
        steps: list[tuple[str, str | None]] = [
            (name, new.get(name)) for name in {**old, **new} if old.get(name) != new.get(name)
        ]
        if shuffled:
            self.random.shuffle(steps)
        for name, text in steps:
            self._step(self.folder / name, text, way)

    def _step(self, file: Path, text: str | None, way: str | None) -> None:
        if text is None:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        chosen = way or self.random.choice(("plain", "plain", "safe", "two steps", "recreated"))
        if chosen == "safe":
            other = file.with_name(f".{file.name}.{self.random.randrange(1000)}.tmp")
            other.write_text(text)
            self.wait(3)
            other.replace(file)
        elif chosen == "two steps":
            with file.open("w") as stream:
                self.wait(30)
                stream.write(text)
        elif chosen == "recreated":
            with contextlib.suppress(FileNotFoundError):
                file.unlink()
            self.wait(80)
            file.write_text(text)
        else:
            file.write_text(text)

    def wait(self, most_ms: int) -> None:
        time.sleep(self.random.randint(0, most_ms) / 1000)


def apply(operation: Operation, site: Site, folder: Path) -> Site:
    """Do it to the files; the state that they are in afterwards."""
    random = Random(operation.seed)
    files = Files(folder, random)
    after = KINDS[operation.kind][1](site, files, random)
    time.sleep(operation.pause_ms / 1000)
    return after


def _next(random: Random, name: str) -> str:
    return f"{name}-{random.randrange(10_000)}"


def _write(site: Site, files: Files, random: Random) -> Site:
    name = random.choice(WORDS)
    after = site.with_(**{name: _next(random, name)})
    files.change(site, after)
    return after


def _note(site: Site, files: Files, random: Random) -> Site:
    name = random.choice(sorted(site.notes))
    note = Note(
        title=_next(random, "title"), body=_next(random, "body"), field_name=site.schema_field
    )
    after = site.with_notes(**{name: note})
    files.change(site, after)
    return after


def _several(site: Site, files: Files, random: Random) -> Site:
    """One turn of an agent: several files at once."""
    names = random.sample(WORDS, random.randint(2, 6))
    after = site.with_(**{name: _next(random, name) for name in names})
    files.change(site, after)
    return after


def _burst(site: Site, files: Files, random: Random) -> Site:
    """Somebody types: the same file, several times."""
    name = random.choice(WORDS)
    for _ in range(random.randint(2, 5)):
        after = site.with_(**{name: _next(random, name)})
        files.change(site, after, way=random.choice(("plain", "safe", "two steps")))
        files.wait(60)
        site = after
    return site


def _delete_and_recreate(site: Site, files: Files, random: Random) -> Site:
    files.change(
        site,
        after := site.with_(**{(name := random.choice(WORDS)): _next(random, name)}),
        way="recreated",
    )
    return after


def _rename_card(site: Site, files: Files, random: Random) -> Site:
    """A component with its importer, in either order."""
    name = "Panel" if site.card_name == "Card" else "Card"
    after = site.with_(card_name=name, card_import=name)
    files.change(site, after)
    return after


def _move_card(site: Site, files: Files, random: Random) -> Site:
    """The same, with the file moved and not written again."""
    name = "Panel" if site.card_name == "Card" else "Card"
    moved = site.with_(card_name=name)
    folder = files.folder / "src/components"
    first = random.random() < 0.5
    if first:
        (folder / f"{site.card_name}.astro").replace(folder / f"{name}.astro")
        files.wait(100)
    after = moved.with_(card_import=name)
    page = "src/pages/index.astro"
    (files.folder / page).write_text(after.files()[page])
    if not first:
        files.wait(100)
        (folder / f"{site.card_name}.astro").replace(folder / f"{name}.astro")
    return after


def _note_comes_or_goes(site: Site, files: Files, random: Random) -> Site:
    extra = "c"
    note = (
        None
        if extra in site.notes
        else Note(
            title=_next(random, "title"), body=_next(random, "body"), field_name=site.schema_field
        )
    )
    after = site.with_notes(**{extra: note})
    files.change(site, after)
    return after


def _later(site: Site, files: Files, random: Random) -> Site:
    """A page comes, changes or goes."""
    after = site.with_(
        later=None if site.later is not None and random.random() < 0.4 else _next(random, "later")
    )
    files.change(site, after)
    return after


def _schema(site: Site, files: Files, random: Random) -> Site:
    """The collection's field is renamed, in the schema, the entries and the pages."""
    name = "heading" if site.schema_field == "title" else "title"
    notes = {id: replace(note, field_name=name) for id, note in site.notes.items()}
    after = site.with_(schema_field=name, notes=notes)
    files.change(site, after)
    return after


def _branch(site: Site, files: Files, random: Random) -> Site:
    """Another branch: hundreds of entries come or go, and half of the sources change."""
    many: dict[str, Note | None] = dict.fromkeys(f"z{number:03}" for number in range(BRANCH_FILES))
    if "z000" not in site.notes:
        word = random.randrange(10_000)
        many = {
            id: Note(title=f"{id}-{word}", body=f"{id}-{word}", field_name=site.schema_field)
            for id in many
        }
    names = random.sample(WORDS, len(WORDS) // 2)
    after = site.with_notes(**many).with_(**{name: _next(random, name) for name in names})
    files.change(site, after, way=random.choice(("plain", "safe")))
    return after


def _break_a_note(site: Site, files: Files, random: Random) -> Site:
    """An entry that its schema refuses, or the one that was broken put right."""
    name = (site.wrong_notes() or [random.choice(sorted(site.notes))])[0]
    note = site.notes[name]
    body = _next(random, "body")
    after = site.with_notes(
        **{
            name: Note(
                title=note.title, body=body, field_name=site.schema_field, broken=not note.broken
            )
        }
    )
    files.change(site, after)
    return after


def _break_the_page(site: Site, files: Files, random: Random) -> Site:
    after = site.with_(index_broken=not site.index_broken, index=_next(random, "index"))
    files.change(site, after)
    return after


KINDS: Final[dict[str, tuple[int, Callable[[Site, Files, Random], Site]]]] = {
    "write": (6, _write),
    "note": (4, _note),
    "several": (4, _several),
    "burst": (3, _burst),
    "delete-and-recreate": (3, _delete_and_recreate),
    "rename-card": (2, _rename_card),
    "move-card": (2, _move_card),
    "note-comes-or-goes": (3, _note_comes_or_goes),
    "later": (2, _later),
    "break-a-note": (2, _break_a_note),
    "break-the-page": (1, _break_the_page),
    "schema": (1, _schema),
    "branch": (1, _branch),
}
