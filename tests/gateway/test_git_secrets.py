"""Calls about Git that name a secret instead of a credential (S34): who may, for which remotes, and
that the value is nowhere but in the request to the remote.

Secrets Manager is moto's, the remote is the real `git http-backend`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import os
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer
from yarl import URL

from container.gateway.credentials.model import ENVIRONMENT, Caller, Scope
from container.gateway.git import secrets as git_secrets
from container.gateway.git.remote import Credential
from container.gateway.git.secrets import (
    LONGEST,
    GitSecretNotAllowed,
    GitSecrets,
    GitSecretUnavailable,
    Unreadable,
    parsed,
    read_source,
)
from contract.api import API_ROOT

from .git_server import PASSWORD, USER, GitServer, git_reason, git_server
from .harness import Answer, Gateway, descendants, running_gateway
from .test_git import AUTHOR, SESSIONS, SITE

pytestmark = pytest.mark.skipif(bool(git_reason()), reason=git_reason())

CREDENTIALS = f"{API_ROOT}/credentials"
VALUE = json.dumps({"username": USER, "password": PASSWORD})
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:git/acme-AbCdEf"


@pytest.fixture(scope="module")
def manager() -> Iterator[dict[str, str]]:
    """The environment of a client of moto's Secrets Manager."""
    for name in ("werkzeug", "moto.moto_server.werkzeug_app"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    yield {
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    reset = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset, timeout=30).close()
    server.stop()


def client(manager: dict[str, str]) -> Any:
    return boto3.client(
        "secretsmanager",
        endpoint_url=manager["AWS_ENDPOINT_URL_SECRETS_MANAGER"],
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with git_server(tmp_path_factory.mktemp("repositories")) as running:
        running.needs_credential = True
        yield running


@pytest.fixture(scope="module")
def arns(manager: dict[str, str]) -> dict[str, str]:
    made = client(manager)
    return {
        name: made.create_secret(Name=f"git/{name}", SecretString=VALUE)["ARN"]
        for name in ("all", "one", "moved", "bad")
    }


@pytest.fixture(scope="module")
def served(
    server: GitServer,
    manager: dict[str, str],
    arns: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gateway]:
    host = f"http://{server.host}"
    entries = [
        f"all={host}={arns['all']}",
        f"one={host}/one.git={arns['one']}",
        f"one={host}/renamed-one.git={arns['one']}",
        f"moved={host}={arns['moved']}",
        f"bad={host}={arns['bad']}",
    ]
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        wait=True,
        ASTRO_LIVE_GIT_INTERNAL_HOSTS=server.address,
        ASTRO_LIVE_GIT_SECRET_NAMES=" ".join(entries),
        **manager,
    ) as gateway:
        yield gateway


async def create(gateway: Gateway, session: str, url: str, **more: Any) -> Answer:
    body = {"id": session, "repository": {"url": url, **more}}
    return await gateway.api("POST", SESSIONS, body=body)


async def agent(gateway: Gateway, session: str, *names: str) -> str:
    """The secret of a credential that may read and write the session, and name these secrets."""
    body = {
        "name": "agent",
        "scopes": ["read", "write"],
        "sessions": [session],
        "git_secrets": list(names),
    }
    answer = await gateway.api("POST", CREDENTIALS, body=body)
    assert answer.status == 201, answer.text
    assert answer.json["git_secrets"] == list(names)
    return str(answer.json["secret"])


async def changed(gateway: Gateway, session: str, **files: str) -> None:
    """Files are written and committed."""
    operations = [{"op": "write", "path": path, "content": text} for path, text in files.items()]
    path = f"{SESSIONS}/{session}"
    answer = await gateway.api("POST", f"{path}/batch", body={"operations": operations})
    assert answer.status == 200, answer.text
    body = {"message": "Change", "author": AUTHOR}
    answer = await gateway.api("POST", f"{path}/git/commit", body=body)
    assert answer.status == 201, answer.text


def spellings(text: str) -> list[bytes]:
    basic = base64.b64encode(f"{USER}:{text}".encode())
    return [text.encode(), basic, quote(text).encode(), json.dumps(text)[1:-1].encode()]


async def test_a_secret_is_sent_and_seen_nowhere_else(served: Gateway, server: GitServer) -> None:
    """Clone, push and pull by a secret's name, by the service and by a credential that may; while
    the push is under way, all processes, logs, files and answers are searched for the value.
    """
    server.make("hunt", SITE)
    url = server.url("hunt")
    assert (await create(served, "hunt", url)).status == 422
    answers = [await create(served, "hunt", url, secret="all")]
    assert answers[0].status == 201, answers[0].text
    token = await agent(served, "hunt", "all")
    await changed(served, "hunt", **{"new.bin": "x" * 3_000_000})
    body = {"url": url, "secret": "all"}
    server.held.clear()
    server.hold.clear()
    path = f"{SESSIONS}/hunt/git"
    pushing = asyncio.create_task(served.api("POST", f"{path}/push", body=body, token=token))
    try:
        assert await asyncio.to_thread(server.held.wait, 60)
        seen = await asyncio.to_thread(_everything, served)
    finally:
        server.hold.set()
    answers.append(await pushing)
    assert answers[-1].status == 200, answers[-1].text
    answers.append(await served.api("POST", f"{path}/pull", body=body, token=token))
    assert answers[-1].status == 200, answers[-1].text
    answers.append(await served.api("GET", "/metrics"))
    answers.append(await served.api("GET", CREDENTIALS))
    answers.append(await served.api("GET", f"{SESSIONS}/hunt/logs"))
    assert any(b"send-pack" in text for _, text in seen)  # it did look at processes
    assert any(b"api_called" in text for _, text in seen)  # and at audit lines
    for place, text in [*seen, *((str(each.status), each.body) for each in answers)]:
        for spelling in spellings(PASSWORD):
            assert spelling not in text, place
    header = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert {given for _, path, given in server.seen if "hunt" in path} == {"", header}


def _everything(gateway: Gateway) -> list[tuple[str, bytes]]:
    """What code of a site could read, and more: command lines and environments of all of the
    gateway's processes, its log, and all files of projects and scratch.
    """
    found = []
    for pid in [gateway.process.pid, *descendants(gateway.process.pid)]:
        for name in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                found.append((f"{pid} {name}", Path(f"/proc/{pid}/{name}").read_bytes()))
    files = [*gateway.sites.rglob("*"), *gateway.scratch.rglob("*"), gateway.log]
    for file in files:
        with contextlib.suppress(OSError):
            if file.is_file():
                found.append((str(file), file.read_bytes()))
    return found


async def test_who_may_name_which_secret(served: Gateway, server: GitServer, arns: Any) -> None:
    """A credential of a session may name those that its maker has given it, for their remotes."""
    server.make("one", SITE)
    assert (await create(served, "one", server.url("one"), secret="one")).status == 201
    path = f"{SESSIONS}/one/git/pull"
    token = await agent(served, "one", "one")
    good = {"url": server.url("one"), "secret": "one"}
    answer = await served.api("POST", path, body=good, token=token)
    assert answer.status == 200, answer.text
    none = await agent(served, "one")
    sent = len(server.seen)
    refused = {
        "another's": (token, {**good, "secret": "all"}),
        "nobody's": (token, {**good, "secret": "never"}),
        "no grant": (none, good),
        "another repository": (token, {**good, "url": server.url("hunt")}),
        "one beside it": (token, {**good, "url": server.url("one") + "x"}),
        "another host": (token, {**good, "url": "https://git.example.com/one.git"}),
        "another scheme": (token, {**good, "url": f"https://{server.host}/one.git"}),
        "dots": (token, {**good, "url": f"http://{server.host}/one.git/%2e%2e/hunt.git"}),
        "an escape": (token, {**good, "url": f"http://{server.host}/one.git/..%2fhunt.git"}),
    }
    for name, (given, body) in refused.items():
        answer = await served.api("POST", path, body=body, token=given)
        assert (answer.status, answer.json["code"]) == (403, "git-secret-not-allowed"), name
        for text in (*arns.values(), "moved", PASSWORD):
            assert text not in answer.text, name
    # The words for another's secret are those for none.
    texts = [
        (await served.api("POST", path, body={**good, "secret": each}, token=token)).text
        for each in ("all", "never")
    ]
    assert texts[0].replace("all", "never") == texts[1].replace("all", "never")
    answer = await served.api("POST", path, body={**good, "secret": "never"})
    assert "all, bad, moved, one" in answer.text  # the service may know
    assert len(server.seen) == sent


async def test_a_redirect_out_of_the_address_is_not_followed(
    served: Gateway, server: GitServer
) -> None:
    """`renamed-one.git` leads to `site-one.git`, which the secret `all` covers, not `one`."""
    server.make("site-one", SITE)
    answer = await create(served, "away", server.url("renamed-one"), secret="one")
    assert (answer.status, answer.json["code"]) == (400, "git-address"), answer.text
    assert not [given for _, path, given in server.seen if "site-one" in path and given]
    answer = await create(served, "away", server.url("renamed-one"), secret="all")
    assert answer.status == 201, answer.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"secret": "all"}, "needs the url"),
        (
            {
                "secret": "all",
                "url": "https://x.example/y",
                "credential": {"host": "x.example", "password": "p"},
            },
            "not both",
        ),
        ({"secret": "Not A Name", "url": "https://x.example/y"}, "secret"),
    ],
)
async def test_what_does_not_go_together_is_refused(
    served: Gateway, body: dict[str, Any], words: str
) -> None:
    """Without `url` the address would be that of `.git/config`, which code of the site writes."""
    await served.api("POST", SESSIONS, body={"id": "mixed", "template": "empty"})
    answer = await served.api("POST", f"{SESSIONS}/mixed/git/pull", body=body)
    assert (answer.status, words in answer.text) == (400, True), answer.text


