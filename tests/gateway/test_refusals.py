"""Every body of the API: what is wrong with it is named with the field, the value, unless it may be
a secret, and what is allowed (S16, S31).
"""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from container.gateway import file_models, git_models, run_models
from container.gateway.bodies import _members, _parsed, as_model
from container.gateway.credentials_api import CredentialRequest
from container.gateway.errors import BadRequest
from container.gateway.files.edits import Edit, edited
from container.gateway.files.versions import Changed
from container.gateway.git_models import CreateRequest, RepositoryModel
from container.gateway.openapi import document
from container.gateway.refusals import SECRET, allowed, nearest, quoted, without_user

MODELS: Final[tuple[type[BaseModel], ...]] = (
    *file_models.REQUESTS, *git_models.REQUESTS, *run_models.REQUESTS, CredentialRequest,
)  # fmt: skip

WRITE = {"op": "write", "path": "a.txt", "content": "x", "if_sha256": "0" * 64, "if_absent": False, "encoding": "utf-8"}  # fmt: skip
EDIT = {"op": "edit", "path": "a.txt", "edits": [{"old": "a", "new": "b", "count": 1}]}
CREDENTIAL = {"host": "example.test", "username": "ada", "password": "pass-word-0123456789"}
REMOTE = {"url": "https://example.test/a.git", "credential": CREDENTIAL}
BODIES: Final[dict[str, list[dict[str, Any]]]] = {
    "BatchRequest": [{"operations": [
        WRITE, EDIT, {"op": "delete", "path": "a.txt"},
        {"op": "move", "path": "a.txt", "to": "b.txt", "overwrite": True},
    ]}],
    "EditRequest": [{"edits": EDIT["edits"]}],
    "MoveRequest": [{"path": "a.txt", "to": "b.txt", "overwrite": False}],
    "CreateRequest": [{
        "id": "shop", "template": "starter", "root": "docs",
        "repository": {**REMOTE, "ref": "main", "depth": 1},
    }],
    "CommitRequest": [{
        "message": "Add it", "author": {"name": "Ada", "email": "a@example.test"}, "paths": ["a.txt"],
    }],
    "SwitchRequest": [{"branch": "next", "create": True}],
    "RemoteRequest": [REMOTE, {"url": REMOTE["url"], "secret": "acme"}],
    "CheckpointRequest": [{"name": "Before"}],
    "RestoreRequest": [{"paths": ["a.txt"]}],
    "ChangeRequest": [{"root": "docs"}],
    "TokenRequest": [{"name": "Ada", "may_post": True}],
    "RebuildRequest": [{"publish": True, "force": False}],
    "ServeRequest": [{}],
    "CredentialRequest": [{
        "name": "agent", "scopes": ["write"], "sessions": ["shop"], "git_secrets": ["acme"],
        "viewers_may_post": True, "expires_in_seconds": 60,
    }],
}  # fmt: skip
"""Whole bodies: between them they have every member of every model."""


@dataclass(frozen=True)
class Place:
    """A member of a body."""

    model: type[BaseModel]
    body: dict[str, Any]
    path: tuple[str | int, ...]

    @property
    def field(self) -> str:
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts).removeprefix(".")

    @property
    def value(self) -> Any:
        return at(self.body, self.path)

    @property
    def secret(self) -> bool:
        return any(isinstance(part, str) and SECRET.search(part) for part in self.path)

    def broken(self, value: Any = ..., *, sibling: str = "") -> dict[str, Any]:
        """The body with another value there, without the member, or with one beside it."""
        body = copy.deepcopy(self.body)
        parent, last = at(body, self.path[:-1]), self.path[-1]
        if sibling:
            parent[sibling] = value
        elif value is ...:
            del parent[last]
        else:
            parent[last] = value
        return body


