"""Git through the API, against the real `git http-backend`: a session from a repository, work on
it, and back; and repositories, remotes and configurations that mean harm (S34).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from container.gateway.git.errors import GitAddress, GitRemote
from container.gateway.git.left_locks import LEFT_SECONDS
from container.gateway.git.remote import Remote, check_address, remote_url
from container.gateway.session_options import read_options

from .git_server import PASSWORD, USER, GitServer, git, git_reason, git_server
from .harness import Answer, Gateway, running_gateway

pytestmark = pytest.mark.skipif(bool(git_reason()), reason=git_reason())

SESSIONS = "/api/v1/sessions"
AUTHOR = {"name": "An Agent", "email": "agent@example.test"}
SITE: dict[str, str | bytes] = {
    "src/pages/index.astro": "<h1>one</h1>\n",
    "src/data/list.txt": "a\nb\nc\nd\ne\nf\n",
    "bin/run.sh": "#!/bin/sh\n",
    "README.md": "site\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with git_server(tmp_path_factory.mktemp("repositories")) as running:
        yield running


@pytest.fixture(scope="module")
def served(server: GitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that may talk to the server, as to an internal one."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_GIT_INTERNAL_HOSTS=server.address,
        ASTRO_LIVE_SESSION_FILES_MIB="64",
    ) as gateway:
        yield gateway


@pytest.fixture(autouse=True)
async def without_sessions(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Each test leaves room for the next one's sessions."""
    yield
    if "served" in request.fixturenames:
        await request.getfixturevalue("served").delete_sessions()


async def create(gateway: Gateway, session: str, url: str, **more: Any) -> Answer:
    root = {"root": more.pop("root")} if "root" in more else {}
    body = {"id": session, "repository": {"url": url, **more}, **root}
    return await gateway.api("POST", SESSIONS, body=body)


async def made(gateway: Gateway, server: GitServer, name: str, **files: str | bytes) -> str:
    """A session from a new repository, both called `name`; the path of its Git calls."""
    server.make(name, {**SITE, **files})
    answer = await create(gateway, name, server.url(name))
    assert (answer.status, answer.json["state"]) == (201, "ready"), answer.text
    return f"{SESSIONS}/{name}"


def credential(server: GitServer, **other: str) -> dict[str, str]:
    return {"host": server.host, "username": USER, "password": PASSWORD, **other}


async def write(gateway: Gateway, session: str, **files: str) -> None:
    operations = [{"op": "write", "path": path, "content": text} for path, text in files.items()]
    answer = await gateway.api("POST", session + "/batch", body={"operations": operations})
    assert answer.status == 200, answer.text


async def committed(gateway: Gateway, session: str, message: str = "Change") -> str:
    answer = await gateway.api(
        "POST", session + "/git/commit", body={"message": message, "author": AUTHOR}
    )
    assert answer.status == 201, answer.text
    return str(answer.json["commit"])


def left_behind(gateway: Gateway) -> list[str]:
    """What a refused creation may not leave in the sites folder."""
    return [
        path.name for path in gateway.sites.iterdir() if path.name.startswith((".new", ".gone"))
    ]


# There and back


async def test_a_session_is_made_from_a_repository_and_pushed_back(
    served: Gateway, server: GitServer
) -> None:
    """Files as they are committed, nothing differs; a commit has its author; the push arrives."""
    session = await made(served, server, "round")
    project = served.sites / "round"
    assert (project / "src/pages/index.astro").read_text() == "<h1>one</h1>\n"
    status = (await served.api("GET", session + "/git")).json
    assert (status["branch"], status["files"], status["ahead"]) == ("main", [], 0)
    await write(served, session, **{"src/pages/index.astro": "<h1>two</h1>\n", "new.txt": "new\n"})
    status = (await served.api("GET", session + "/git")).json
    assert [(each["path"], each["state"]) for each in status["files"]] == [
        ("new.txt", "untracked"),
        ("src/pages/index.astro", "modified"),
    ]
    diff = (await served.api("GET", session + "/git/diff")).json
    assert diff["complete"]
    assert "-<h1>one</h1>\n+<h1>two</h1>\n" in diff["patch"]
    assert "+new\n" in diff["patch"]
    commit = await committed(served, session, "Say two\n\nA body.")
    pushed = await served.api("POST", session + "/git/push")
    assert (pushed.status, pushed.json["changed"]) == (200, True), pushed.text
    assert server.tip("round") == commit
    assert server.show("round", "new.txt") == "new"
    assert git(server.folder / "round.git", "log", "-1", "--format=%an <%ae> %B", "main") == (
        "An Agent <agent@example.test> Say two\n\nA body."
    )
    log = (await served.api("GET", session + "/git/log")).json["commits"]
    assert [each["message"] for each in log] == ["Say two\n\nA body.", "first"]
    assert git(project, "status", "--porcelain") == ""  # a developer's git agrees