@pytest.mark.parametrize(
    "members",
    [
        {"scopes": ["read"], "git_secrets": ["all"]},
        {"scopes": ["write"], "git_secrets": ["never"]},
        {"scopes": ["write"], "git_secrets": ["all", "all"]},
        {"scopes": ["service"], "sessions": [], "git_secrets": ["all"]},
    ],
)
async def test_a_credential_names_secrets_that_there_are(
    served: Gateway, members: dict[str, Any]
) -> None:
    body = {"name": "x", "sessions": ["mixed"], **members}
    answer = await served.api("POST", CREDENTIALS, body=body)
    assert answer.status == 400, answer.text
    assert "git_secrets" in answer.text


async def test_a_rotated_secret_is_read_again_once(
    served: Gateway, server: GitServer, manager: dict[str, str], arns: dict[str, str]
) -> None:
    """The value that was kept is refused with 401 and the new one is sent at once; one that the
    remote refuses as it is now is not tried for ever.
    """
    aws, arn = client(manager), arns["moved"]
    server.make("moved", SITE)
    old = json.dumps({"username": USER, "password": "of-yesterday"})
    aws.put_secret_value(SecretId=arn, SecretString=old)
    refused = await create(served, "moved", server.url("moved"), secret="moved")
    assert (refused.status, refused.json["code"]) == (422, "git-credential"), refused.text
    assert "'moved'" in refused.text
    assert "of-yesterday" not in refused.text
    aws.put_secret_value(SecretId=arn, SecretString=VALUE)
    server.seen.clear()
    answer = await create(served, "moved", server.url("moved"), secret="moved")
    assert answer.status == 201, answer.text
    given = [text for _, _, text in server.seen]
    assert len(set(given)) == 2
    assert given[0] != given[1]


