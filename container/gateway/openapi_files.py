"""The API's description: a project's files. Bodies and answers are `file_models.py`'s."""

from __future__ import annotations

from typing import Any, Final

from .files import archives, searching
from .files.listing import MOST_ENTRIES
from .files.paths import MAX_DEPTH
from .openapi_parts import Json, answer, errors, json_content, operation
from .verdict import LEAST_SECONDS, LONGEST_WAIT_SECONDS

BINARY: Final = {"type": "string", "format": "binary"}
OCTETS: Final = {"application/octet-stream": {"schema": BINARY}}
ETAG: Final = {
    "ETag": {"schema": {"type": "string"}, "description": "The SHA-256 of the content, in quotes"}
}
FLAG: Final = {"type": "string", "enum": ["0", "1"]}


def _schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _query(name: str, schema: Json, text: str, *, required: bool = False) -> Json:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": text,
        "schema": schema,
    }


def _header(name: str, text: str) -> Json:
    return {
        "name": name,
        "in": "header",
        "description": text,
        "schema": {"type": "string", "maxLength": 4096},
    }


IF_MATCH: Final = _header(
    "If-Match",
    "Change only a version with one of these strong entity tags; `*` for any",
)
IF_NONE_MATCH: Final = _header("If-None-Match", "`*`: create only")
WAIT: Final = {
    "name": "wait",
    "in": "query",
    "description": (
        "Answer when the open pages show the change, or the server renders it when none is open, or"
        " with what is wrong; after so many seconds in any case"
    ),
    "schema": {"type": "number", "minimum": LEAST_SECONDS, "maximum": LONGEST_WAIT_SECONDS},
}
FOLDER: Final = {"type": "string", "maxLength": 1024, "default": ""}


def file_paths(session_id: list[Json]) -> Json:
    """`session_id` describes the parameter of every path below a session."""
    return _one_file(session_id) | _many(session_id) | _archive(session_id) | _looking(session_id)


def _with_etag(described: Json) -> Json:
    return {**described, "headers": ETAG}


def _one_file(session_id: list[Json]) -> Json:
    path = [
        {
            "name": "path",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
            "x-multi-segment": True,
        }
    ]
    content: Json = {"description": "Its content", "content": OCTETS, "headers": ETAG}
    written = {
        "201": _with_etag(answer("Created", _schema("WrittenView"))),
        "200": _with_etag(answer("Replaced", _schema("WrittenView"))),
    }
    recursive = _query(
        "recursive", {**FLAG, "default": "0"}, "1: a folder goes, too, with everything in it"
    )
    reading = [
        _header("Range", "One range of bytes"),
        _header("If-Range", "An entity tag"),
        _header("If-None-Match", "Entity tags"),
    ]
    return {
        "/sessions/{id}/files/{path}": {
            "parameters": [*session_id, *path],
            "get": operation(
                "readFile",
                "A file of the project, or a part of it",
                {
                    "200": content,
                    "206": {**content, "description": "The range"},
                    "304": {"description": "The client has this version"},
                    **errors(409, 413, 416, 503),
                },
                parameters=reading,
            ),
            "put": operation(
                "writeFile",
                "Write a file in one step; the dev server is told at once",
                {**written, **errors(408, 409, 412, 413, 503, 507)},
                body=OCTETS,
                body_required=False,  # no body makes an empty file
                parameters=[IF_MATCH, IF_NONE_MATCH, WAIT],
            ),
            "patch": operation(
                "editFile",
                "Replace exact texts in a file, each of which has to occur as often as expected;"
                " all edits are made, or none",
                {"200": written["200"], **errors(408, 409, 412, 413, 503, 507)},
                body=json_content(_schema("EditRequest")),
                parameters=[IF_MATCH, WAIT],
            ),
            "delete": operation(
                "deleteFile",
                "Remove a file, or a folder with all that is in it",
                {"204": answer("Gone"), **errors(409, 412, 413, 503, 507)},
                parameters=[recursive, IF_MATCH],
            ),
        },
    }


