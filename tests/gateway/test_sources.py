"""A session that exists is the answer to a request for it only where it came from what the request
asks for (S34).
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from container.gateway.file_models import Model
from container.gateway.git_models import CreateRequest, CredentialModel, RepositoryModel
from container.gateway.sources import (
    RepositorySource,
    SessionExists,
    Source,
    check_same,
    read_source,
    remove_source,
    write_source,
)

from .git_server import GitServer, git_reason, git_server
from .harness import Answer, Gateway, running_gateway
from .table import dynamodb, table
from .tasks.conftest import Fleet, running_fleet

__all__ = ["dynamodb", "table"]
SESSIONS = "/api/v1/sessions"
needs_git = pytest.mark.skipif(bool(git_reason()), reason=git_reason())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with git_server(tmp_path_factory.mktemp("repositories")) as running:
        for name in ("one", "two"):
            running.make(name, {"src/pages/index.astro": f"<h1>{name}</h1>\n"})
        yield running


@pytest.fixture(scope="module")
def served(server: GitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(
        tmp_path_factory.mktemp("gw"), ASTRO_LIVE_GIT_INTERNAL_HOSTS=server.address
    ) as gateway:
        yield gateway


@pytest.fixture
def pair(
    server: GitServer, tmp_path: Path, table: str, dynamodb: dict[str, Any]
) -> Iterator[Fleet]:
    """Two tasks of one service."""
    hosts = {"ASTRO_LIVE_GIT_INTERNAL_HOSTS": server.address}
    with running_fleet(tmp_path, table, dynamodb, 2, None, **hosts) as fleet:
        yield fleet


@pytest.fixture(autouse=True)
async def without_sessions(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    yield
    if "served" in request.fixturenames:
        await request.getfixturevalue("served").delete_sessions()


async def create(gateway: Gateway, session: str, **members: Any) -> Answer:
    return await gateway.api("POST", SESSIONS, body={"id": session, **members})


def assert_refused(answer: Answer, member: str, *named: str) -> None:
    """With the session, what was asked for, what it has, and the three ways out."""
    assert (answer.status, answer.json["code"]) == (409, "session-exists"), answer.text
    assert answer.json["member"] == member
    detail = answer.json["detail"]
    for part in (*named, f"`{member}`", "Delete the session first", "another id", "leave"):
        assert part in detail, detail


# Over the API


@needs_git
async def test_another_repository_is_not_answered_with_the_old_site(
    served: Gateway, server: GitServer
) -> None:
    """A running session, a stopped one, and one whose options the request would change."""
    one, two = {"url": server.url("one")}, {"url": server.url("two")}
    made = await create(served, "blog", repository=one)
    assert (made.status, made.json["state"]) == (201, "ready"), made.text
    for stopped in (False, True):
        if stopped:
            await served.api("POST", f"{SESSIONS}/blog/stop")
        refused = await create(served, "blog", repository=two, root="docs")
        assert_refused(refused, "repository.url", "'blog'", one["url"], two["url"])
        shown = (await served.api("GET", f"{SESSIONS}/blog")).json
        assert (shown["state"], shown["root"]) == ("stopped" if stopped else "ready", "")
    for members in ({"repository": one}, {}, {"template": "starter"}):
        again = await create(served, "blog", **members)
        assert (again.status, again.json["state"]) == (200, "ready"), again.text
    assert_refused(await create(served, "blog", template="empty"), "template", one["url"])
    page = served.sites / "blog" / "src/pages/index.astro"
    assert page.read_text() == "<h1>one</h1>\n"

    assert (await served.api("DELETE", f"{SESSIONS}/blog")).status == 204
    assert (await create(served, "blog", repository=two)).status == 201
    assert page.read_text() == "<h1>two</h1>\n"


@needs_git
async def test_a_session_from_a_template_is_not_one_from_a_repository(
    served: Gateway, server: GitServer
) -> None:
    """Nor an empty one."""
    wanted = {"url": server.url("one")}
    assert (await create(served, "shop")).status == 201
    assert_refused(await create(served, "shop", repository=wanted), "repository.url", '"starter"')
    assert_refused(await create(served, "shop", template="empty"), "template", '"starter"')
    assert (await create(served, "bare", template="empty")).status == 201
    assert_refused(await create(served, "bare", repository=wanted), "repository.url", '"empty"')
    assert (await create(served, "bare", template="empty")).status == 200


@needs_git
async def test_the_branch_and_the_depth_of_the_clone_are_compared(
    served: Gateway, server: GitServer
) -> None:
    """A branch by any of its names; who fetches makes no difference."""
    url = server.url("one")
    assert (await create(served, "blog", repository={"url": url, "depth": 2})).status == 201
    for same in ({"ref": "main"}, {"ref": "refs/heads/main"}, {"depth": 1}, {"depth": 2}):
        assert (await create(served, "blog", repository={"url": url, **same})).status == 200
    other = await create(served, "blog", repository={"url": url, "ref": "next"})
    assert_refused(other, "repository.ref", '"next"', '"main"')
    deeper = await create(served, "blog", repository={"url": url, "depth": 9})
    assert_refused(deeper, "repository.depth", "9", "a depth of 2")
    credential = {"host": server.host, "password": "another-0123456789"}
    fetched = {"url": url.removesuffix(".git") + "/", "credential": credential}
    assert (await create(served, "blog", repository=fetched)).status == 200


@needs_git
async def test_a_project_whose_origin_is_not_recorded_is_answered_as_it_is(
    served: Gateway, server: GitServer
) -> None:
    """A folder that was put there, one that took the place of another, and a damaged record."""
    wanted = {"url": server.url("two")}
    served.make_site("byhand")
    assert (await create(served, "byhand", repository=wanted)).status == 200
    log = (await served.api("GET", f"{SESSIONS}/byhand/logs")).text
    assert f"a request asked for a session from {wanted['url']}" in log
    assert (await create(served, "byhand", template="empty")).status == 200

    assert (await create(served, "other", repository={"url": server.url("one")})).status == 201
    record = served.sites / ".sessions" / "other.source"
    for damage in ("", "[]", '{"folder": 1}', "\0" * 99):
        record.write_text(damage)
        assert (await create(served, "other", repository=wanted)).status == 200
    await served.api("DELETE", f"{SESSIONS}/other")
    assert not record.exists()


@needs_git
async def test_clients_that_create_a_session_at_once_get_what_they_asked_for_or_a_conflict(
    served: Gateway, server: GitServer
) -> None:
    """One makes it; the same request gets it, and another one does not."""
    one, two = {"url": server.url("one")}, {"url": server.url("two")}
    for turn in range(3):
        name = f"race{turn}"
        answers = await asyncio.gather(
            *(create(served, name, repository=each) for each in (one, two, one, two, one))
        )
        page = (served.sites / name / "src/pages/index.astro").read_text()
        won = 0 if "one" in page else 1
        statuses = [[answer.status for answer in each] for each in (answers[::2], answers[1::2])]
        assert sorted(statuses[won]) == [200] * (len(statuses[won]) - 1) + [201]
        assert set(statuses[1 - won]) == {409}
        await served.api("DELETE", f"{SESSIONS}/{name}")


@needs_git
async def test_every_task_compares_the_same(server: GitServer, pair: Fleet) -> None:
    """The owner, a task that forwards, and one that takes a stopped session; also when two tasks
    are asked to create the session at once.
    """
    one, two = {"url": server.url("one")}, {"url": server.url("two")}
    owner, other = pair.tasks
    assert (await create(owner, "blog", repository=one)).status == 201
    assert_refused(await create(other, "blog", repository=two), "repository.url", one["url"])
    assert (await create(other, "blog", repository=one)).status == 200
    await owner.api("POST", f"{SESSIONS}/blog/stop")
    assert_refused(await create(other, "blog", repository=two), "repository.url", one["url"])
    answers = await asyncio.gather(
        create(owner, "race", repository=one), create(other, "race", repository=two)
    )
    assert sorted(answer.status for answer in answers) == [201, 409]
    (refused,) = [answer for answer in answers if answer.status == 409]
    assert_refused(refused, "repository.url", one["url"], two["url"])


# By itself


def test_a_record_is_of_one_folder(tmp_path: Path) -> None:
    """A folder that takes its place by other means came from somewhere else."""
    made = Source(repository=RepositorySource(url="https://example.test/a.git", branch="main"))
    (tmp_path / "demo").mkdir()
    write_source(tmp_path, "demo", made, tmp_path / "demo")
    assert read_source(tmp_path, "demo") == made
    (tmp_path / "demo").rename(tmp_path / "away")
    assert read_source(tmp_path, "demo") is None
    (tmp_path / "demo").mkdir()
    assert read_source(tmp_path, "demo") is None
    shutil.rmtree(tmp_path / "demo")
    (tmp_path / "away").rename(tmp_path / "demo")
    remove_source(tmp_path, "demo")
    assert read_source(tmp_path, "demo") is None


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://Example.test:443/a", True), ("https://example.test/a.git/", True),
        ("https://example.test/A.git", False), ("https://example.test:444/a.git", False),
        ("http://example.test/a.git", False), ("https://example.test/b/a.git", False),
    ],
)  # fmt: skip
def test_spellings_of_one_address_are_one_repository(url: str, same: bool) -> None:
    made = Source(repository=RepositorySource(url="https://example.test/a.git"))
    asked = Source(repository=RepositorySource(url=url))
    if same:
        check_same("demo", asked, made)
        return
    with pytest.raises(SessionExists, match=r"https://example\.test/a\.git"):
        check_same("demo", asked, made)


COMPARED = {
    CreateRequest: {"template", "repository"},
    RepositoryModel: {"url", "ref", "depth"},
    CredentialModel: set(),
}
NOT_COMPARED = {
    CreateRequest: {"id": "names the session", "root": "is set for the session that exists"},
    RepositoryModel: {"credential": "for the clone only", "secret": "for the clone only"},
    CredentialModel: dict.fromkeys(("host", "username", "password"), "for the clone only"),
}


@pytest.mark.parametrize("model", COMPARED)
def test_no_member_of_the_request_is_ignored_without_a_reason(model: type[Model]) -> None:
    """A new member is compared with what the session has, or its reason is written down here."""
    assert COMPARED[model] | set(NOT_COMPARED[model]) == set(model.model_fields)