async def test_only_named_files_are_committed(served: Gateway, server: GitServer) -> None:
    session = await made(served, server, "some")
    await write(served, session, **{"src/a.txt": "a", "docs/b.txt": "b", "README.md": "changed"})
    body = {"message": "Docs", "author": AUTHOR, "paths": ["docs", "README.md"]}
    assert (await served.api("POST", session + "/git/commit", body=body)).status == 201
    left = (await served.api("GET", session + "/git")).json["files"]
    assert [each["path"] for each in left] == ["src/a.txt"]
    again = await served.api("POST", session + "/git/commit", body=body)
    assert (again.status, again.json["code"]) == (409, "git-nothing")


async def test_a_pull_replays_the_sessions_commits(served: Gateway, server: GitServer) -> None:
    """On top of the remote's, in one wave; afterwards the push is taken."""
    session = await made(served, server, "replay")
    await write(served, session, **{"src/data/list.txt": "A\nb\nc\nd\ne\nf\n"})
    await committed(served, session, "Mine")
    theirs = server.commit(
        "replay",
        {"src/data/list.txt": "a\nb\nc\nd\ne\nF\n", "theirs.txt": "t", "README.md": None},
        "Theirs",
    )
    refused = await served.api("POST", session + "/git/push")
    assert (refused.status, refused.json["code"]) == (409, "git-rejected")
    pulled = await served.api("POST", session + "/git/pull")
    assert (pulled.status, pulled.json["replayed"]) == (200, 1), pulled.text
    assert {each["path"]: each["event"] for each in pulled.json["changes"]} == {
        "src/data/list.txt": "change",
        "theirs.txt": "add",
        "README.md": "unlink",
    }
    project = served.sites / "replay"
    assert (project / "src/data/list.txt").read_text() == "A\nb\nc\nd\ne\nF\n"
    log = (await served.api("GET", session + "/git/log")).json["commits"]
    assert [(each["message"], each["author"]) for each in log[:2]] == [
        ("Mine", "An Agent"),
        ("Theirs", "Somebody"),
    ]
    assert log[0]["parents"] == [theirs]
    assert (await served.api("POST", session + "/git/push")).status == 200
    again = (await served.api("POST", session + "/git/pull")).json
    assert (again["replayed"], again["changes"]) == (0, [])


async def test_a_pull_that_conflicts_changes_nothing(served: Gateway, server: GitServer) -> None:
    """Each file is named with its kind, and the session is as before."""
    session = await made(served, server, "conflict", **{"gone.txt": "x\n", "kept.txt": "x\n"})
    files = {"README.md": "mine\n", "kept.txt": "mine\n", "both.txt": "mine\n"}
    await write(served, session, **files)
    await served.api("DELETE", session + "/files/gone.txt")
    before = await committed(served, session)
    server.commit(
        "conflict",
        {"README.md": "theirs\n", "gone.txt": "theirs\n", "kept.txt": None, "both.txt": "theirs\n"},
        "Theirs",
    )
    refused = await served.api("POST", session + "/git/pull")
    assert (refused.status, refused.json["code"]) == (409, "git-merge-conflict")
    assert {each["path"]: each["kind"] for each in refused.json["conflicts"]} == {
        "README.md": "both-modified",
        "both.txt": "both-added",
        "gone.txt": "deleted-here",
        "kept.txt": "deleted-there",
    }
    status = (await served.api("GET", session + "/git")).json
    assert (status["commit"], status["files"]) == (before, [])
    assert (served.sites / "conflict/README.md").read_text() == "mine\n"


async def test_a_pull_never_replaces_what_is_not_committed(
    served: Gateway, server: GitServer
) -> None:
    """Neither changed files nor unknown ones."""
    session = await made(served, server, "dirty")
    server.commit("dirty", {"README.md": "theirs\n", "there.txt": "theirs\n"}, "Theirs")
    await write(served, session, **{"README.md": "mine\n"})
    refused = await served.api("POST", session + "/git/pull")
    assert (refused.status, refused.json["code"]) == (409, "git-uncommitted")
    await write(served, session, **{"README.md": "site\n", "there.txt": "mine\n"})
    refused = await served.api("POST", session + "/git/pull")
    assert (refused.status, refused.json["code"]) == (409, "git-untracked")
    assert refused.json["conflicts"] == [{"path": "there.txt", "kind": "untracked"}]
    assert (served.sites / "dirty/there.txt").read_text() == "mine\n"


async def test_branches_are_made_switched_and_pushed(served: Gateway, server: GitServer) -> None:
    session = await made(served, server, "branches")
    body: dict[str, Any] = {"branch": "topic/one", "create": True}
    assert (await served.api("POST", session + "/git/switch", body=body)).status == 200
    await write(served, session, **{"README.md": "topic\n"})
    tip = await committed(served, session)
    assert (await served.api("POST", session + "/git/push")).status == 200
    assert server.tip("branches", "topic/one") == tip
    switched = await served.api("POST", session + "/git/switch", body={"branch": "main"})
    assert [each["path"] for each in switched.json["changes"]] == ["README.md"]
    assert (served.sites / "branches/README.md").read_text() == "site\n"
    listed = (await served.api("GET", session + "/git/branches")).json["branches"]
    assert {each["name"]: each["current"] for each in listed} == {
        "main": True, "topic/one": False, "origin/main": False, "origin/topic/one": False,
    }  # fmt: skip
    for name in ("../x", "-f", "a..b", "x.lock", "a//b", "@{1}", "a b", "x\n"):
        bad = await served.api("POST", session + "/git/switch", body={"branch": name})
        assert bad.status == 400, name