def at(body: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        body = body[part]
    return body


def members(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in inner:
        yield (*path, name)
        if isinstance(each, dict | list):
            yield from members(each, (*path, name))


PLACES: Final = [
    Place(model, body, path)
    for model in MODELS
    for body in BODIES[model.__name__]
    for path in members(body)
]
NAMED: Final = [place for place in PLACES if isinstance(place.path[-1], str)]
WRONG: Final[tuple[Any, ...]] = (
    None,
    True,
    -7,
    1.5,
    "§ wrong",
    ["§"],
    {"x": "§"},
    "x" * 5000,
    [],
    {},
)
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


def refused(place: Place, body: dict[str, Any]) -> BadRequest | None:
    try:
        as_model(body, place.model)
    except BadRequest as error:
        return error
    return None


def names_of(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def test_every_body_of_the_description_is_broken_here() -> None:
    """And every member of each: a new call comes with its body."""
    described = set()
    for operations in document()["paths"].values():
        for method, operation in operations.items():
            content = {} if method == "parameters" else operation.get("requestBody", {})
            schema = content.get("content", {}).get("application/json", {}).get("schema")
            if schema and "$ref" in schema:
                described.add(schema["$ref"].rpartition("/")[2])
            elif schema and operation["operationId"] != "callTools":
                described.add(frozenset(schema["properties"]))
    inline = {frozenset(names_of(model)) for model in run_models.REQUESTS}
    of_models = {model.__name__ for model in MODELS} - {
        each.__name__ for each in run_models.REQUESTS
    }
    assert {each for each in described if isinstance(each, str)} == of_models
    assert {each for each in described if not isinstance(each, str)} <= inline
    for model in MODELS:
        assert {path[0] for body in BODIES[model.__name__] for path in members(body)} == names_of(
            model
        )
        for body in BODIES[model.__name__]:
            as_model(body, model)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.model.__name__}-{place.field}")
def test_a_wrong_value_is_named_with_its_field_and_what_is_allowed(place: Place) -> None:
    """Any member, in any depth, with a value of another type or out of range."""
    refusals = [assert_named(place, wrong) for wrong in WRONG]
    assert any(refusals)


@given(st.sampled_from(PLACES), JSON)
def test_so_is_any_other_value(place: Place, wrong: Any) -> None:
    assert_named(place, wrong)


def assert_named(place: Place, wrong: Any) -> bool:
    """Whether the body is refused; if so, in words that name field, value and what is allowed."""
    error = refused(place, place.broken(wrong))
    if error is None:
        return False  # the value is allowed there
    text = str(error)
    if error.details["errors"][0]["pointer"] == "#":
        return True  # members that do not fit together: `test_members_that_do_not_fit`
    assert re.search(rf"`{re.escape(place.field)}[`.\[]", text), text
    assert re.search(r"` must be .+; got |` is missing; it must be |` is not known; ", text), text
    if place.secret:
        assert "§" not in text
        assert "-7" not in text
        assert "xxx" not in text
    elif isinstance(wrong, str) and place.path[-1] not in ("content", "old", "new"):
        value = without_user(wrong) if place.path[-1] == "url" else wrong
        assert f"got {quoted(value)}" in text, text
    elif wrong is None or isinstance(wrong, bool | int | float):
        assert f"got {json.dumps(wrong)}" in text, text
    assert len(text) < 1200
    assert_machine_readable(error, place)
    return True


def assert_machine_readable(error: BadRequest, place: Place) -> None:
    pointers = [each["pointer"] for each in error.details["errors"]]
    start = "#/" + "/".join(map(str, place.path))
    assert any(pointer.startswith(start) for pointer in pointers), pointers
    assert all(each["detail"] in str(error) for each in error.details["errors"])


@pytest.mark.parametrize("place", NAMED, ids=lambda place: f"{place.model.__name__}-{place.field}")
def test_a_misspelt_name_is_named_with_the_one_that_was_meant(place: Place) -> None:
    """And its value is not repeated: it may be a secret."""
    name = str(place.path[-1])
    misspelt = name[:-1] if len(name) > 3 else name + "x"
    error = refused(place, place.broken("hunter2", sibling=misspelt))
    assert error is not None
    text = str(error)
    field = Place(place.model, place.body, (*place.path[:-1], misspelt)).field
    where = Place(place.model, place.body, place.path[:-1]).field
    assert f"`{field}` is not known; allowed in {f'`{where}`' if where else 'the body'}: " in text
    assert re.search(rf"(: |, ){name}\b", text), text
    assert "(did you mean `" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("place", NAMED, ids=lambda place: f"{place.model.__name__}-{place.field}")
def test_a_member_that_is_missing_is_named_with_what_it_may_be(place: Place) -> None:
    """If it is needed."""
    error = refused(place, place.broken())
    if error is None:
        return
    text = str(error)
    if error.details["errors"][0]["pointer"] == "#":  # needed with another member only
        assert "sessions" in text or "url" in text
        return
    assert f"`{place.field}` is missing; it must be " in text


@given(st.sampled_from(NAMED), st.text(min_size=1, max_size=80), st.text(min_size=12, max_size=40))
def test_a_name_that_nobody_knows_is_one_line_without_its_value(
    place: Place, name: str, value: str
) -> None:
    """Whatever the client made up."""
    if name in at(place.body, place.path[:-1]) or name in json.dumps(BODIES):
        return
    error = refused(place, place.broken(f"§{value}§", sibling=name))
    assert error is not None
    text = str(error)
    assert " is not known; " in text
    assert "\n" not in text
    assert f"§{value}§" not in text
    json.dumps(error.details).encode()


def test_fields_that_models_keep_secret_are_secret_by_name() -> None:
    """So a new one that is declared as a plain text is not shown either."""
    models: tuple[type[BaseModel], ...] = (*MODELS, git_models.CredentialModel, RepositoryModel)
    secrets = {
        name
        for model in models
        for name, info in model.model_fields.items()
        if info.annotation is SecretStr
    }
    assert secrets == {"password"}
    assert all(map(SECRET.search, secrets))


@pytest.mark.parametrize(
    ("repository", "secret"),
    [
        ({"url": "https://u:t0ps3cret@example.test/" + "a" * 2000}, "t0ps3cret"),
        ({"url": "u:t0ps3cret@example.test/" + "a" * 2000}, "t0ps3cret"),
        ({"url": "https://example.test/?token=t0ps3cret" + "a" * 2000}, "t0ps3cret"),
        ({"url": "https://e.test/a", "credential": "t0ps3cret"}, "t0ps3cret"),
        ({"url": "https://e.test/a", "secret": "t0ps3cret!"}, "t0ps3cret"),
        ({"url": "https://e.test/a", "credential": {**CREDENTIAL, "password": 40310}}, "40310"),
        ({"url": "https://e.test/a", "credential": {**CREDENTIAL, "password": "p" * 9000}}, "ppp"),
        ({"url": "https://e.test/a", "credential": {**CREDENTIAL, "token": "t0ps3cret"}}, "t0ps3cret"),
        ({"url": "https://e.test/a", "tokens": "t0ps3cret"}, "t0ps3cret"),
        ("t0ps3cret", "nothing"),
    ],
)  # fmt: skip
def test_no_secret_is_repeated(repository: Any, secret: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        as_model({"id": "shop", "repository": repository}, CreateRequest)
    assert secret not in str(refusal.value) + json.dumps(refusal.value.details)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "a", "scopes": ["read", "read"], "sessions": ["a"]}, "scopes has 'read' more than"),
        ({"name": "a", "scopes": ["read"], "sessions": ["a", "a"]}, "sessions has 'a' more than"),
        ({"name": "a", "scopes": ["read"]}, "sessions is empty"),
        ({"name": "a", "scopes": ["service", "read"]}, "the scope service goes without"),
    ],
)  # fmt: skip
def test_members_that_do_not_fit(body: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequest, match=f"the body: {words}"):
        as_model(body, CredentialRequest)