async def test_a_secret_that_cannot_be_used_is_named(
    served: Gateway, server: GitServer, manager: dict[str, str], arns: dict[str, str]
) -> None:
    """Binary, empty, deleted: 503 with the reason, nothing is sent and nothing is left."""
    aws, arn = client(manager), arns["bad"]
    server.make("unused", SITE)

    def remove() -> None:
        aws.restore_secret(SecretId=arn)
        aws.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)

    changes: list[tuple[Callable[[], Any], str]] = [
        (lambda: aws.put_secret_value(SecretId=arn, SecretBinary=b"\x00\xff"), "binary"),
        (lambda: aws.put_secret_value(SecretId=arn, SecretString=" \n"), "empty"),
        (lambda: aws.put_secret_value(SecretId=arn, SecretString="{no"), "not valid JSON"),
        (lambda: aws.delete_secret(SecretId=arn, RecoveryWindowInDays=7), "deletion"),
        (remove, "does not exist"),
    ]
    for change, words in changes:
        change()
        sent = len(server.seen)
        answer = await create(served, "bad", server.url("unused"), secret="bad")
        assert (answer.status, answer.json["code"]) == (503, "git-secret"), answer.text
        assert words in answer.text
        assert arn not in answer.text
        assert len(server.seen) == sent
    assert not list(served.sites.glob("*bad*"))