async def test_a_ref_a_tag_and_a_folder_are_chosen(served: Gateway, server: GitServer) -> None:
    """Branch, tag, depth and site folder; an unknown one names what there is."""
    clone = server.make("chosen", {**SITE, "docs/package.json": "{}", "docs/fake.json": "{}"})
    git(clone, "tag", "-a", "v1", "-m", "one")
    git(clone, "push", "-q", "origin", "v1")
    server.commit("chosen", {"README.md": "second\n"}, "second")
    tagged = await create(served, "tagged", server.url("chosen"), ref="v1", root="docs")
    assert tagged.status == 201, tagged.text
    assert read_options(served.sites, "tagged").root == "docs"
    assert (served.sites / "tagged/README.md").read_text() == "site\n"
    status = (await served.api("GET", f"{SESSIONS}/tagged/git")).json
    assert (status["branch"], status["files"]) == (None, [])
    deep = await create(served, "deep", server.url("chosen"), ref="main", depth=10)
    assert deep.status == 201
    log = (await served.api("GET", f"{SESSIONS}/deep/git/log")).json["commits"]
    assert [each["message"] for each in log] == ["second", "first"]
    unknown = await create(served, "unknown", server.url("chosen"), ref="nope")
    assert (unknown.status, unknown.json["code"]) == (404, "unknown-revision")
    assert "main" in unknown.json["detail"]
    folder = await create(served, "folder", server.url("chosen"), root="no/such")
    assert folder.status == 400
    assert not (served.sites / "unknown").exists()
    assert not (served.sites / "folder").exists()
    assert left_behind(served) == []


async def test_a_renamed_repository_is_followed(served: Gateway, server: GitServer) -> None:
    """Within the same origin."""
    server.make("site", SITE)
    answer = await create(served, "moved", f"http://{server.host}/renamed.git")
    assert answer.status == 201, answer.text


async def test_an_empty_session_is_filled_before_it_starts(served: Gateway) -> None:
    answer = await served.api("POST", SESSIONS, body={"id": "empty", "template": "empty"})
    assert (answer.status, answer.json["state"]) == (201, "stopped")
    assert list((served.sites / "empty").iterdir()) == []
    refused = await served.api("GET", f"{SESSIONS}/empty/git")
    assert (refused.status, refused.json["code"]) == (409, "git-not-a-repository")


async def test_a_larger_repository_arrives_and_leaves_whole(
    served: Gateway, server: GitServer
) -> None:
    """A pack that is sent in chunks."""
    noise = os.urandom(3 << 20)
    session = await made(served, server, "large", **{"noise.bin": noise})
    assert (served.sites / "large/noise.bin").read_bytes() == noise
    (served.sites / "large/more.bin").write_bytes(os.urandom(3 << 20))
    commit = await committed(served, session)
    assert (await served.api("POST", session + "/git/push")).status == 200
    assert server.tip("large") == commit


# Credentials


async def test_a_credential_is_sent_to_its_host_only(served: Gateway, server: GitServer) -> None:
    """Demanded, refused, taken; never sent to another host, kept or logged."""
    server.make("secret", SITE)
    server.needs_credential = True
    try:
        await _credentials(served, server)
    finally:
        server.needs_credential = False


async def _credentials(served: Gateway, server: GitServer) -> None:
    url = server.url("secret")
    refused = await create(served, "secret", url)
    assert (refused.status, refused.json["code"]) == (422, "git-credential")
    wrong = await create(served, "secret", url, credential=credential(server, password="no"))
    assert (wrong.status, wrong.json["code"]) == (422, "git-credential")
    server.seen.clear()
    elsewhere = credential(server, host="github.com")
    assert (await create(served, "secret", url, credential=elsewhere)).status == 400
    assert server.seen == []
    good = await create(served, "secret", url, credential=credential(server))
    assert good.status == 201, good.text
    session = f"{SESSIONS}/secret"
    # The site's code may name another remote: the credential does not go there.
    config = served.sites / "secret/.git/config"
    config.write_text(config.read_text().replace(server.url("secret"), "https://evil.example/x"))
    body = {"credential": credential(server)}
    assert (await served.api("POST", session + "/git/push", body=body)).status == 400
    for file in (file for file in served.sites.rglob("*") if file.is_file()):
        assert PASSWORD.encode() not in file.read_bytes(), file
    assert PASSWORD not in served.log.read_text()


