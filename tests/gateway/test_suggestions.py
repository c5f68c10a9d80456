"""An unknown name is answered with the one that was probably meant, if the caller may know of it
(S30, S31).
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest

from container.gateway.suggestions import MOST_NAMES, nearest_file, nearest_path, nearest_session

from .harness import Gateway

SESSIONS = "/api/v1/sessions"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "demo"
    for name in ("src/pages/index.astro", "src/components/Card.astro", "src/a.ts", ".env", "b/c/d"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (root / ".git").mkdir()
    (root / "src" / "pages" / "about.astro").symlink_to("index.astro")
    return root


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("src/pages/indexx.astro", "src/pages/index.astro"),
        ("src/pages/index.md", "src/pages/index.astro"),
        ("src/components/card.astro", "src/components/Card.astro"),
        ("src/component/Card.astro", "src/components/Card.astro"),
        ("src/component/Other.astro", "src/components"),
        ("scr", "src"),
        (".envv", ".env"),
        ("b/c/e/f", ""),
        ("src/b.ts", ""),
        ("src/pages/aboutt.astro", ""),
        (".gti", ""),
        (".git/config", ""),
        ("src/pages/nothing.txt", ""),
        ("src/pages/index.astro", ""),
        ("x" * 300, ""),
        ("../demo", ""),
    ],
)
def test_a_file_is_looked_for_in_its_folder(project: Path, path: str, meant: str) -> None:
    """Also the folder may be misspelt. Links and what the API does not show are not suggested."""
    assert nearest_file(project, path) == meant


def test_of_a_large_folder_a_part_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no names that are so long that nobody types them."""
    for number in range(MOST_NAMES * 2):
        (tmp_path / f"post-{number:04d}.md").touch()
    compared: list[list[str]] = []

    def compare(_name: str, names: dict[str, str], *_rest: object) -> list[str]:
        compared.append(list(names))
        return []

    monkeypatch.setattr(difflib, "get_close_matches", compare)
    nearest_file(tmp_path, "post.md")
    assert len(compared.pop()) == MOST_NAMES
    nearest_file(tmp_path, "post" * 50)
    assert compared == []
    for file in tmp_path.iterdir():
        file.rename(file.with_name(file.stem * 10))
    nearest_file(tmp_path, "post.md")
    assert compared == [[]]


def test_a_project_that_is_gone_has_nothing(tmp_path: Path) -> None:
    assert nearest_file(tmp_path / "gone", "src/index.ts") == ""


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/api/v1/session", "/api/v1/sessions"),
        ("/api/v1/sessions/", "/api/v1/sessions"),
        ("/sessions/demo", "/api/v1/sessions/demo"),
        ("/api/v2/sessions", "/api/v1/sessions"),
        ("/api/v1/sessions/demo/file/src/a%20b.ts", "/api/v1/sessions/demo/files/src/a%20b.ts"),
        (
            "/api/v1/sessions/demo/checkpoint/3/restorre",
            "/api/v1/sessions/demo/checkpoints/3/restore",
        ),
        ("/api/v1/openapi.yaml", "/api/v1/openapi.json"),
        ("/api/v1/nothing", ""),
        ("/", ""),
        ("/api/v1/sessions/demo/" + "x" * 300, ""),
    ],
)
def test_a_path_of_the_api_keeps_its_names(path: str, meant: str) -> None:
    assert nearest_path(path) == meant


def test_only_sessions_that_exist_are_suggested(tmp_path: Path) -> None:
    for name in ("shop", "blog", ".shpo"):
        (tmp_path / name).mkdir()
    (tmp_path / "shpp").write_text("no project")
    assert nearest_session(tmp_path, "shpo", None) == "shop"
    assert nearest_session(tmp_path, "shpo", ["blog"]) == ""
    assert nearest_session(tmp_path, "shpo", ["blog", "shpoo"]) == ""  # which was deleted


async def credential(gateway: Gateway, *scopes: str) -> str:
    """Of the sessions shop and gone, of which one exists."""
    body = {"name": "agent", "scopes": scopes, "sessions": ["shop", "gone"]}
    made = await gateway.api("POST", "/api/v1/credentials", body=body)
    assert made.status == 201, made.text
    return str(made.json["secret"])


@pytest.fixture
def sessions(gateway: Gateway) -> Gateway:
    for name in ("shop", "secret-plan"):
        (gateway.sites / name / "src").mkdir(parents=True, exist_ok=True)
        (gateway.sites / name / "src" / "index.ts").write_text("x")
    return gateway


async def asked(gateway: Gateway, method: str, path: str, **given: Any) -> tuple[int, Any]:
    """Status, and what is said to be meant: the same in the text."""
    answer = await gateway.api(method, path, **given)
    meant = answer.json.get("nearest")
    assert (meant is not None) == ("Did you mean" in answer.json["detail"])
    assert meant is None or meant in answer.json["detail"]
    return answer.status, meant


async def test_the_service_is_told_of_every_session(sessions: Gateway) -> None:
    assert await asked(sessions, "GET", f"{SESSIONS}/secret-pln") == (404, "secret-plan")
    assert await asked(sessions, "GET", f"{SESSIONS}/shpo/files/x") == (404, "shop")
    assert await asked(sessions, "GET", f"{SESSIONS}/unlike-all") == (404, None)
    assert await asked(sessions, "GET", f"{SESSIONS}/shop/trees") == (404, f"{SESSIONS}/shop/tree")


@pytest.mark.parametrize("scope", ["read", "write", "view"])
async def test_a_credential_is_told_of_its_own_sessions_only(sessions: Gateway, scope: str) -> None:
    """A session of somebody else is answered as one that does not exist, letter by letter."""
    token = await credential(sessions, scope)
    assert await asked(sessions, "GET", f"{SESSIONS}/shpo", token=token) == (404, "shop")
    answers = [
        (await sessions.api("GET", f"{SESSIONS}/{name}", token=token)).json
        for name in ("secret-plan", "secret-plbn")
    ]
    for answer, name in zip(answers, ("secret-plan", "secret-plbn"), strict=True):
        assert "nearest" not in answer
        assert answer["detail"].replace(name, "x") == answers[0]["detail"].replace(
            "secret-plan", "x"
        )


async def test_files_are_named_to_those_who_may_read(sessions: Gateway) -> None:
    """Also in a batch, and with an `Idempotency-Key`."""
    reads, writes, both = (
        await credential(sessions, "read"),
        await credential(sessions, "write"),
        await credential(sessions, "read", "write"),
    )
    file, meant = f"{SESSIONS}/shop/files/src/indexx.ts", "src/index.ts"
    assert await asked(sessions, "GET", file, token=reads) == (404, meant)
    assert await asked(sessions, "DELETE", file, token=writes) == (404, None)
    assert await asked(sessions, "DELETE", file, token=both) == (404, meant)
    assert await asked(sessions, "GET", f"{SESSIONS}/shop/tree?path=scr", token=reads) == (
        404,
        "src",
    )
    batch = {"operations": [{"op": "delete", "path": "src/indexx.ts"}]}
    for headers in ({}, {"Idempotency-Key": "one"}, {"Idempotency-Key": "one"}):
        given = {"body": batch, "headers": headers, "token": both}
        assert await asked(sessions, "POST", f"{SESSIONS}/shop/batch", **given) == (404, meant)