# Without a gateway


def test_a_remote_that_repeats_the_credential_is_not_repeated() -> None:
    sent = Credential(host="h", username=USER, password=PASSWORD)
    for spelling in spellings(PASSWORD):
        assert spelling.decode() not in sent.hidden(f"you sent {spelling.decode()}!")
    short = Credential(host="h", username=USER, password="e")
    assert short.hidden("there") == "there"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ghp_token\n", ("x-access-token", "ghp_token")),
        ("\ufeff ghp_token \r\n", ("x-access-token", "ghp_token")),
        ('{"username": "u", "password": "p: w", "other": 1}', ("u", "p: w")),
        ("", "empty"),
        ("\n", "empty"),
        ("  ", "empty"),
        ('{"username": "u", "password": ""}', "empty"),
        ('{"username": "", "password": "p"}', "user name"),
        ('{"username": "u:v", "password": "p"}', "user name"),
        ('{"token": "p"}', "username"),
        ('{"username": 1, "password": "p"}', "username"),
        ("[" * 10, ("x-access-token", "[" * 10)),
        ('{"a":' * 100_000, "JSON"),
        ("two\nlines", "control"),
        ('{"username": "u", "password": "\\ud800"}', "Unicode"),
        ("x" * LONGEST, ("x-access-token", "x" * LONGEST)),
        ("x" * (LONGEST + 1), "longer"),
    ],
)
def test_forms_of_a_secret(text: str, found: Any) -> None:
    if isinstance(found, tuple):
        read = parsed(text)
        assert (read.username, read.password) == found
        return
    with pytest.raises(Unreadable, match=found):
        parsed(text)