async def test_no_git_process_has_the_credential(served: Gateway, server: GitServer) -> None:
    """Code that looks at all processes, as code of a site can, while a push is under way."""
    session = await made(served, server, "watched")
    (served.sites / "watched/more.bin").write_bytes(os.urandom(2 << 20))
    await committed(served, session)
    server.held.clear()
    server.hold.clear()
    body = {"credential": credential(server)}
    pushing = asyncio.create_task(served.api("POST", session + "/git/push", body=body))
    try:
        assert await asyncio.to_thread(server.held.wait, 60)
        texts = await asyncio.to_thread(_visible_to_all)
    finally:
        server.hold.set()
    assert (await pushing).status == 200
    assert any(b"send-pack" in text and b"stateless-rpc" in text for text in texts)
    for text in texts:
        assert PASSWORD.encode() not in text


def _visible_to_all() -> list[bytes]:
    """Command line and environment of this machine's git processes."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes()
                if Path(os.fsdecode(command.split(b"\0")[0])).name == "git":
                    found.append(command + (folder / "environ").read_bytes())
    return found


# Remotes that mean harm


@pytest.mark.parametrize(
    "url",
    [
        "http://git.example.com/x.git", "ssh://git@git.example.com/x.git", "git@github.com:x/y.git", "file:///etc", "/etc", "ext::sh -c id",
        "https://user:pass@git.example.com/x.git", "https://git.example.com", "https://git.example.com/x?y=1", "https://127.0.0.1/x.git",
        "https://169.254.169.254/latest", "https://[::1]/x.git", "https://[fd00::1]/x.git", "https://10.0.0.1/x.git",
        "https://[::ffff:169.254.169.254]/x.git", "https://[64:ff9b::a9fe:a9fe]/x.git", "https://localhost/x.git",
        "-u", "https://git.example.com/x\n.git", "",
    ],
)  # fmt: skip
async def test_other_addresses_are_refused(served: Gateway, url: str) -> None:
    """Other protocols, internal addresses however they are written, users in the address."""
    answer = await create(served, "nowhere", url)
    assert answer.status == 400, answer.text
    assert "pass@" not in answer.text
    assert not (served.sites / "nowhere").exists()
    assert left_behind(served) == []


def test_addresses_are_judged_as_they_are_routed() -> None:
    """Also those that carry another one."""
    for address in ("8.8.8.8", "2606:4700::1111"):
        check_address("git.example.com", address, ())
    check_address("git.internal", "10.1.2.3", ("git.internal",))
    for address in (
        "10.0.0.1", "127.9.9.9", "169.254.170.2", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::", "fe80::1%eth0", "fd00:ec2::254",
        "::ffff:10.0.0.1", "2002:0a00:0001::", "64:ff9b::7f00:1", "::127.0.0.1", "fec0::1", "64:ff9b:1::a00:1", "::ffff:0:7f00:1",
    ):  # fmt: skip
        with pytest.raises(Exception, match="gitInternalHosts"):
            check_address("git.example.com", address, ())
    assert str(remote_url("https://github.com/a/b/", ())) == "https://github.com/a/b"


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("inward", 400, "git-address"), ("page", 502, "git-remote"), ("junk", 502, "git-remote"), ("absent", 502, "git-remote"),
        ("odd", 400, "git-address"), ("endless", 413, "too-large"), ("bomb-answer", 502, "git-remote"),
    ],
)  # fmt: skip
async def test_a_remote_that_is_none_is_refused(
    served: Gateway, server: GitServer, name: str, status: int, code: str
) -> None:
    """Redirects inward or to what is no place, is a web page, talks nonsense, has no such
    repository, lists references without an end, or in a form that unpacks to more.
    """
    answer = await create(served, "bad", server.url(name))
    assert (answer.status, answer.json["code"]) == (status, code), answer.text
    assert not (served.sites / "bad").exists()
    assert left_behind(served) == []


@pytest.mark.parametrize(
    ("becomes", "status", "code"),
    [
        ("inward", 400, "git-address"), ("page", 502, "git-remote"), ("absent", 502, "git-remote"),
        ("locked", 422, "git-credential"),
    ],
)  # fmt: skip
async def test_a_remote_that_turns_bad_later_changes_nothing(
    served: Gateway, server: GitServer, becomes: str, status: int, code: str
) -> None:
    """Pull and push are refused as a clone is; files, commits and what differs stay."""
    name = f"later-{becomes}"
    session = await made(served, server, name)
    await write(served, session, **{"src/data/list.txt": "mine\n"})
    await committed(served, session, "Mine")
    await write(served, session, **{"README.md": "not committed\n"})
    before = [(await served.api("GET", session + path)).json for path in ("/git", "/git/log")]
    config = served.sites / name / ".git/config"
    if becomes == "locked":
        server.needs_credential = True
    else:
        config.write_text(config.read_text().replace(server.url(name), server.url(becomes)))
    try:
        for call in ("pull", "push"):
            refused = await served.api("POST", f"{session}/git/{call}")
            assert (refused.status, refused.json["code"]) == (status, code), (call, refused.text)
    finally:
        server.needs_credential = False
    config.write_text(config.read_text().replace(server.url(becomes), server.url(name)))
    after = [(await served.api("GET", session + path)).json for path in ("/git", "/git/log")]
    assert after == before
    assert (served.sites / name / "README.md").read_text() == "not committed\n"
    assert await served.state(name) == "ready"


async def test_a_remote_that_hangs_is_given_up(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked in this process, with a shorter patience."""
    from container.gateway.git import remote

    monkeypatch.setattr(remote, "SILENCE_SECONDS", 0.3)
    url = remote.remote_url(server.url("hang"), (server.address,))
    began = time.monotonic()
    async with remote.Remote(url, None, (server.address,), 1000) as asked:
        with pytest.raises(GitRemote, match="in time"):
            await asked.advertised("git-upload-pack")
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pass-word@h.example/x", "https://user:pass-word/more@h.example/x", "https:/user:pass-word@h.example",
        "https://h.example/x?token=pass-word", "https://h.example/x#pass-word", "user:pass-word@h.example:x",
    ],
)  # fmt: skip
def test_a_refused_address_repeats_no_secret(url: str) -> None:
    with pytest.raises(GitAddress) as refused:
        remote_url(url, ())
    assert "pass-word" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("git@github.com:acme/site.git", "such as https://github.com/acme/site.git. "),
        ("ssh://git@git.example.com:2222/acme/site", "such as https://git.example.com/acme/site. "),
        ("git@github.com", "such as https://github.com/owner/name.git. "),
    ],
)
def test_an_ssh_address_is_refused_with_the_https_one(url: str, words: str) -> None:
    """It is repeated as it was sent: `git` is not secret. Another user may be a token."""
    with pytest.raises(GitAddress) as refused:
        remote_url(url, ())
    assert f"url is {url!r}; allowed is an https address" in str(refused.value)
    assert words in str(refused.value)
    with pytest.raises(GitAddress, match=r"url is 'github\.com:acme/site\.git'"):
        remote_url("a-token@github.com:acme/site.git", ())


