"""What the API takes and answers about Git and checkpoints: declared once, for the requests and for
their description (`openapi_git.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic.json_schema import models_json_schema

from contract.git_secrets import NAME

from .file_models import ChangedView, Model, PathText, VerdictView
from .git.checkpoints import Kind
from .git.cloning import check_branch
from .git.remote import Credential
from .git.repository import FileState, Person
from .session_view import ID_PATTERN
from .sources import RepositorySource, Source, Template

MOST_PATHS: Final = 1000
LONGEST_MESSAGE: Final = 20_000
DEEPEST: Final = 10_000

LineText = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f<>]+$")]
Ref = Annotated[str, Field(max_length=200)]
Paths = Annotated[list[PathText], Field(max_length=MOST_PATHS)]
GitUrl = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1000,
        description="https, without a user name: https://github.com/owner/name.git",
    ),
]


class CredentialModel(Model):
    """A name and a password or token for the remote. Used for this call, and kept nowhere."""

    host: Annotated[
        str,
        Field(
            min_length=1,
            max_length=260,
            description="The only host that it is sent to, such as github.com",
        ),
    ]
    username: Annotated[
        str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f:]+$")
    ] = "x-access-token"
    password: Annotated[SecretStr, Field(min_length=1, max_length=8000)]

    def credential(self) -> Credential:
        return Credential(
            host=self.host, username=self.username, password=self.password.get_secret_value()
        )


SecretName = Annotated[
    str | None,
    Field(
        pattern=rf"^{NAME}$",
        description=(
            "Name of a secret of the stack's `gitSecretNames` to send instead of a `credential`; with"
            " `url`, which has to be below one of its addresses"
        ),
    ),
]


class RepositoryModel(Model):
    """A repository that a new session is made from."""

    url: GitUrl
    ref: Annotated[Ref, Field(description="A branch or tag; empty for the remote's own branch")] = (
        ""
    )
    depth: Annotated[int, Field(ge=1, le=DEEPEST, description="Commits that are fetched")] = 1
    credential: CredentialModel | None = None
    secret: SecretName = None

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        _check_credential(self)
        return self

    def source(self) -> RepositorySource:
        """What decides which files a project gets: not who fetches them."""
        return RepositorySource(url=self.url, ref=self.ref, depth=self.depth)


class CreateRequest(Model):
    """A session, new or as it is: from the starter site, empty, or from a repository. One that
    exists and came from somewhere else is answered 409 `session-exists`.
    """

    id: Annotated[str, Field(pattern=ID_PATTERN)]
    template: Annotated[
        Template,
        Field(
            description=(
                "Of a project that is new; not used with `repository`. One that is `empty` is not"
                " started: put files or an archive into it first. `starter` counts as left out"
                " where the session exists"
            )
        ),
    ] = "starter"
    root: Annotated[
        str | None,
        Field(
            max_length=1024,
            description=(
                "The site's folder in the repository, such as docs; empty has it found. A session"
                " that exists is started again with it"
            ),
        ),
    ] = None
    repository: Annotated[
        RepositoryModel | None,
        Field(
            description=(
                "Clone this instead of a template. Where the session exists, `url`, `ref` and"
                " `depth` have to be those that it was made with; `credential` and `secret` are"
                " for the clone only, and not used"
            )
        ),
    ] = None

    def source(self) -> Source | None:
        """What the request asks for; None: it takes a session that exists as it is."""
        if self.repository is not None:
            return Source(repository=self.repository.source())
        return Source(template="empty") if self.template == "empty" else None


class AuthorModel(Model):
    name: LineText
    email: LineText

    def person(self) -> Person:
        return Person(name=self.name.strip(), email=self.email.strip())


class CommitRequest(Model):
    message: Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE)]
    author: AuthorModel
    paths: Annotated[
        Paths,
        Field(default_factory=list, description="Files and folders to commit; none: all"),
    ]


class SwitchRequest(Model):
    branch: Annotated[str, Field(min_length=1, max_length=200)]
    create: Annotated[
        bool, Field(description="Make the branch, at the commit that is checked out")
    ] = False

    def checked(self) -> str:
        return check_branch(self.branch)


class RemoteRequest(Model):
    """For a push or a pull of the branch that is checked out."""

    url: Annotated[GitUrl | None, Field(description="Instead of the remote `origin`'s")] = None
    credential: CredentialModel | None = None
    secret: SecretName = None

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        _check_credential(self)
        return self


def _check_credential(asked: RepositoryModel | RemoteRequest) -> None:
    """`ValueError` for what a schema cannot say."""
    if asked.secret is not None and asked.credential is not None:
        raise ValueError("send a credential or name a secret, not both")
    if asked.secret is not None and asked.url is None:
        raise ValueError(
            "a call that names a secret needs the url: code of the site can change the address of"
            " the remote origin"
        )


class CheckpointRequest(Model):
    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class RestoreRequest(Model):
    paths: Annotated[
        Paths,
        Field(default_factory=list, description="Files and folders to restore; none: all"),
    ]


class View(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GitFileView(View):
    """A file that is not as in the last commit."""

    path: str
    state: FileState


class GitStatusView(View):
    branch: Annotated[str | None, Field(description="null: a commit is checked out, no branch")]
    commit: Annotated[str | None, Field(description="null: there is none yet")]
    ahead: Annotated[int | None, Field(description="Commits that the remote has not, as last seen")]
    behind: int | None
    files: list[GitFileView]


class GitDiffView(View):
    files: list[GitFileView]
    patch: Annotated[str, Field(description="As `git diff` has it, 1 MiB at most")]
    complete: Annotated[bool, Field(description="Whether the patch is whole")]


class GitCommitView(View):
    id: str
    parents: list[str]
    author: str
    email: str
    at: Annotated[int, Field(description="Unix time")]
    message: str


class GitLogView(View):
    commits: list[GitCommitView]


class GitBranchView(View):
    name: Annotated[str, Field(description="origin/… for one of the remote")]
    commit: str
    current: bool


class GitBranchesView(View):
    branches: list[GitBranchView]


class CommittedView(View):
    commit: str
    branch: str


class PushedView(View):
    commit: str
    branch: str
    changed: Annotated[bool, Field(description="Whether the remote did not have it already")]


class PulledView(View):
    commit: str
    branch: str
    replayed: Annotated[int, Field(description="The session's own commits, now on top")]
    changes: list[ChangedView]
    verdict: Annotated[VerdictView | None, Field(description="With `wait`")] = None


class SwitchedView(View):
    branch: str
    commit: str
    changes: list[ChangedView]
    verdict: Annotated[VerdictView | None, Field(description="With `wait`")] = None


class CheckpointView(View):
    """A state of the project that can be restored."""

    number: int
    name: str
    kind: Annotated[
        Kind,
        Field(description="What it was made for; `batch`: before a batch or an archive"),
    ]
    parent: Annotated[int | None, Field(description="The checkpoint that the project came from")]
    created_at: Annotated[float, Field(description="Unix time")]


class MadeCheckpointView(CheckpointView):
    created: Annotated[
        bool, Field(description="false: the checkpoint before has the same files already")
    ]


class CheckpointsView(View):
    checkpoints: Annotated[list[CheckpointView], Field(description="The newest first")]
    position: Annotated[int | None, Field(description="The one that the project was at last")]


class RestoredView(View):
    restored: Annotated[int, Field(description="Number of the checkpoint")]
    saved: Annotated[
        int | None, Field(description="Number of a new one of what was there before, if needed")
    ]
    changes: list[ChangedView]
    verdict: Annotated[VerdictView | None, Field(description="With `wait`")] = None


REQUESTS: Final = (
    CreateRequest, CommitRequest, SwitchRequest, RemoteRequest, CheckpointRequest, RestoreRequest,
)  # fmt: skip
ANSWERS: Final = (
    GitStatusView, GitDiffView, GitLogView, GitBranchesView, CommittedView, PushedView, PulledView,
    SwitchedView, MadeCheckpointView, CheckpointsView, RestoredView,
)  # fmt: skip


def git_schemas() -> dict[str, Any]:
    """Name → JSON Schema, for `#/components/schemas`."""
    models: list[Any] = [
        *((model, "validation") for model in REQUESTS),
        *((model, "serialization") for model in ANSWERS),
    ]
    _, schema = models_json_schema(models, ref_template="#/components/schemas/{model}")
    return dict(schema["$defs"])
