"""The choice of how file changes are noticed (S4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from .modules import call

CHOOSE = (
    "return m.chooseWatch(input.root, input.wanted, { mounts: input.mounts, probe: async () =>"
    " input.arrived ?? undefined });"
)
LOCAL = "overlay / overlay rw 0 0\n/dev/sda /tmp ext4 rw 0 0\n"


def mounts(root: Path, kind: str) -> str:
    escaped = str(root).replace(" ", "\\040")
    return f"{LOCAL}server:/ {escaped} {kind} rw 0 0\n"


@pytest.mark.parametrize(
    ("kind", "arrived", "mode"),
    [
        ("ext4", True, "native"),
        ("ext4", False, "polling"),
        ("ext4", None, "native"),
        ("nfs4", True, "hybrid"),
        ("nfs4", False, "polling"),
        ("nfs4", None, "hybrid"),
        ("fuse.sshfs", True, "hybrid"),
        ("9p", True, "hybrid"),
        ("tmpfs", True, "native"),
    ],
)
def test_the_mode_follows_file_system_and_events(
    tmp_path: Path, kind: str, arrived: bool | None, mode: str
) -> None:
    root = tmp_path / "a project"
    root.mkdir()
    answer = call(
        "watch.mjs",
        CHOOSE,
        {"root": str(root), "wanted": "auto", "mounts": mounts(root, kind), "arrived": arrived},
    )
    assert answer["mode"] == mode
    assert kind in answer["reason"]


@pytest.mark.parametrize("wanted", ["native", "hybrid", "polling"])
def test_a_set_mode_is_taken(tmp_path: Path, wanted: str) -> None:
    answer = call(
        "watch.mjs",
        CHOOSE,
        {"root": str(tmp_path), "wanted": wanted, "mounts": "", "arrived": True},
    )
    assert answer == {"mode": wanted, "reason": f"set to {wanted}"}


def test_the_probe_is_answered_here_and_leaves_nothing(tmp_path: Path) -> None:
    answer = call("watch.mjs", "return m.chooseWatch(input);", str(tmp_path))
    assert answer["mode"] in ("native", "hybrid", "polling")
    assert list(tmp_path.iterdir()) == []


def test_the_closest_mount_counts() -> None:
    table = (
        "a / overlay rw 0 0\nb /sites nfs4 rw 0 0\nc /sites/x/cache tmpfs rw 0 0\nd /sitesandmore"
        " ext4 rw 0 0\n"
    )
    script = "return input.folders.map((folder) => m.filesystemType(folder, input.table));"
    folders = ["/sites/x", "/sites/x/cache/y", "/elsewhere", "/sitesandmore/z", "/sites"]
    assert call("watch.mjs", script, {"table": table, "folders": folders}) == [
        "nfs4",
        "tmpfs",
        "overlay",
        "ext4",
        "nfs4",
    ]


def test_a_walk_tells_added_changed_and_deleted_files(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "kept.css").write_text("a")
    (tmp_path / "src" / "gone.css").write_text("a")
    (tmp_path / "node_modules").mkdir()
    script = """
      const { writeFileSync, rmSync } = await import("node:fs");
      const told = [];
      const poller = new m.Poller(input, 20, (event, file) => told.push(event + " " + file.slice(input.length + 1)));
      const until = async (n) => { while (told.length < n) await new Promise((r) => setTimeout(r, 5)); };
      poller.start();
      await new Promise((r) => setTimeout(r, 200));
      writeFileSync(input + "/src/new.css", "a"); await until(1);
      writeFileSync(input + "/src/kept.css", "changed"); await until(2);
      writeFileSync(input + "/node_modules/ignored.js", "a");
      rmSync(input + "/src/gone.css"); await until(3);
      poller.stop();
      return told;
    """
    assert call("poll.mjs", script, str(tmp_path)) == [
        "add src/new.css",
        "change src/kept.css",
        "unlink src/gone.css",
    ]