@pytest.mark.parametrize("url", ["https://10.0.0.1/x.git", "http://git.example.com/x.git"])
def test_the_setting_for_internal_hosts_has_both_its_names(url: str) -> None:
    with pytest.raises(GitAddress) as refused:
        remote_url(url, ())
    assert "`astro-live:gitInternalHosts` (ASTRO_LIVE_GIT_INTERNAL_HOSTS" in str(refused.value)


async def test_a_server_that_cannot_be_reached_is_reported_in_plain_words(
    server: GitServer,
) -> None:
    """The HTTP library has `ssl:default` for every address, also for one of http."""
    with socket.socket() as unused:
        unused.bind((server.address, 0))
        port = unused.getsockname()[1]
    closed, host = f"{server.address}:{port}", server.host
    name = "does-not-exist.invalid"  # RFC 6761, section 6.4
    for url, words in (
        (f"http://{closed}/x.git", f"{closed}/x.git cannot be reached by http: connection refused"),
        (f"https://{closed}/x.git", "cannot be reached by https: connection refused. Check host"),
        (f"https://{host}/x.git", "cannot be reached by https: TLS fails. Check the port"),
        (f"https://{name}/x.git", f"{name}/x.git cannot be reached by https: the name of the host"),
    ):
        hosts = (server.address,)
        async with Remote(remote_url(url, hosts), None, hosts, 1000) as remote:
            with pytest.raises(GitRemote) as refused:
                await remote.advertised("git-upload-pack")
        assert words in str(refused.value)
        assert "ssl:" not in str(refused.value)


# Repositories that mean harm


def raw_tree(server: GitServer, name: str, mode: str, path: bytes) -> None:
    """A repository whose only commit has a tree that no git would make, written byte for byte."""
    clone = server.make(name, SITE)
    blob = git(clone, "hash-object", "-w", "--stdin", data=b"x\n")
    data = mode.encode() + b" " + path + b"\0" + bytes.fromhex(blob)
    tree = git(clone, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=data)
    commit = git(clone, "commit-tree", "-m", "bad", tree)
    bare = server.folder / f"{name}.git"
    subprocess.run(["cp", "-r", f"{clone}/.git/objects/.", f"{bare}/objects/"], check=True)
    git(bare, "update-ref", "refs/heads/main", commit)


NAMES: dict[str, bytes] = {
    "up": b"..",
    "here": b".",
    "git": b".git",
    "gitcase": b".GIT",
    "ntfs": b"git~1",
    "hfs": ".g\u200cit".encode(),
    "slash": b"a/b",
    "control": b"a\nb",
    "bytes": b"a\xff",
    "modules": b"node_modules",
    "backslash": b"..\\x",
    "long": b"x" * 300,
}


