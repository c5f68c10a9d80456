"""The codes of the API's errors: each is declared once, with its status, what it means and what to
do.

The table is the source of the answers (`problems.py`), of the page that a problem's `type` names
and of the description. A code keeps its meaning and its status for as long as the API has its
version; new ones may come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contract.api import API_ROOT

ERRORS_PATH: Final = f"{API_ROOT}/errors"
"""The page about the codes. It needs no credential: a person follows the link in a problem."""


class Code(StrEnum):
    """What is wrong with a request to the API. The codes of a dev server that fails
    (`contract.messages.ErrorCode`) are among them.
    """

    BAD_REQUEST = "bad-request"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    UNKNOWN_SESSION = "unknown-session"
    UNKNOWN_FILE = "unknown-file"
    UNKNOWN_BUILD = "unknown-build"
    UNKNOWN_CREDENTIAL = "unknown-credential"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    TOO_SLOW = "too-slow"
    CONFLICT = "conflict"
    SESSION_EXISTS = "session-exists"
    CHANGED = "changed"
    TOO_MANY_CREDENTIALS = "too-many-credentials"
    PRECONDITION_FAILED = "precondition-failed"
    TOO_LARGE = "too-large"
    RANGE_NOT_SATISFIABLE = "range-not-satisfiable"
    EXPECTATION_FAILED = "expectation-failed"
    OWNED_ELSEWHERE = "owned-elsewhere"
    CONFIG = "config"
    INSTALL = "install"
    UNSUPPORTED_ASTRO = "unsupported-astro"
    BUILD = "build"
    BUILD_MEMORY = "build-memory"
    BUILD_TIMEOUT = "build-timeout"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    LIMIT = "limit"
    ENDLESS = "endless"
    TOO_MANY_SESSIONS = "too-many-sessions"
    INTERNAL = "internal"
    STORAGE = "storage"
    CROWDED = "crowded"
    BUSY = "busy"
    DRAINING = "draining"
    OWNERSHIP_UNAVAILABLE = "ownership-unavailable"
    QUOTA = "quota"
    STORAGE_FULL = "storage-full"
    UNKNOWN_CHECKPOINT = "unknown-checkpoint"
    NOTHING_TO_UNDO = "nothing-to-undo"
    UNKNOWN_REVISION = "unknown-revision"
    GIT_MISSING = "git-missing"
    GIT_NOT_A_REPOSITORY = "git-not-a-repository"
    GIT_ADDRESS = "git-address"
    GIT_CREDENTIAL = "git-credential"
    GIT_SECRET_NOT_ALLOWED = "git-secret-not-allowed"  # noqa: S105 - a code
    GIT_SECRET = "git-secret"  # noqa: S105 - a code
    GIT_REMOTE = "git-remote"
    GIT_UNSUPPORTED = "git-unsupported"
    GIT_FAILED = "git-failed"
    GIT_CONFLICT = "git-conflict"
    GIT_NOTHING = "git-nothing"
    GIT_UNCOMMITTED = "git-uncommitted"
    GIT_UNTRACKED = "git-untracked"
    GIT_MERGE_CONFLICT = "git-merge-conflict"
    GIT_REJECTED = "git-rejected"
    KEY_IN_PROGRESS = "key-in-progress"
    KEY_REUSED = "key-reused"
    TOO_MANY_KEYS = "too-many-keys"
    OUTCOME_UNKNOWN = "outcome-unknown"
    KEYS_UNAVAILABLE = "keys-unavailable"
    ANSWER_NOT_KEPT = "answer-not-kept"

    @property
    def status(self) -> int:
        """The HTTP status, the same wherever the code is answered."""
        return PROBLEMS[self].status

    @property
    def address(self) -> str:
        """The `type` of the problem: a reference to the code's paragraph of the page."""
        return f"{ERRORS_PATH}#{self.value}"


@dataclass(frozen=True)
class Problem:
    """A kind of problem."""

    status: int
    title: str
    """The same in every answer; `detail` has what is particular."""
    meaning: str
    fix: str