CALLER = Caller(
    id="a", name="a", scopes=frozenset({Scope.WRITE}), sessions=frozenset({"s"}),
    git_secrets=frozenset({"acme"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("url", "covered"),
    [
        ("https://github.com/acme/site.git", True),
        ("https://github.com:443/acme/site.git", True),
        ("https://GitHub.com/acme/site.git", True),
        ("https://github.com/acme", True),
        ("https://github.com/acme/../evil/x.git", False),
        ("https://github.com/acme/%2e%2e/evil/x.git", False),
        ("https://github.com/acme//x.git", False),
        ("https://github.com/acme%2f..%2fevil", False),
        ("https://github.com/acme/x%5c..", False),
        ("https://github.com/acme/é", False),
        ("https://github.com/acme-evil/x.git", False),
        ("https://github.com/Acme/x.git", False),
        ("https://github.com/", False),
        ("https://github.com:8443/acme/x.git", False),
        ("https://github.com.evil.example/acme/x.git", False),
        ("https://evil.example/acme/x.git", False),
    ],
)
def test_addresses_that_a_secret_covers(url: str, covered: bool) -> None:
    held = GitSecrets([f"acme=https://github.com/acme={ARN}"], read=lambda _: "token")
    for caller in (CALLER, ENVIRONMENT):
        if covered:
            held.check("acme", URL(url), caller)
        else:
            with pytest.raises(GitSecretNotAllowed):
                held.check("acme", URL(url), caller)


def test_a_host_in_another_script_is_named_as_it_is_asked_for() -> None:
    held = GitSecrets([f"acme=https://git.xn--bcher-kva.example={ARN}"], read=lambda _: "token")
    for url in ("https://git.bücher.example/a.git", "https://git.xn--bcher-kva.example/a.git"):
        held.check("acme", URL(url), ENVIRONMENT)
    with pytest.raises(GitSecretNotAllowed):
        held.check("acme", URL("https://git.bucher.example/a.git"), ENVIRONMENT)


class Source:
    """A source that is read, counted, and may fail."""

    def __init__(self) -> None:
        self.read = 0
        self.value: str | Exception = "first"

    def __call__(self, _source: str) -> str:
        self.read += 1
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


async def test_a_value_is_kept_for_a_minute_and_read_once_for_many() -> None:
    source, now = Source(), [1000.0]
    held = GitSecrets([f"acme=https://github.com={ARN}"], read=source, clock=lambda: now[0])
    url = URL("https://github.com/acme/x.git")

    async def password() -> str:
        return (await held.credential("acme", url)).password

    assert await asyncio.gather(*(password() for _ in range(20))) == ["first"] * 20
    assert source.read == 1
    source.value = "second"
    now[0] += git_secrets.KEPT_SECONDS
    assert await password() == "first"
    now[0] += 1
    assert await password() == "second"
    assert source.read == 2
    source.value = Unreadable("AWS is away")
    now[0] += git_secrets.KEPT_SECONDS + 1
    for _ in range(2):  # a failure is not kept, nor is the old value used
        with pytest.raises(GitSecretUnavailable, match="AWS is away"):
            await password()
    assert source.read == 4


async def test_a_refused_value_is_read_again_and_compared() -> None:
    source, now = Source(), [1000.0]
    held = GitSecrets([f"acme=https://github.com={ARN}"], read=source, clock=lambda: now[0])
    first = await held.credential("acme", URL("https://github.com/acme/x.git"))
    assert first.renew is not None
    now[0] += 1
    assert await first.renew() is None  # it is the same
    source.value = "second"
    again = await held.credential("acme", URL("https://github.com/acme/x.git"))
    assert again.renew is not None
    now[0] += 1
    renewed = await again.renew()
    assert renewed is not None
    assert (renewed.password, renewed.renew) == ("second", None)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "may not read it"),
        ("ThrottlingException", "too many requests"),
        ("DecryptionFailure", "key"),
        ("SomethingNew", "SomethingNew"),
    ],
)
def test_what_aws_refuses_is_told_without_its_words(
    monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    """AWS's own message has the ARN of the secret and of the role."""

    class Refusing:
        def get_secret_value(self, **_: Any) -> Any:
            error = {"Error": {"Code": code, "Message": f"{ARN} is not for you"}}
            raise ClientError(error, "GetSecretValue")

    monkeypatch.setattr(boto3, "client", lambda *_, **__: Refusing())
    with pytest.raises(Unreadable, match=words) as raised:
        read_source(ARN)
    assert "arn:" not in str(raised.value)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "plain file|cannot be read"),
        (_pipe, "plain file"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "binary"),
        (lambda path: path.write_bytes(b"x" * 65537), "larger"),
    ],
)
def test_a_file_of_a_laptop(tmp_path: Path, make: Callable[[Path], Any], words: str) -> None:
    path = tmp_path / "token"
    make(path)
    with pytest.raises(Unreadable, match=words):
        read_source(f"file:{path}")
    good = tmp_path / "good"
    good.write_text("token\n")
    assert parsed(read_source(f"file:{good}")).password == "token"