@pytest.mark.parametrize(
    ("name", "mode", "path"),
    [
        *((name, "100644", path) for name, path in NAMES.items()),
        ("sub", "160000", b"sub"),
        ("linkgit", "120000", b".gitmodules"),
    ],
)
async def test_names_that_no_project_has_are_refused(
    served: Gateway, server: GitServer, name: str, mode: str, path: bytes
) -> None:
    """By git's own checks or by ours; nothing is left, and the gateway is well."""
    raw_tree(server, f"bad-{name}", mode, path)
    answer = await create(served, f"bad-{name}", server.url(f"bad-{name}"))
    assert (answer.status, answer.json["code"]) in [
        (422, "git-unsupported"),
        (422, "git-failed"),
    ], answer.text
    assert not (served.sites / f"bad-{name}").exists()
    assert left_behind(served) == []


@pytest.mark.parametrize(
    ("name", "target", "fine"),
    [
        ("inside", "../README.md", True), ("deep", "data/list.txt", True), ("absolute", "/etc/passwd", False), ("out", "../../x", False),
        ("through", "data/../../..", False),
    ],
)  # fmt: skip
async def test_links_stay_inside(
    served: Gateway, server: GitServer, name: str, target: str, fine: bool
) -> None:
    clone = server.make(f"link-{name}", SITE)
    (clone / "src/link").symlink_to(target)
    server.commit(f"link-{name}", {}, "link")
    answer = await create(served, f"link-{name}", server.url(f"link-{name}"))
    if fine:
        assert answer.status == 201, answer.text
        assert (served.sites / f"link-{name}/src/link").readlink() == Path(target)
    else:
        assert (answer.status, answer.json["unsupported"]) == (422, "links")
        assert not (served.sites / f"link-{name}").exists()


async def test_lfs_and_more_than_a_session_may_have_are_refused(
    served: Gateway, server: GitServer
) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 9\n"
    server.make("lfs", {**SITE, "big.png": pointer})
    refused = await create(served, "lfs", server.url("lfs"))
    assert (refused.status, refused.json["unsupported"]) == (422, "lfs")
    assert "big.png" in refused.json["detail"]
    server.make("bomb", {**SITE, "zeros.bin": bytes(80 << 20)})  # packs to some kilobytes
    refused = await create(served, "bomb", server.url("bomb"))
    assert refused.status == 413, refused.text
    assert not (served.sites / "bomb").exists()
    assert left_behind(served) == []


async def test_nothing_of_a_repositorys_configuration_runs(
    served: Gateway, server: GitServer, tmp_path: Path
) -> None:
    """Hooks, filters, monitors, drivers, helpers, commands, includes, other addresses: written by
    a site's code into its own repository, and attributes by its author.
    """
    attributes = "* filter=evil diff=evil merge=evil text=auto\n"
    session = await made(served, server, "config", **{".gitattributes": attributes})
    ran = tmp_path / "ran"
    touch = f"touch {ran}"
    folder = served.sites / "config/.git"
    with (folder / "config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {touch}\n\thooksPath = {tmp_path}/hooks\n\tsshCommand = {touch}\n"
            f"\teditor = {touch}\n\tpager = {touch}\n\tgitProxy = {touch}\n\tworktree = /\n"
            f"\talternateRefsCommand = {touch}\n"
            f'[filter "evil"]\n\tclean = {touch}\n\tsmudge = {touch}\n\tprocess = {touch}\n'
            f'\trequired = true\n[diff]\n\texternal = {touch}\n[diff "evil"]\n\ttextconv = {touch}\n'
            f'\tcommand = {touch}\n[merge "evil"]\n\tdriver = {touch}\n'
            f"[credential]\n\thelper = !{touch}\n[gpg]\n\tprogram = {touch}\n[commit]\n\tgpgSign = true\n"
            f"[log]\n\tshowSignature = true\n[http]\n\tproxy = http://127.0.0.1:9\n[include]\n"
            f"\tpath = {tmp_path}/more\n"
            f'[url "http://127.0.0.1:9/"]\n\tinsteadOf = {server.url("config")[:20]}\n'
            f'[uploadpack]\n\tpackObjectsHook = {touch}\n[trailer "x"]\n\tcommand = {touch}\n'
        )
    for hooks in (folder / "hooks", tmp_path / "hooks"):
        hooks.mkdir()
        for name in ("pre-commit", "post-commit", "pre-push", "post-checkout", "reference-transaction", "post-index-change",
                     "commit-msg", "prepare-commit-msg", "pre-rebase", "post-rewrite", "fsmonitor-watchman", "post-merge"):  # fmt: skip
            (hooks / name).write_text(f"#!/bin/sh\n{touch}\n")
            (hooks / name).chmod(0o755)
    nested = served.sites / "config/nested"
    git(served.sites, "init", "-q", str(nested))
    git(nested, "commit", "-q", "--allow-empty", "-m", "x")
    git(nested, "config", "core.fsmonitor", touch)
    await write(served, session, **{"README.md": "mine\n"})
    for path in ("/git", "/git/diff", "/git/log", "/git/branches"):
        assert (await served.api("GET", session + path)).status == 200
    await committed(served, session)
    server.commit("config", {"theirs.txt": "t"}, "Theirs")
    assert (await served.api("POST", session + "/git/pull")).status == 200
    assert (await served.api("POST", session + "/git/push")).status == 200
    body = {"branch": "other", "create": True}
    assert (await served.api("POST", session + "/git/switch", body=body)).status == 200
    assert (await served.api("POST", session + "/undo")).status in (200, 409)
    assert not ran.exists()
    assert server.show("config", "README.md") == "mine"