def test_three_errors_are_listed_and_the_others_counted() -> None:
    body = {"operations": [{"op": "delete", "path": ""} for _ in range(9)]}
    with pytest.raises(BadRequest, match=r"; and 6 more$") as refusal:
        as_model(body, file_models.BatchRequest)
    assert [each["pointer"] for each in refusal.value.details["errors"]] == [
        f"#/operations/{number}/path" for number in range(3)
    ]


def test_a_name_of_the_clients_may_be_one_of_a_union() -> None:
    """pydantic's own place for an error has the union's member in it, which nobody has sent."""
    body = {"operations": [{"op": "move", "path": "a", "move": {"to": 1}}]}
    with pytest.raises(BadRequest) as refusal:
        as_model(body, file_models.BatchRequest)
    assert "`operations[0].to` is missing" in str(refusal.value)
    assert "`operations[0].move` is not known" in str(refusal.value)


def test_a_large_wrong_body_is_refused_in_bounded_work() -> None:
    body = {"operations": [WRITE], **{"x" * 1000 + str(number): 1 for number in range(900)}}
    began = time.process_time()
    with pytest.raises(BadRequest) as refusal:
        as_model(body, file_models.BatchRequest)
    assert time.process_time() - began < 1
    assert len(str(refusal.value)) < 1000


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"id": "shop",}', "at line 1, column 15"),
        (b'{\n  "id": shop\n}', "at line 2, column 9"),
        (b"", "at line 1, column 1"),
        (b'{"id": "\xff"}', "byte 9 is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 5000, "too many digits"),
    ],
)
def test_invalid_json_is_reported_with_its_place(data: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=f"the body is not valid JSON: .*{words}"):
        _parsed(data)