PROBLEMS: Final[Mapping[Code, Problem]] = {
    Code.BAD_REQUEST: Problem(
        400,
        "The request is not valid",
        "A name, a parameter, a header or a member of the body is not as the description says.",
        "`detail` names the value and what is allowed. Of a body, `errors` lists the first members"
        " that are wrong, each with a `pointer` (RFC 6901) and a `detail`. Correct the request; the"
        " same one fails again.",
    ),
    Code.UNAUTHORISED: Problem(
        401,
        "The credential is missing or not valid",
        "There is no `Authorization: Bearer …` header, or more than one, or its value is not a"
        " credential of this service.",
        "Send one valid credential.",
    ),
    Code.FORBIDDEN: Problem(
        403,
        "The credential does not have the scope that the call needs",
        "The credential is valid, and the call needs another scope: `needs` says which. Calls about"
        " sessions that the credential does not name are answered `unknown-session`.",
        "Use a credential with that scope (docs/credentials.md), or another call.",
    ),
    Code.NOT_FOUND: Problem(
        404,
        "The API has no such path",
        "No operation has this path. A doubled or trailing slash makes another path.",
        "Compare the path with `/api/v1/openapi.json`.",
    ),
    Code.UNKNOWN_SESSION: Problem(
        404,
        "The session does not exist",
        "No project has this name: it was never created, or it was deleted.",
        "List the sessions, or create this one with `POST /sessions`.",
    ),
    Code.UNKNOWN_FILE: Problem(
        404,
        "The project has no such file or folder",
        "Nothing is at this path, or it lies in a folder that the API does not show.",
        "List the files with `GET …/tree`.",
    ),
    Code.UNKNOWN_BUILD: Problem(
        404,
        "The build is not kept",
        "The build was never made, or it was removed for newer ones.",
        "List the builds with `GET …/builds`.",
    ),
    Code.UNKNOWN_CREDENTIAL: Problem(
        404,
        "The credential does not exist",
        "No credential has this id: it was revoked, or it expired more than a day ago.",
        "List the credentials with `GET /credentials`.",
    ),
    Code.METHOD_NOT_ALLOWED: Problem(
        405,
        "The path does not have this method",
        "The path is right, the method is not.",
        "Use one of the methods in the `Allow` header.",
    ),
    Code.TOO_SLOW: Problem(
        408,
        "The body did not arrive in time",
        "The whole body has to arrive within `requestTimeoutSeconds`. Nothing was changed.",
        "Send the request again, in smaller parts where the connection is slow.",
    ),
    Code.CONFLICT: Problem(
        409,
        "The request conflicts with the current state",
        "A folder is where a file should be, a session is about to be deleted, or the mode of the"
        " service does not have the operation. Nothing was changed.",
        "`detail` says what is there. Read the current state, and decide again.",
    ),
    Code.SESSION_EXISTS: Problem(
        409,
        "The session exists, and came from somewhere else",
        "A request to create a session names another repository, ref, depth or template than the"
        " one that the session of this id was made from. `member` says which. Nothing was"
        " changed.",
        "Delete the session first, use another id, or leave the member out to get the session as"
        " it is.",
    ),
    Code.CHANGED: Problem(
        409,
        "The file is not the one that the change expects",
        "A precondition of an edit or of an operation of a batch does not hold. `current` is the"
        " version that is there (null: none), `operation` the number in the batch, `found` how"
        " often the text was found, which `detail` quotes. Nothing was changed.",
        "Read the file again, and make the change from what it has now.",
    ),
    Code.TOO_MANY_CREDENTIALS: Problem(
        409,
        "The service has as many credentials as it may have",
        "The limit is 10,000, including those that expired within the last day.",
        "Revoke some, or give them a shorter life.",
    ),
    Code.PRECONDITION_FAILED: Problem(
        412,
        "If-Match or If-None-Match does not hold",
        "Somebody else changed the file, or the tag is weak (`W/`), which If-Match never matches."
        " `current` is the version that is there (null: none). Nothing was changed.",
        "Read the file again, and write with the new `ETag`, without `W/`.",
    ),
    Code.TOO_LARGE: Problem(
        413,
        "The body or the file is too large",
        "`detail` has the limit; for files it is `maxFileMib`. Nothing was changed.",
        "Send less, or raise the limit.",
    ),
    Code.RANGE_NOT_SATISFIABLE: Problem(
        416,
        "The file has no such range of bytes",
        "The range begins after the end of the file. `Content-Range` has the file's size.",
        "Request a range within the file.",
    ),
    Code.EXPECTATION_FAILED: Problem(
        417,
        "The Expect header cannot be met",
        "Only `Expect: 100-continue` is known.",
        "Leave the header out.",
    ),
    Code.OWNED_ELSEWHERE: Problem(
        421,
        "Another task runs the session",
        "Between the tasks of a service: the task that got the request does not own the session."
        " Clients do not see it; a task that gets it asks the owner.",
        "Send the request again.",
    ),
    Code.CONFIG: Problem(
        422,
        "The site's configuration keeps it from running",
        "The project or its Astro configuration is not valid, or no Astro site was found.",
        "`detail` names the file and the error. Correct it; an edit starts the site again.",
    ),
    Code.INSTALL: Problem(
        422,
        "The packages cannot be installed",
        "The package manager failed, or the lock file does not fit `package.json`.",
        "`detail` has the package manager's error. The log has all of its output.",
    ),
    Code.UNSUPPORTED_ASTRO: Problem(
        422,
        "The site's release of Astro is not supported",
        "The release is older than those that are supported.",
        "Upgrade Astro in the project.",
    ),
    Code.BUILD: Problem(
        422,
        "The build failed",
        "`astro build` ended with an error. The earlier build is still served.",
        "`detail` has the error. Correct the site, and build again.",
    ),
    Code.BUILD_MEMORY: Problem(
        422,
        "The build needed too much memory",
        "The build was ended at its memory limit. The earlier build is still served.",
        "Raise `buildMemoryMib`, or make the build smaller.",
    ),
    Code.BUILD_TIMEOUT: Problem(
        422,
        "The build took too long",
        "The build was ended at its time limit. The earlier build is still served.",
        "Raise `buildTimeoutSeconds`, or make the build shorter.",
    ),
    Code.CRASHED: Problem(
        422,
        "The site's process ended",
        "The process ended by itself during the operation.",
        "Read the session's log, and send the request again.",
    ),
    Code.TIMEOUT: Problem(
        422,
        "The site's process did not answer in time",
        "The process was ended because it did not get ready in time.",
        "Read the session's log for what it was doing.",
    ),
    Code.LIMIT: Problem(
        422,
        "The site is above a limit of one session",
        "The site had more processes, or more on the disk, than one session may have.",
        "`detail` names the limit and its setting.",
    ),
    Code.ENDLESS: Problem(
        422,
        "Code of the site does not come to an end",
        "A loop in a page, a component or the configuration kept the dev server from everything"
        " else for 30 seconds of processor time, and it was ended.",
        "Correct the code: the edit starts the dev server again. `detail` names the files that were"
        " edited last.",
    ),
    Code.TOO_MANY_SESSIONS: Problem(
        429,
        "The limit of running sessions is reached",
        "The service runs `maxSessions` sessions on each task, and none of them is idle.",
        "Stop a session, or raise the limit or the number of tasks.",
    ),
    Code.INTERNAL: Problem(
        500,
        "The gateway failed",
        "An internal error of the gateway. Its log has the details.",
        "Send the request again; report the error if it comes back.",
    ),
    Code.STORAGE: Problem(
        503,
        "The disk of the projects does not answer",
        "The disk is read-only, not mounted, or does not answer.",
        "Send the request again. If it stays, check the mount (docs/faults.md).",
    ),
    Code.CROWDED: Problem(
        503,
        "Too many requests wait for the session",
        "The session has reached its limit of requests at a time.",
        "Send the request again when others have finished.",
    ),
    Code.BUSY: Problem(
        503,
        "The request cannot be taken now",
        "The gateway could not save what the request needs, and nothing was changed. Of a tool of"
        " MCP: the API has not answered it, and `detail` says whether it may have been carried out.",
        "Send the request again in a moment.",
    ),
    Code.DRAINING: Problem(
        503,
        "The task is about to stop",
        "A deployment or scale-in replaces the task, and no other task has room yet.",
        "Send the request again in a moment.",
    ),
    Code.OWNERSHIP_UNAVAILABLE: Problem(
        503,
        "The session's owner cannot be reached",
        "The ownership table or the task that runs the session does not answer, or the session"
        " moves to another task. Whether a change was made is not known if the task was asked"
        " already.",
        "Read the current state, and send the request again.",
    ),
    Code.QUOTA: Problem(
        507,
        "The session's space is used up",
        "The project and its builds have as much on the shared disk as `sessionFilesMib` allows.",
        "Delete files, or raise the limit.",
    ),
    Code.STORAGE_FULL: Problem(
        507,
        "The disk is full",
        "The disk of the projects has no room or no quota left.",
        "Free space, or remove old projects.",
    ),
    Code.UNKNOWN_CHECKPOINT: Problem(
        404,
        "The session has no such checkpoint",
        "It was never made, it was removed, or newer ones have taken its place.",
        "List the checkpoints with `GET …/checkpoints`.",
    ),
    Code.NOTHING_TO_UNDO: Problem(
        409,
        "There is no earlier state to go back to",
        "The session has no checkpoint, or none that led to the present state has other files. One is"
        " made before each batch, archive, restore, pull and switch of branches; single writes make"
        " none.",
        "Make a checkpoint before single writes that may have to be undone. `GET …/checkpoints` lists"
        " the states that can be restored, those that were undone, too.",
    ),
    Code.UNKNOWN_REVISION: Problem(
        404,
        "The repository has no such branch, tag or commit",
        "Neither the session's repository, as far as it was fetched, nor the remote has it.",
        "`detail` names branches that exist.",
    ),
    Code.GIT_MISSING: Problem(
        501,
        "The gateway has no git program",
        "Git and checkpoints need git 2.38 or later where the gateway runs. The image has it.",
        "Install git, then restart the gateway.",
    ),
    Code.GIT_NOT_A_REPOSITORY: Problem(
        409,
        "The project is not a Git repository",
        "The session was made from the starter site or from an archive, or its repository has no"
        " remote or borrows its objects.",
        "Make a session from the repository, or send the `url` of the remote.",
    ),
    Code.GIT_ADDRESS: Problem(
        400,
        "The gateway does not talk to this remote",
        "The address is not https, has a user name in it, leads to an internal network, or the"
        " remote redirects to another one.",
        "Send the repository's own https address; name internal Git servers in"
        " `astro-live:gitInternalHosts` (`ASTRO_LIVE_GIT_INTERNAL_HOSTS` in the container).",
    ),
    Code.GIT_CREDENTIAL: Problem(
        422,
        "The remote requires another credential",
        "The remote answers 401 or 403.",
        "Send a `credential` that may do this at the remote.",
    ),
    Code.GIT_SECRET_NOT_ALLOWED: Problem(
        403,
        "The call names a secret that it may not use",
        "No secret of `gitSecretNames` has this name, the credential does not name it among its"
        " `git_secrets`, or it is not for the remote's address. Nothing was sent.",
        "Name a secret that `detail` lists, or make a credential that names the secret.",
    ),
    Code.GIT_SECRET: Problem(
        503,
        "The secret for the remote cannot be used",
        "It is missing, empty, binary or too long, is not in a form that is known, or AWS does not"
        " let the task read it now. `detail` says which. Nothing was sent.",
        "Correct the secret in Secrets Manager, or the task's rights; then send the request again.",
    ),
    Code.GIT_REMOTE: Problem(
        502,
        "The remote does not answer as a Git server",
        "It cannot be reached, takes too long, has no such repository or does not speak Git's"
        " protocol.",
        "Check the address; try again when the remote works.",
    ),
    Code.GIT_UNSUPPORTED: Problem(
        422,
        "The repository has something that sessions do not support",
        "A submodule, a file in Git LFS, a link that may lead out of the repository, or a name that"
        " a project's file cannot have. `unsupported` says which.",
        "Change the repository: `detail` names the file.",
    ),
    Code.GIT_FAILED: Problem(
        422,
        "Git refuses what is in the repository",
        "Objects are damaged, missing or not allowed; `detail` has git's message.",
        "Check the repository with `git fsck`.",
    ),
    Code.GIT_CONFLICT: Problem(
        409,
        "The repository's state conflicts with the request",
        "No branch is checked out, a branch of this name exists, or two histories have nothing in"
        " common.",
        "`detail` says what to do.",
    ),
    Code.GIT_NOTHING: Problem(
        409,
        "There is nothing to commit",
        "No file, or none of those that were named, differs from the last commit.",
        "Nothing needs to be done.",
    ),
    Code.GIT_UNCOMMITTED: Problem(
        409,
        "Files differ from the last commit",
        "A pull or a switch would replace them. `conflicts` lists them; nothing was changed.",
        "Commit the files, or restore a checkpoint.",
    ),
    Code.GIT_UNTRACKED: Problem(
        409,
        "Files that are not committed are in the way",
        "A pull or a switch would replace them. `conflicts` lists them; nothing was changed.",
        "Commit, move or delete the files.",
    ),
    Code.GIT_MERGE_CONFLICT: Problem(
        409,
        "The session's commits conflict with those of the remote",
        "`conflicts` lists the files and how they conflict: both-modified, both-added,"
        " deleted-here or deleted-there. Nothing was changed.",
        "Push to another branch and merge there; or restore the files as the remote has them,"
        " commit, and pull again.",
    ),
    Code.GIT_REJECTED: Problem(
        409,
        "The remote does not take the branch",
        "It has commits that the session does not have, or its rules forbid the push.",
        "Pull first, or push another branch.",
    ),
    Code.KEY_IN_PROGRESS: Problem(
        409,
        "The first request with this Idempotency-Key has not ended",
        "A request with the same key is under way, on this connection's task or another one. This"
        " one did nothing.",
        "Send the same request again after `Retry-After`: it is answered as the first one was.",
    ),
    Code.KEY_REUSED: Problem(
        422,
        "The Idempotency-Key belongs to another request",
        "A request with the same key, and another query, body or precondition, was sent to this"
        " path within the last 24 hours. This one did nothing.",
        "Send a new key with each new request; the same key only to repeat a request as it was.",
    ),
    Code.TOO_MANY_KEYS: Problem(
        429,
        "The credential has sent too many keys",
        "Answers are kept for 24 hours, so the number of new keys in an hour is limited: 1,000 for"
        " a credential of sessions and 20,000 for the service's, on each task. Nothing was changed.",
        "Send the request later, or without a key.",
    ),
    Code.OUTCOME_UNKNOWN: Problem(
        409,
        "Whether the first request with this key was carried out is not known",
        "The task that ran it ended, or its disk did not answer, in the middle of it. The request"
        " is not carried out again under this key.",
        "Read the current state. If the change is not there, send the request with a new key.",
    ),
    Code.KEYS_UNAVAILABLE: Problem(
        503,
        "The Idempotency-Key cannot be kept",
        "The ownership table does not answer, so it is not known whether a request with this key was"
        " carried out before. This one was not.",
        "Send the request again. One that was never sent before can be sent without a key: the"
        " session's owner takes it without the table.",
    ),
    Code.ANSWER_NOT_KEPT: Problem(
        409,
        "The first request with this key was carried out, and its answer is not kept",
        "`first_status` is its status. Its answer was too large to keep, or the gateway has started"
        " again since. It is not carried out again.",
        "Read the current state.",
    ),
}


def codes_of(status: int) -> list[Code]:
    """The codes that are answered with this status, in the table's order."""
    return [code for code, problem in PROBLEMS.items() if problem.status == status]