@pytest.mark.parametrize(
    "broken",
    ["gitfile", "link", "alternates", "objects", "index", "head", "pipe-head", "pipe-index"],
)
async def test_a_repository_that_was_damaged_is_refused(
    served: Gateway, server: GitServer, broken: str
) -> None:
    """With a word, in bounded time; the session goes on."""
    session = await made(served, server, f"broken-{broken}")
    folder = served.sites / f"broken-{broken}/.git"
    match broken:
        case "gitfile":
            folder.rename(folder.with_name("moved"))
            folder.write_text(f"gitdir: {folder.with_name('moved')}\n")
        case "link":
            folder.rename(folder.with_name("moved"))
            folder.symlink_to("moved")
        case "alternates":
            (folder / "objects/info/alternates").write_text("/etc\n")
        case "objects":
            for pack in (folder / "objects/pack").iterdir():
                pack.chmod(0o600)
                pack.write_bytes(b"PACK")
        case "index":
            (folder / "index").write_bytes(b"DIRC" + os.urandom(200))
        case "head":
            (folder / "HEAD").write_bytes(b"\0\xff" * 100)
        case "pipe-head":
            (folder / "HEAD").unlink()
            os.mkfifo(folder / "HEAD")
        case "pipe-index":
            (folder / "index").unlink()
            os.mkfifo(folder / "index")
    for method, path in (("GET", "/git"), ("GET", "/git/diff"), ("POST", "/git/pull")):
        answer = await served.api(method, session + path)
        assert answer.status in (409, 422), (path, answer.text)
    assert await served.state(f"broken-{broken}") == "ready"
    assert (await served.api("PUT", session + "/files/x.txt", data=b"x")).status == 201


async def test_a_git_that_waits_for_a_pipe_holds_up_nobody_else(
    served: Gateway, server: GitServer
) -> None:
    """A site's own code can have git wait until it is ended. Neither the health of the task nor
    another session's files wait with it.
    """
    session = await made(served, server, "pipe")
    await served.start("beside")
    pipe = served.sites / "pipe/.gitignore"
    os.mkfifo(pipe)
    waiting = [asyncio.create_task(served.api("GET", session + "/git")) for _ in range(12)]
    try:
        for number in range(3):
            path = f"{SESSIONS}/beside/files/x{number}.txt"
            assert (await served.api("PUT", path, data=b"x")).status == 201
            ready = await served.api("GET", "/health/ready", token=None)
            assert ready.status == 200, ready.text
        operations = [{"op": "write", "path": "y.txt", "content": "y"}]
        batch = await served.api(
            "POST", f"{SESSIONS}/beside/batch", body={"operations": operations}
        )
        assert batch.status == 200, batch.text
        assert not all(task.done() for task in waiting)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.to_thread(_release, pipe)


def _release(pipe: Path) -> None:
    """Have those that wait for the pipe's other end go on, and remove it."""
    with contextlib.suppress(OSError):  # ENXIO: nobody waits
        while True:
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
            time.sleep(0.1)
    pipe.unlink()