def _many(session_id: list[Json]) -> Json:
    made = {"200": answer("What became of each path", _schema("ChangesView"))}
    return {
        "/sessions/{id}/move": {
            "parameters": session_id,
            "post": operation(
                "moveFile",
                "Rename a file or folder in one step",
                {**made, **errors(408, 409, 412, 413, 503, 507)},
                body=json_content(_schema("MoveRequest")),
                parameters=[IF_MATCH, WAIT],
            ),
        },
        "/sessions/{id}/batch": {
            "parameters": session_id,
            "post": operation(
                "changeFiles",
                "Make several changes, all or none. Each is tried on what the ones before it leave;"
                " open pages are updated once for all",
                {**made, **errors(408, 409, 413, 503, 507)},
                body=json_content(_schema("BatchRequest")),
                parameters=[WAIT],
            ),
        },
    }


def _archive(session_id: list[Json]) -> Json:
    types: dict[str, Any] = {media: {"schema": BINARY} for media in archives.MEDIA_TYPES.values()}
    folder = _query("path", FOLDER, "A folder of the project; empty for all of it")
    form = _query(
        "format",
        {"type": "string", "enum": list(archives.MEDIA_TYPES), "default": "tar.gz"},
        "Of the archive",
    )
    return {
        "/sessions/{id}/archive": {
            "parameters": session_id,
            "get": operation(
                "downloadArchive",
                "A folder of the project as an archive, without node_modules and .git",
                {"200": {"description": "The archive", "content": types}, **errors(409, 413, 503)},
                parameters=[folder, form],
            ),
            "post": operation(
                "uploadArchive",
                "Unpack a tar, tar.gz or zip file into a folder of the project, all of it or"
                " nothing. Files of the same name are replaced; others stay",
                {
                    "200": answer("Unpacked", _schema("UnpackedView")),
                    **errors(408, 409, 413, 503, 507),
                },
                body=OCTETS,  # what it is, its first bytes say
                parameters=[folder],
            ),
        },
    }


def _looking(session_id: list[Json]) -> Json:
    def text(most: int, default: str = "") -> Json:
        return {"type": "string", "maxLength": most, "default": default}

    def count(least: int, most: int, default: int) -> Json:
        return {"type": "integer", "minimum": least, "maximum": most, "default": default}

    return {
        "/sessions/{id}/problems": {
            "parameters": session_id,
            "get": operation(
                "listProblems",
                "What is wrong with the site now: files that were changed and pages that are open"
                " are compiled and rendered for it",
                {
                    "200": answer(
                        "The problems, at most ten of each place", _schema("ProblemsView")
                    ),
                    **errors(503),
                },
            ),
        },
        "/sessions/{id}/tree": {
            "parameters": session_id,
            "get": operation(
                "listFiles",
                "Files and folders with sizes, times and hashes, in the order of their paths;"
                " node_modules and .git are left out",
                {"200": answer("The entries", _schema("TreeView")), **errors(409, 503)},
                parameters=[
                    _query("path", FOLDER, "A folder of the project; empty for all of it"),
                    _query("after", FOLDER, "Where an earlier listing ended"),
                    _query("limit", count(1, MOST_ENTRIES, 1000), "Most entries"),
                    _query("depth", count(1, MAX_DEPTH, MAX_DEPTH), "1: the folder's own entries"),
                    _query(
                        "hashes", {**FLAG, "default": "1"}, "0: without hashes, which reads no file"
                    ),
                ],
            ),
        },
        "/sessions/{id}/search": {
            "parameters": session_id,
            "get": operation(
                "searchFiles",
                "Lines that match, as ripgrep finds them: what .gitignore names, hidden and binary"
                " files are left out",
                {"200": answer("The lines", _schema("FoundView")), **errors(503)},
                parameters=[
                    _query(
                        "q",
                        {"type": "string", "minLength": 1, "maxLength": searching.LONGEST_QUERY},
                        "The text",
                        required=True,
                    ),
                    _query("regex", {**FLAG, "default": "0"}, "1: a regular expression"),
                    _query(
                        "ignore_case",
                        {**FLAG, "default": "0"},
                        "1: capitals are as good as small letters",
                    ),
                    _query("word", {**FLAG, "default": "0"}, "1: whole words only"),
                    _query("hidden", {**FLAG, "default": "0"}, "1: ignored and hidden files, too"),
                    _query(
                        "glob",
                        text(searching.LONGEST_GLOB),
                        "Files of these names only, such as *.astro; with ! all others",
                    ),
                    _query("path", FOLDER, "A folder or file of the project"),
                    _query(
                        "context",
                        count(0, searching.MOST_CONTEXT, 0),
                        "Lines before and after each",
                    ),
                    _query("limit", count(1, searching.MOST_MATCHES, 200), "Most matches"),
                ],
            ),
        },
    }
