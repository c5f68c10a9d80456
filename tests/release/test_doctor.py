"""`make doctor` says what is missing and how to get it (S24)."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.release.doctor import Finding, examine, report


def test_an_empty_checkout_lacks_its_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing installed, nothing on PATH: each is found missing with a fix, and no check raises."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    missing = {finding.subject: finding.fix for finding in examine(tmp_path) if finding.state == "missing"}
    assert set(missing) == {"Python packages", "Node packages", "chromium", "buildah", "pulumi", "docker", "AWS credentials"}
    assert all(missing.values())


@pytest.mark.parametrize(("state", "healthy"), [("ok", True), ("warn", True), ("missing", False)])
def test_only_what_the_local_stack_lacks_fails(state: str, healthy: bool) -> None:
    """A machine without Docker or an account is healthy for local work; one without packages is not."""
    lines: list[str] = []
    here = Finding(use="local stack", subject="Python packages", state=state, detail="d", fix="make setup")  # type: ignore[arg-type]
    away = Finding(use="deployment", subject="docker", state="missing", detail="d", fix="install")
    assert report([here, away], lines.append) is healthy
    assert "           fix: install" in lines
