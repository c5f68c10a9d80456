"""The API's description: Git and checkpoints. Bodies and answers are `git_models.py`'s."""

from __future__ import annotations

from typing import Final

from .git.repository import MOST_COMMITS
from .openapi_files import WAIT
from .openapi_parts import Json, answer, errors, json_content, operation

PATH: Final = {
    "name": "path",
    "in": "query",
    "description": "A file or folder of the project; empty for all of it",
    "schema": {"type": "string", "maxLength": 1024, "default": ""},
}
NUMBER: Final = {
    "name": "number",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": 99_999_999},
}


def _schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def git_paths(session_id: list[Json]) -> Json:
    """`session_id` describes the parameter of every path below a session."""
    return _looking(session_id) | _changing(session_id) | _checkpoints(session_id)


def _looking(session_id: list[Json]) -> Json:
    limit = {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_COMMITS, "default": 50},
    }
    ref = {
        "name": "ref",
        "in": "query",
        "description": "A branch, tag or commit",
        "schema": {"type": "string", "maxLength": 200, "default": "HEAD"},
    }
    problems = errors(409, 413, 422, 501, 503, 507)
    return {
        "/sessions/{id}/git": {
            "parameters": session_id,
            "get": operation(
                "gitStatus",
                "Branch, last commit, and the files that differ from it",
                {"200": answer("The status", _schema("GitStatusView")), **problems},
            ),
        },
        "/sessions/{id}/git/diff": {
            "parameters": session_id,
            "get": operation(
                "gitDiff",
                "How files differ from the last commit, new ones included",
                {"200": answer("The differences", _schema("GitDiffView")), **problems},
                parameters=[PATH],
            ),
        },
        "/sessions/{id}/git/log": {
            "parameters": session_id,
            "get": operation(
                "gitLog",
                "The commits that lead to one, the newest first, as far as they were fetched",
                {"200": answer("The commits", _schema("GitLogView")), **problems},
                parameters=[ref, limit],
            ),
        },
        "/sessions/{id}/git/branches": {
            "parameters": session_id,
            "get": operation(
                "gitBranches",
                "The branches that the session's repository has",
                {"200": answer("The branches", _schema("GitBranchesView")), **problems},
            ),
        },
    }


def _changing(session_id: list[Json]) -> Json:
    local = errors(408, 409, 413, 422, 501, 503, 507)
    remote = errors(408, 409, 413, 422, 501, 502, 503, 507)
    return {
        "/sessions/{id}/git/commit": {
            "parameters": session_id,
            "post": operation(
                "gitCommit",
                "Commit what differs, or some of it, on the branch that is checked out",
                {"201": answer("Committed", _schema("CommittedView")), **local},
                body=json_content(_schema("CommitRequest")),
            ),
        },
        "/sessions/{id}/git/switch": {
            "parameters": session_id,
            "post": operation(
                "gitSwitch",
                "Check out another branch, in one wave of updates in the open pages, or make one",
                {"200": answer("Switched", _schema("SwitchedView")), **local},
                body=json_content(_schema("SwitchRequest")),
                parameters=[WAIT],
            ),
        },
        "/sessions/{id}/git/push": {
            "parameters": session_id,
            "post": operation(
                "gitPush",
                "Push the branch that is checked out; never by force",
                {"200": answer("Pushed", _schema("PushedView")), **remote},
                body=json_content(_schema("RemoteRequest")),
                body_required=False,
            ),
        },
        "/sessions/{id}/git/pull": {
            "parameters": session_id,
            "post": operation(
                "gitPull",
                "Take in what the remote has on the branch, the session's own commits on top of it;"
                " all of it or, with the files that conflict listed, nothing",
                {"200": answer("Pulled", _schema("PulledView")), **remote},
                body=json_content(_schema("RemoteRequest")),
                body_required=False,
                parameters=[WAIT],
            ),
        },
    }


def _checkpoints(session_id: list[Json]) -> Json:
    problems = errors(408, 409, 413, 422, 501, 503, 507)
    restored = {"200": answer("Restored", _schema("RestoredView")), **problems}
    numbered = [*session_id, NUMBER]
    return {
        "/sessions/{id}/checkpoints": {
            "parameters": session_id,
            "get": operation(
                "listCheckpoints",
                "States of the project that can be restored",
                {"200": answer("The checkpoints", _schema("CheckpointsView")), **problems},
            ),
            "post": operation(
                "makeCheckpoint",
                "Keep the project as it is, without generated folders. One is made before each"
                " batch, archive, restore, pull and switch of branches, too",
                {
                    "201": answer("Made", _schema("MadeCheckpointView")),
                    "200": answer("Kept already", _schema("MadeCheckpointView")),
                    **problems,
                },
                body=json_content(_schema("CheckpointRequest")),
                body_required=False,
            ),
        },
        "/sessions/{id}/checkpoints/{number}": {
            "parameters": numbered,
            "delete": operation(
                "removeCheckpoint", "Forget a checkpoint", {"204": answer("Gone"), **problems}
            ),
        },
        "/sessions/{id}/checkpoints/{number}/diff": {
            "parameters": numbered,
            "get": operation(
                "diffCheckpoint",
                "What has changed since the checkpoint",
                {"200": answer("The differences", _schema("GitDiffView")), **problems},
                parameters=[PATH],
            ),
        },
        "/sessions/{id}/checkpoints/{number}/restore": {
            "parameters": numbered,
            "post": operation(
                "restoreCheckpoint",
                "Have all files, or some, as they were, in one wave of updates in the open pages."
                " What is there now is kept as a checkpoint first",
                restored,
                body=json_content(_schema("RestoreRequest")),
                body_required=False,
                parameters=[WAIT],
            ),
        },
        "/sessions/{id}/undo": {
            "parameters": session_id,
            "post": operation(
                "undo",
                "Restore the state before the last batch, archive, restore, pull or switch of branches;"
                " again for the one before",
                restored,
                parameters=[WAIT],
            ),
        },
    }
