"""The Dockerfile and the task definition agree where the one relies on the other (S12, S13)."""

from __future__ import annotations

import json
import re
from pathlib import Path

from components.efs_volume import EfsVolumeArgs
from components.task_container import WRITABLE

DOCKERFILE = (Path(__file__).resolve().parents[1] / "container" / "Dockerfile").read_text()


def test_writable_volumes_are_declared_in_the_image() -> None:
    """On Fargate a volume that the image does not declare belongs to root, and the gateway could
    not write to its scratch disk.
    """
    declared = re.search(r"^VOLUME (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert declared is not None
    assert set(json.loads(declared[1])) == set(WRITABLE.values())


def test_the_image_runs_as_the_user_that_owns_the_files() -> None:
    """The image's user, the owner of its scratch folder and the access point's user are one and the
    same.
    """
    user = re.search(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert user is not None
    fields = EfsVolumeArgs.__dataclass_fields__
    assert (int(user[1]), int(user[2])) == (fields["uid"].default, fields["gid"].default)
    assert f"chown {user[1]}:{user[2]} /sites /scratch" in DOCKERFILE