@pytest.mark.parametrize("lock", ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
async def test_a_lock_is_respected_and_one_that_was_left_removed(
    served: Gateway, server: GitServer, lock: str
) -> None:
    """Before a file is changed: neither is half a pull made, nor is Git refused for ever."""
    session = await made(served, server, "lock-" + lock.replace("/", "-").replace(".", "-").lower())
    name = session.rpartition("/")[2]
    theirs = server.commit(name, {"README.md": "theirs\n"}, "Theirs")
    left = served.sites / name / ".git" / lock
    left.write_text("")
    refused = await served.api("POST", session + "/git/pull")
    assert (refused.status, refused.json["code"]) == (409, "git-conflict"), refused.text
    assert "another Git program" in refused.json["detail"]
    assert (served.sites / name / "README.md").read_text() == "site\n"
    long_ago = time.time() - LEFT_SECONDS - 60
    os.utime(left, (long_ago, long_ago))
    pulled = await served.api("POST", session + "/git/pull")
    assert (pulled.status, pulled.json["commit"]) == (200, theirs), pulled.text
    await write(served, session, **{"README.md": "mine\n"})
    await committed(served, session)


async def test_a_pull_during_which_the_branch_is_switched_changes_nothing(
    served: Gateway, server: GitServer
) -> None:
    """What was fetched for one branch is not put onto another."""
    session = await made(served, server, "switched")
    server.commit("switched", {"README.md": "theirs\n"}, "Theirs")
    server.held.clear()
    server.hold.clear()
    pulling = asyncio.create_task(served.api("POST", session + "/git/pull"))
    try:
        assert await asyncio.to_thread(server.held.wait, 60)
        body = {"branch": "other", "create": True}
        assert (await served.api("POST", session + "/git/switch", body=body)).status == 200
    finally:
        server.hold.set()
    pulled = await pulling
    assert (pulled.status, pulled.json["code"]) == (409, "git-conflict"), pulled.text
    assert (served.sites / "switched/README.md").read_text() == "site\n"
    status = (await served.api("GET", session + "/git")).json
    assert (status["branch"], status["files"]) == ("other", [])


async def test_a_branch_that_cannot_be_made_changes_no_file(
    served: Gateway, server: GitServer
) -> None:
    """Its name is a folder of another branch: refused before the files are switched."""
    session = await made(served, server, "folder-branch")
    project = served.sites / "folder-branch"
    server.commit("folder-branch", {"README.md": "theirs\n"}, "Theirs")
    assert (await served.api("POST", session + "/git/pull")).status == 200
    git(project, "update-ref", "refs/remotes/origin/topic/one", "HEAD")
    git(project, "update-ref", "refs/heads/topic", "HEAD")
    git(project, "checkout", "-q", "-b", "old")
    await write(served, session, **{"README.md": "mine\n"})
    await committed(served, session)
    answer = await served.api("POST", session + "/git/switch", body={"branch": "topic/one"})
    assert (answer.status, answer.json["code"]) == (422, "git-failed"), answer.text
    assert (project / "README.md").read_text() == "mine\n"
    status = (await served.api("GET", session + "/git")).json
    assert (status["branch"], status["files"]) == ("old", [])


async def test_a_project_too_large_for_checkpoints_goes_on_without(
    served: Gateway, server: GitServer
) -> None:
    """A copy of it would leave the session no room: its site would be ended for what the gateway
    keeps. Batches and pulls are made all the same, and undo says why there is none.
    """
    session = await made(served, server, "too-large", **{"noise.bin": os.urandom(17 << 20)})
    await write(served, session, **{"new.txt": "new\n"})
    refused = await served.api("POST", session + "/undo")
    assert (refused.status, refused.json["code"]) == (413, "too-large"), refused.text
    assert "checkpoint" in refused.json["detail"]
    server.commit("too-large", {"README.md": "theirs\n"}, "Theirs")
    pulled = await served.api("POST", session + "/git/pull")
    assert pulled.status == 200, pulled.text
    assert (served.sites / "too-large/README.md").read_text() == "theirs\n"
    kept = served.sites / ".sessions/too-large.checkpoints"
    assert sum(file.stat().st_size for file in kept.rglob("*") if file.is_file()) < 1 << 20


async def test_another_remote_says_nothing_about_origin(served: Gateway, server: GitServer) -> None:
    """A push to a fork does not make the session's commits known to `origin`."""
    server.make("upstream", SITE)
    made_whole = await create(served, "upstream", server.url("upstream"), depth=10)
    assert made_whole.status == 201, made_whole.text
    session = f"{SESSIONS}/upstream"
    server.make("fork", {"x": "x"})
    git(server.folder / "fork.git", "update-ref", "-d", "refs/heads/main")
    await write(served, session, **{"README.md": "mine\n"})
    commit = await committed(served, session)
    for url, ahead in ((server.url("fork"), 1), (server.url("upstream"), 0)):
        pushed = await served.api("POST", session + "/git/push", body={"url": url})
        assert pushed.status == 200, pushed.text
        assert (await served.api("GET", session + "/git")).json["ahead"] == ahead
    assert server.tip("fork") == server.tip("upstream") == commit


async def test_a_lock_of_the_branch_is_named_before_a_commit(
    served: Gateway, server: GitServer
) -> None:
    session = await made(served, server, "locked-branch")
    await write(served, session, **{"README.md": "mine\n"})
    left = served.sites / "locked-branch/.git/refs/heads/main.lock"
    left.write_text("")
    body = {"message": "x", "author": AUTHOR}
    refused = await served.api("POST", session + "/git/commit", body=body)
    assert (refused.status, refused.json["code"]) == (409, "git-conflict"), refused.text
    long_ago = time.time() - LEFT_SECONDS - 60
    os.utime(left, (long_ago, long_ago))
    await committed(served, session)


async def test_a_push_of_a_part_of_the_history_says_so(served: Gateway, server: GitServer) -> None:
    """To a remote that does not have the rest, from a session with the last commit only."""
    session = await made(served, server, "shallow")
    server.make("other-history", {"x": "x"})
    git(server.folder / "other-history.git", "update-ref", "-d", "refs/heads/main")
    body = {"url": server.url("other-history")}
    refused = await served.api("POST", session + "/git/push", body=body)
    assert (refused.status, refused.json["code"]) == (409, "git-rejected"), refused.text
    assert "depth" in refused.json["detail"]