def test_half_a_surrogate_pair_is_not_repeated() -> None:
    """JSON may have it escaped, and no encoding has it: printing the answer would fail."""
    body = json.loads(b'{"operations": [{"op": "delete", "path": "\\udcff"}]}')
    with pytest.raises(BadRequest) as refusal:
        as_model(body, file_models.BatchRequest)
    (str(refusal.value) + refusal.value.details["errors"][0]["detail"]).encode()


def test_a_text_that_is_not_in_the_file_is_named() -> None:
    """Shortened, and with how often it is there."""
    link = "<a href='https://ada@e.test/?q=1#a'>"
    for old, shown in (
        ("<h2>", '"<h2>"'),
        (link, link),
        ("a" * 500, '…" (500 characters)'),
        ("a\nb", r'"a\nb"'),
    ):
        with pytest.raises(Changed) as refusal:
            edited("a.astro", b"<h1>one</h1>", [Edit(old=old, new="x")], None, 1000)
        text = str(refusal.value)
        assert "edit 0 occurs 0 times in 'a.astro', not 1: " in text
        assert shown in text
        assert len(text) < 400


@pytest.mark.parametrize(
    ("name", "meant"),
    [("templates", "template"), ("Template", "template"), ("ifSha256", "if_sha256"), ("zzz", "")],
)
def test_the_nearest_name_is_the_one_that_was_meant(name: str, meant: str) -> None:
    assert nearest(name, ["template", "if_sha256", "id"]) == meant


def test_patterns_are_words() -> None:
    """No model has one that a person would have to read."""
    for model in MODELS:
        for schema in (
            model.model_json_schema(),
            *model.model_json_schema().get("$defs", {}).values(),
        ):
            for member in schema.get("properties", {}).values():
                for part in (member, member.get("items", {}), *member.get("anyOf", [])):
                    assert "that matches" not in allowed(part), member
    lines = allowed({"type": "string", "minLength": 1, "pattern": r"^[^\x00-\x1f\x7f<>]+$"})
    assert lines == "a text of at least 1 character without control characters, '<' and '>'"


def test_bodies_between_tasks_are_refused_in_the_same_words() -> None:
    """They have no model besides."""
    model = _members((("owner", str), ("wait", bool), ("changes", list)))
    as_model({"owner": "a", "changes": [1]}, model)
    for body, words in (
        ({"owner": 1}, "`owner` must be a text"),
        ({"wait": None}, "`wait` must be true or false"),
        ({"change": []}, "(did you mean `changes`?)"),
    ):
        with pytest.raises(BadRequest, match=re.escape(words)):
            as_model(body, model)
