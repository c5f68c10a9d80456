"""Generated from the API's description by `make clients`: do not edit."""

from abc import ABC, abstractmethod
from typing import Any

import httpx

from .._parts import Content, Sendable
from .api.default import change_files as _change_files
from .api.default import change_session as _change_session
from .api.default import create_credential as _create_credential
from .api.default import create_session as _create_session
from .api.default import delete_file as _delete_file
from .api.default import delete_session as _delete_session
from .api.default import diff_checkpoint as _diff_checkpoint
from .api.default import download_archive as _download_archive
from .api.default import edit_file as _edit_file
from .api.default import git_branches as _git_branches
from .api.default import git_commit as _git_commit
from .api.default import git_diff as _git_diff
from .api.default import git_log as _git_log
from .api.default import git_pull as _git_pull
from .api.default import git_push as _git_push
from .api.default import git_status as _git_status
from .api.default import git_switch as _git_switch
from .api.default import list_builds as _list_builds
from .api.default import list_checkpoints as _list_checkpoints
from .api.default import list_credentials as _list_credentials
from .api.default import list_files as _list_files
from .api.default import list_problems as _list_problems
from .api.default import list_sessions as _list_sessions
from .api.default import list_viewers as _list_viewers
from .api.default import make_checkpoint as _make_checkpoint
from .api.default import mint_token as _mint_token
from .api.default import move_file as _move_file
from .api.default import read_file as _read_file
from .api.default import read_logs as _read_logs
from .api.default import rebuild_session as _rebuild_session
from .api.default import remove_checkpoint as _remove_checkpoint
from .api.default import restart_session as _restart_session
from .api.default import restore_checkpoint as _restore_checkpoint
from .api.default import revoke_credential as _revoke_credential
from .api.default import revoke_tokens as _revoke_tokens
from .api.default import search_files as _search_files
from .api.default import serve_build as _serve_build
from .api.default import show_session as _show_session
from .api.default import start_session as _start_session
from .api.default import stop_session as _stop_session
from .api.default import undo as _undo
from .api.default import upload_archive as _upload_archive
from .api.default import write_file as _write_file
from .models.batch_request import BatchRequest
from .models.change_session_body import ChangeSessionBody
from .models.changes_view import ChangesView
from .models.checkpoint_request import CheckpointRequest
from .models.checkpoints_view import CheckpointsView
from .models.commit_request import CommitRequest
from .models.committed_view import CommittedView
from .models.create_request import CreateRequest
from .models.created_credential_view import CreatedCredentialView
from .models.credential_request import CredentialRequest
from .models.credentials_view import CredentialsView
from .models.delete_file_recursive import (
    DeleteFileRecursive,
)
from .models.download_archive_format import (
    DownloadArchiveFormat,
)
from .models.edit_request import EditRequest
from .models.found_view import FoundView
from .models.git_branches_view import GitBranchesView
from .models.git_diff_view import GitDiffView
from .models.git_log_view import GitLogView
from .models.git_status_view import GitStatusView
from .models.list_builds_response_200 import ListBuildsResponse200
from .models.list_files_hashes import ListFilesHashes
from .models.list_sessions_response_200 import ListSessionsResponse200
from .models.made_checkpoint_view import MadeCheckpointView
from .models.mint_token_body import MintTokenBody
from .models.mint_token_response_201 import MintTokenResponse201
from .models.move_request import MoveRequest
from .models.problems_view import ProblemsView
from .models.pulled_view import PulledView
from .models.pushed_view import PushedView
from .models.read_logs_follow import ReadLogsFollow
from .models.rebuild_session_body import RebuildSessionBody
from .models.rebuild_session_response_200 import RebuildSessionResponse200
from .models.remote_request import RemoteRequest
from .models.restore_request import RestoreRequest
from .models.restored_view import RestoredView
from .models.search_files_hidden import SearchFilesHidden
from .models.search_files_ignore_case import (
    SearchFilesIgnoreCase,
)
from .models.search_files_regex import SearchFilesRegex
from .models.search_files_word import SearchFilesWord
from .models.serve_build_response_200 import ServeBuildResponse200
from .models.session_view import SessionView
from .models.switch_request import SwitchRequest
from .models.switched_view import SwitchedView
from .models.tree_view import TreeView
from .models.unpacked_view import UnpackedView
from .models.viewer_list import ViewerList
from .models.written_view import WrittenView
from .types import UNSET, Unset


class Calls(ABC):
    """Every operation of the API."""

    @abstractmethod
    def send(self, request: dict[str, Any]) -> httpx.Response:
        """The successful response. Raises `ApiError` for any other."""

    def list_sessions(
        self,
    ) -> ListSessionsResponse200:
        """All known sessions.

        Needs the scope `service`.
        """
        response = self.send(_list_sessions.request())
        return _list_sessions.answer(response)

    def create_session(
        self,
        *,
        body: CreateRequest,
        idempotency_key: str | Unset = UNSET,
    ) -> SessionView:
        """Create the project from the starter site or a repository, or empty, unless it exists;
        start the dev server, unless it is new and empty; wait until it is ready or has failed.

        Needs the scope `service`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _create_session.request(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _create_session.answer(response)

    def show_session(
        self,
        id: str,
    ) -> SessionView:
        """One session.

        Needs the scope `view`.
        """
        response = self.send(
            _show_session.request(
                id,
            )
        )
        return _show_session.answer(response)

    def delete_session(
        self,
        id: str,
    ) -> None:
        """Stop the session and remove its project.

        Needs the scope `service`.
        """
        response = self.send(
            _delete_session.request(
                id,
            )
        )
        return _delete_session.answer(response)

    def change_session(
        self,
        id: str,
        *,
        body: ChangeSessionBody,
        idempotency_key: str | Unset = UNSET,
    ) -> SessionView:
        """Change what is set for the session; one that runs starts again, and the answer waits
        until it is ready or has failed.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _change_session.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _change_session.answer(response)

    def mint_token(
        self,
        id: str,
        *,
        body: MintTokenBody | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> MintTokenResponse201:
        """A link that signs one browser in, once.

        Needs the scope `view`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _mint_token.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _mint_token.answer(response)

    def revoke_tokens(
        self,
        id: str,
    ) -> None:
        """Sign every viewer out: cookies and unused links of the session end at once. One that
        runs starts again, which ends open connections.

        Needs the scope `service`.
        """
        response = self.send(
            _revoke_tokens.request(
                id,
            )
        )
        return _revoke_tokens.answer(response)

    def read_logs(
        self,
        id: str,
        *,
        follow: ReadLogsFollow | Unset = "0",
    ) -> str:
        """The last lines of the dev server's output; with follow=1 the answer goes on.

        Needs the scope `read`.
        """
        response = self.send(
            _read_logs.request(
                id,
                follow=follow,
            )
        )
        return _read_logs.answer(response)

    def start_session(
        self,
        id: str,
    ) -> SessionView:
        """Start the dev server unless it runs; wait until it is ready or has failed.

        Needs the scope `write`.
        """
        response = self.send(
            _start_session.request(
                id,
            )
        )
        return _start_session.answer(response)

    def restart_session(
        self,
        id: str,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> SessionView:
        """Start the dev server; a running one is replaced.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _restart_session.request(
                id,
                idempotency_key=idempotency_key,
            )
        )
        return _restart_session.answer(response)

    def stop_session(
        self,
        id: str,
    ) -> SessionView:
        """Stop the dev server; returns when nothing of it is left.

        Needs the scope `write`.
        """
        response = self.send(
            _stop_session.request(
                id,
            )
        )
        return _stop_session.answer(response)

    def rebuild_session(
        self,
        id: str,
        *,
        body: RebuildSessionBody | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> RebuildSessionResponse200:
        """Production mode: build the site again if its sources changed; what is served goes on
        meanwhile.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _rebuild_session.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _rebuild_session.answer(response)

    def list_builds(
        self,
        id: str,
    ) -> ListBuildsResponse200:
        """Production mode: the builds that are kept, the newest first.

        Needs the scope `read`.
        """
        response = self.send(
            _list_builds.request(
                id,
            )
        )
        return _list_builds.answer(response)

    def serve_build(
        self,
        id: str,
        number: int,
    ) -> ServeBuildResponse200:
        """Production mode: serve a build that is kept, from the next start on where the session
        does not run. An earlier build than the newest stays until another is asked for; a start
        does not replace it.

        Needs the scope `write`.
        """
        response = self.send(
            _serve_build.request(
                id,
                number,
            )
        )
        return _serve_build.answer(response)

    def read_file(
        self,
        id: str,
        path: str,
        *,
        range_: str | Unset = UNSET,
        if_range: str | Unset = UNSET,
        if_none_match: str | Unset = UNSET,
    ) -> Content:
        """A file of the project, or a part of it.

        Needs the scope `read`.
        """
        response = self.send(
            _read_file.request(
                id,
                path,
                range_=range_,
                if_range=if_range,
                if_none_match=if_none_match,
            )
        )
        return _read_file.answer(response)

    def write_file(
        self,
        id: str,
        path: str,
        *,
        body: Sendable | Unset = UNSET,
        wait: float | Unset = UNSET,
        if_match: str | Unset = UNSET,
        if_none_match: str | Unset = UNSET,
    ) -> WrittenView:
        """Write a file in one step; the dev server is told at once.

        Needs the scope `write`.
        """
        response = self.send(
            _write_file.request(
                id,
                path,
                body=body,
                wait=wait,
                if_match=if_match,
                if_none_match=if_none_match,
            )
        )
        return _write_file.answer(response)

    def delete_file(
        self,
        id: str,
        path: str,
        *,
        recursive: DeleteFileRecursive | Unset = "0",
        if_match: str | Unset = UNSET,
    ) -> None:
        """Remove a file, or a folder with all that is in it.

        Needs the scope `write`.
        """
        response = self.send(
            _delete_file.request(
                id,
                path,
                recursive=recursive,
                if_match=if_match,
            )
        )
        return _delete_file.answer(response)

    def edit_file(
        self,
        id: str,
        path: str,
        *,
        body: EditRequest,
        wait: float | Unset = UNSET,
        if_match: str | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> WrittenView:
        """Replace exact texts in a file, each of which has to occur as often as expected; all
        edits are made, or none.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _edit_file.request(
                id,
                path,
                body=body,
                wait=wait,
                if_match=if_match,
                idempotency_key=idempotency_key,
            )
        )
        return _edit_file.answer(response)

    def move_file(
        self,
        id: str,
        *,
        body: MoveRequest,
        wait: float | Unset = UNSET,
        if_match: str | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> ChangesView:
        """Rename a file or folder in one step.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _move_file.request(
                id,
                body=body,
                wait=wait,
                if_match=if_match,
                idempotency_key=idempotency_key,
            )
        )
        return _move_file.answer(response)

    def change_files(
        self,
        id: str,
        *,
        body: BatchRequest,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> ChangesView:
        """Make several changes, all or none. Each is tried on what the ones before it leave; open
        pages are updated once for all.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _change_files.request(
                id,
                body=body,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _change_files.answer(response)

    def download_archive(
        self,
        id: str,
        *,
        path: str | Unset = "",
        format_: DownloadArchiveFormat | Unset = "tar.gz",
    ) -> Content:
        """A folder of the project as an archive, without node_modules and .git.

        Needs the scope `read`.
        """
        response = self.send(
            _download_archive.request(
                id,
                path=path,
                format_=format_,
            )
        )
        return _download_archive.answer(response)

    def upload_archive(
        self,
        id: str,
        *,
        body: Sendable,
        path: str | Unset = "",
        idempotency_key: str | Unset = UNSET,
    ) -> UnpackedView:
        """Unpack a tar, tar.gz or zip file into a folder of the project, all of it or nothing.
        Files of the same name are replaced; others stay.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _upload_archive.request(
                id,
                body=body,
                path=path,
                idempotency_key=idempotency_key,
            )
        )
        return _upload_archive.answer(response)

    def list_problems(
        self,
        id: str,
    ) -> ProblemsView:
        """What is wrong with the site now: files that were changed and pages that are open are
        compiled and rendered for it.

        Needs the scope `read`.
        """
        response = self.send(
            _list_problems.request(
                id,
            )
        )
        return _list_problems.answer(response)

    def list_files(
        self,
        id: str,
        *,
        path: str | Unset = "",
        after: str | Unset = "",
        limit: int | Unset = 1000,
        depth: int | Unset = 32,
        hashes: ListFilesHashes | Unset = "1",
    ) -> TreeView:
        """Files and folders with sizes, times and hashes, in the order of their paths;
        node_modules and .git are left out.

        Needs the scope `read`.
        """
        response = self.send(
            _list_files.request(
                id,
                path=path,
                after=after,
                limit=limit,
                depth=depth,
                hashes=hashes,
            )
        )
        return _list_files.answer(response)

    def search_files(
        self,
        id: str,
        *,
        q: str,
        regex: SearchFilesRegex | Unset = "0",
        ignore_case: SearchFilesIgnoreCase | Unset = "0",
        word: SearchFilesWord | Unset = "0",
        hidden: SearchFilesHidden | Unset = "0",
        glob: str | Unset = "",
        path: str | Unset = "",
        context: int | Unset = 0,
        limit: int | Unset = 200,
    ) -> FoundView:
        """Lines that match, as ripgrep finds them: what .gitignore names, hidden and binary files
        are left out.

        Needs the scope `read`.
        """
        response = self.send(
            _search_files.request(
                id,
                q=q,
                regex=regex,
                ignore_case=ignore_case,
                word=word,
                hidden=hidden,
                glob=glob,
                path=path,
                context=context,
                limit=limit,
            )
        )
        return _search_files.answer(response)

    def list_viewers(
        self,
        id: str,
    ) -> ViewerList:
        """The open pages of the session: whose they are, whether the browser shows them.
        Development mode only.

        Needs the scope `read`.
        """
        response = self.send(
            _list_viewers.request(
                id,
            )
        )
        return _list_viewers.answer(response)

    def git_status(
        self,
        id: str,
    ) -> GitStatusView:
        """Branch, last commit, and the files that differ from it.

        Needs the scope `read`.
        """
        response = self.send(
            _git_status.request(
                id,
            )
        )
        return _git_status.answer(response)

    def git_diff(
        self,
        id: str,
        *,
        path: str | Unset = "",
    ) -> GitDiffView:
        """How files differ from the last commit, new ones included.

        Needs the scope `read`.
        """
        response = self.send(
            _git_diff.request(
                id,
                path=path,
            )
        )
        return _git_diff.answer(response)

    def git_log(
        self,
        id: str,
        *,
        ref: str | Unset = "HEAD",
        limit: int | Unset = 50,
    ) -> GitLogView:
        """The commits that lead to one, the newest first, as far as they were fetched.

        Needs the scope `read`.
        """
        response = self.send(
            _git_log.request(
                id,
                ref=ref,
                limit=limit,
            )
        )
        return _git_log.answer(response)

    def git_branches(
        self,
        id: str,
    ) -> GitBranchesView:
        """The branches that the session's repository has.

        Needs the scope `read`.
        """
        response = self.send(
            _git_branches.request(
                id,
            )
        )
        return _git_branches.answer(response)

    def git_commit(
        self,
        id: str,
        *,
        body: CommitRequest,
        idempotency_key: str | Unset = UNSET,
    ) -> CommittedView:
        """Commit what differs, or some of it, on the branch that is checked out.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _git_commit.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _git_commit.answer(response)

    def git_switch(
        self,
        id: str,
        *,
        body: SwitchRequest,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> SwitchedView:
        """Check out another branch, in one wave of updates in the open pages, or make one.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _git_switch.request(
                id,
                body=body,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _git_switch.answer(response)

    def git_push(
        self,
        id: str,
        *,
        body: RemoteRequest | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> PushedView:
        """Push the branch that is checked out; never by force.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _git_push.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _git_push.answer(response)

    def git_pull(
        self,
        id: str,
        *,
        body: RemoteRequest | Unset = UNSET,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> PulledView:
        """Take in what the remote has on the branch, the session's own commits on top of it; all
        of it or, with the files that conflict listed, nothing.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _git_pull.request(
                id,
                body=body,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _git_pull.answer(response)

    def list_checkpoints(
        self,
        id: str,
    ) -> CheckpointsView:
        """States of the project that can be restored.

        Needs the scope `read`.
        """
        response = self.send(
            _list_checkpoints.request(
                id,
            )
        )
        return _list_checkpoints.answer(response)

    def make_checkpoint(
        self,
        id: str,
        *,
        body: CheckpointRequest | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> MadeCheckpointView:
        """Keep the project as it is, without generated folders. One is made before each batch,
        archive, restore, pull and switch of branches, too.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _make_checkpoint.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _make_checkpoint.answer(response)

    def remove_checkpoint(
        self,
        id: str,
        number: int,
    ) -> None:
        """Forget a checkpoint.

        Needs the scope `write`.
        """
        response = self.send(
            _remove_checkpoint.request(
                id,
                number,
            )
        )
        return _remove_checkpoint.answer(response)

    def diff_checkpoint(
        self,
        id: str,
        number: int,
        *,
        path: str | Unset = "",
    ) -> GitDiffView:
        """What has changed since the checkpoint.

        Needs the scope `read`.
        """
        response = self.send(
            _diff_checkpoint.request(
                id,
                number,
                path=path,
            )
        )
        return _diff_checkpoint.answer(response)

    def restore_checkpoint(
        self,
        id: str,
        number: int,
        *,
        body: RestoreRequest | Unset = UNSET,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> RestoredView:
        """Have all files, or some, as they were, in one wave of updates in the open pages. What is
        there now is kept as a checkpoint first.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _restore_checkpoint.request(
                id,
                number,
                body=body,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _restore_checkpoint.answer(response)

    def undo(
        self,
        id: str,
        *,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> RestoredView:
        """Restore the state before the last batch, archive, restore, pull or switch of branches;
        again for the one before.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _undo.request(
                id,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _undo.answer(response)

    def list_credentials(
        self,
        *,
        after: str | Unset = "",
        limit: int | Unset = 1000,
    ) -> CredentialsView:
        """The credentials that were made through the API, by id, without their secrets.

        Needs the scope `service`.
        """
        response = self.send(
            _list_credentials.request(
                after=after,
                limit=limit,
            )
        )
        return _list_credentials.answer(response)

    def create_credential(
        self,
        *,
        body: CredentialRequest,
        idempotency_key: str | Unset = UNSET,
    ) -> CreatedCredentialView:
        """A credential with a scope; its secret is in this answer only.

        Needs the scope `service`. With an `Idempotency-Key` it is done once.
        """
        response = self.send(
            _create_credential.request(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _create_credential.answer(response)

    def revoke_credential(
        self,
        credential: str,
    ) -> None:
        """End a credential, on every task within a second.

        Needs the scope `service`.
        """
        response = self.send(
            _revoke_credential.request(
                credential,
            )
        )
        return _revoke_credential.answer(response)


class AsyncCalls(ABC):
    """Every operation of the API, for asyncio."""

    @abstractmethod
    async def send(self, request: dict[str, Any]) -> httpx.Response:
        """The successful response. Raises `ApiError` for any other."""

    async def list_sessions(
        self,
    ) -> ListSessionsResponse200:
        """All known sessions.

        Needs the scope `service`.
        """
        response = await self.send(_list_sessions.request())
        return _list_sessions.answer(response)

    async def create_session(
        self,
        *,
        body: CreateRequest,
        idempotency_key: str | Unset = UNSET,
    ) -> SessionView:
        """Create the project from the starter site or a repository, or empty, unless it exists;
        start the dev server, unless it is new and empty; wait until it is ready or has failed.

        Needs the scope `service`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _create_session.request(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _create_session.answer(response)

    async def show_session(
        self,
        id: str,
    ) -> SessionView:
        """One session.

        Needs the scope `view`.
        """
        response = await self.send(
            _show_session.request(
                id,
            )
        )
        return _show_session.answer(response)

    async def delete_session(
        self,
        id: str,
    ) -> None:
        """Stop the session and remove its project.

        Needs the scope `service`.
        """
        response = await self.send(
            _delete_session.request(
                id,
            )
        )
        return _delete_session.answer(response)

    async def change_session(
        self,
        id: str,
        *,
        body: ChangeSessionBody,
        idempotency_key: str | Unset = UNSET,
    ) -> SessionView:
        """Change what is set for the session; one that runs starts again, and the answer waits
        until it is ready or has failed.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _change_session.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _change_session.answer(response)

    async def mint_token(
        self,
        id: str,
        *,
        body: MintTokenBody | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> MintTokenResponse201:
        """A link that signs one browser in, once.

        Needs the scope `view`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _mint_token.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _mint_token.answer(response)

    async def revoke_tokens(
        self,
        id: str,
    ) -> None:
        """Sign every viewer out: cookies and unused links of the session end at once. One that
        runs starts again, which ends open connections.

        Needs the scope `service`.
        """
        response = await self.send(
            _revoke_tokens.request(
                id,
            )
        )
        return _revoke_tokens.answer(response)

    async def read_logs(
        self,
        id: str,
        *,
        follow: ReadLogsFollow | Unset = "0",
    ) -> str:
        """The last lines of the dev server's output; with follow=1 the answer goes on.

        Needs the scope `read`.
        """
        response = await self.send(
            _read_logs.request(
                id,
                follow=follow,
            )
        )
        return _read_logs.answer(response)

    async def start_session(
        self,
        id: str,
    ) -> SessionView:
        """Start the dev server unless it runs; wait until it is ready or has failed.

        Needs the scope `write`.
        """
        response = await self.send(
            _start_session.request(
                id,
            )
        )
        return _start_session.answer(response)

    async def restart_session(
        self,
        id: str,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> SessionView:
        """Start the dev server; a running one is replaced.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _restart_session.request(
                id,
                idempotency_key=idempotency_key,
            )
        )
        return _restart_session.answer(response)

    async def stop_session(
        self,
        id: str,
    ) -> SessionView:
        """Stop the dev server; returns when nothing of it is left.

        Needs the scope `write`.
        """
        response = await self.send(
            _stop_session.request(
                id,
            )
        )
        return _stop_session.answer(response)

    async def rebuild_session(
        self,
        id: str,
        *,
        body: RebuildSessionBody | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> RebuildSessionResponse200:
        """Production mode: build the site again if its sources changed; what is served goes on
        meanwhile.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _rebuild_session.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _rebuild_session.answer(response)

    async def list_builds(
        self,
        id: str,
    ) -> ListBuildsResponse200:
        """Production mode: the builds that are kept, the newest first.

        Needs the scope `read`.
        """
        response = await self.send(
            _list_builds.request(
                id,
            )
        )
        return _list_builds.answer(response)

    async def serve_build(
        self,
        id: str,
        number: int,
    ) -> ServeBuildResponse200:
        """Production mode: serve a build that is kept, from the next start on where the session
        does not run. An earlier build than the newest stays until another is asked for; a start
        does not replace it.

        Needs the scope `write`.
        """
        response = await self.send(
            _serve_build.request(
                id,
                number,
            )
        )
        return _serve_build.answer(response)

    async def read_file(
        self,
        id: str,
        path: str,
        *,
        range_: str | Unset = UNSET,
        if_range: str | Unset = UNSET,
        if_none_match: str | Unset = UNSET,
    ) -> Content:
        """A file of the project, or a part of it.

        Needs the scope `read`.
        """
        response = await self.send(
            _read_file.request(
                id,
                path,
                range_=range_,
                if_range=if_range,
                if_none_match=if_none_match,
            )
        )
        return _read_file.answer(response)

    async def write_file(
        self,
        id: str,
        path: str,
        *,
        body: Sendable | Unset = UNSET,
        wait: float | Unset = UNSET,
        if_match: str | Unset = UNSET,
        if_none_match: str | Unset = UNSET,
    ) -> WrittenView:
        """Write a file in one step; the dev server is told at once.

        Needs the scope `write`.
        """
        response = await self.send(
            _write_file.request(
                id,
                path,
                body=body,
                wait=wait,
                if_match=if_match,
                if_none_match=if_none_match,
            )
        )
        return _write_file.answer(response)

    async def delete_file(
        self,
        id: str,
        path: str,
        *,
        recursive: DeleteFileRecursive | Unset = "0",
        if_match: str | Unset = UNSET,
    ) -> None:
        """Remove a file, or a folder with all that is in it.

        Needs the scope `write`.
        """
        response = await self.send(
            _delete_file.request(
                id,
                path,
                recursive=recursive,
                if_match=if_match,
            )
        )
        return _delete_file.answer(response)

    async def edit_file(
        self,
        id: str,
        path: str,
        *,
        body: EditRequest,
        wait: float | Unset = UNSET,
        if_match: str | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> WrittenView:
        """Replace exact texts in a file, each of which has to occur as often as expected; all
        edits are made, or none.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _edit_file.request(
                id,
                path,
                body=body,
                wait=wait,
                if_match=if_match,
                idempotency_key=idempotency_key,
            )
        )
        return _edit_file.answer(response)

    async def move_file(
        self,
        id: str,
        *,
        body: MoveRequest,
        wait: float | Unset = UNSET,
        if_match: str | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> ChangesView:
        """Rename a file or folder in one step.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _move_file.request(
                id,
                body=body,
                wait=wait,
                if_match=if_match,
                idempotency_key=idempotency_key,
            )
        )
        return _move_file.answer(response)

    async def change_files(
        self,
        id: str,
        *,
        body: BatchRequest,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> ChangesView:
        """Make several changes, all or none. Each is tried on what the ones before it leave; open
        pages are updated once for all.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _change_files.request(
                id,
                body=body,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _change_files.answer(response)

    async def download_archive(
        self,
        id: str,
        *,
        path: str | Unset = "",
        format_: DownloadArchiveFormat | Unset = "tar.gz",
    ) -> Content:
        """A folder of the project as an archive, without node_modules and .git.

        Needs the scope `read`.
        """
        response = await self.send(
            _download_archive.request(
                id,
                path=path,
                format_=format_,
            )
        )
        return _download_archive.answer(response)

    async def upload_archive(
        self,
        id: str,
        *,
        body: Sendable,
        path: str | Unset = "",
        idempotency_key: str | Unset = UNSET,
    ) -> UnpackedView:
        """Unpack a tar, tar.gz or zip file into a folder of the project, all of it or nothing.
        Files of the same name are replaced; others stay.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _upload_archive.request(
                id,
                body=body,
                path=path,
                idempotency_key=idempotency_key,
            )
        )
        return _upload_archive.answer(response)

    async def list_problems(
        self,
        id: str,
    ) -> ProblemsView:
        """What is wrong with the site now: files that were changed and pages that are open are
        compiled and rendered for it.

        Needs the scope `read`.
        """
        response = await self.send(
            _list_problems.request(
                id,
            )
        )
        return _list_problems.answer(response)

    async def list_files(
        self,
        id: str,
        *,
        path: str | Unset = "",
        after: str | Unset = "",
        limit: int | Unset = 1000,
        depth: int | Unset = 32,
        hashes: ListFilesHashes | Unset = "1",
    ) -> TreeView:
        """Files and folders with sizes, times and hashes, in the order of their paths;
        node_modules and .git are left out.

        Needs the scope `read`.
        """
        response = await self.send(
            _list_files.request(
                id,
                path=path,
                after=after,
                limit=limit,
                depth=depth,
                hashes=hashes,
            )
        )
        return _list_files.answer(response)

    async def search_files(
        self,
        id: str,
        *,
        q: str,
        regex: SearchFilesRegex | Unset = "0",
        ignore_case: SearchFilesIgnoreCase | Unset = "0",
        word: SearchFilesWord | Unset = "0",
        hidden: SearchFilesHidden | Unset = "0",
        glob: str | Unset = "",
        path: str | Unset = "",
        context: int | Unset = 0,
        limit: int | Unset = 200,
    ) -> FoundView:
        """Lines that match, as ripgrep finds them: what .gitignore names, hidden and binary files
        are left out.

        Needs the scope `read`.
        """
        response = await self.send(
            _search_files.request(
                id,
                q=q,
                regex=regex,
                ignore_case=ignore_case,
                word=word,
                hidden=hidden,
                glob=glob,
                path=path,
                context=context,
                limit=limit,
            )
        )
        return _search_files.answer(response)

    async def list_viewers(
        self,
        id: str,
    ) -> ViewerList:
        """The open pages of the session: whose they are, whether the browser shows them.
        Development mode only.

        Needs the scope `read`.
        """
        response = await self.send(
            _list_viewers.request(
                id,
            )
        )
        return _list_viewers.answer(response)

    async def git_status(
        self,
        id: str,
    ) -> GitStatusView:
        """Branch, last commit, and the files that differ from it.

        Needs the scope `read`.
        """
        response = await self.send(
            _git_status.request(
                id,
            )
        )
        return _git_status.answer(response)

    async def git_diff(
        self,
        id: str,
        *,
        path: str | Unset = "",
    ) -> GitDiffView:
        """How files differ from the last commit, new ones included.

        Needs the scope `read`.
        """
        response = await self.send(
            _git_diff.request(
                id,
                path=path,
            )
        )
        return _git_diff.answer(response)

    async def git_log(
        self,
        id: str,
        *,
        ref: str | Unset = "HEAD",
        limit: int | Unset = 50,
    ) -> GitLogView:
        """The commits that lead to one, the newest first, as far as they were fetched.

        Needs the scope `read`.
        """
        response = await self.send(
            _git_log.request(
                id,
                ref=ref,
                limit=limit,
            )
        )
        return _git_log.answer(response)

    async def git_branches(
        self,
        id: str,
    ) -> GitBranchesView:
        """The branches that the session's repository has.

        Needs the scope `read`.
        """
        response = await self.send(
            _git_branches.request(
                id,
            )
        )
        return _git_branches.answer(response)

    async def git_commit(
        self,
        id: str,
        *,
        body: CommitRequest,
        idempotency_key: str | Unset = UNSET,
    ) -> CommittedView:
        """Commit what differs, or some of it, on the branch that is checked out.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _git_commit.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _git_commit.answer(response)

    async def git_switch(
        self,
        id: str,
        *,
        body: SwitchRequest,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> SwitchedView:
        """Check out another branch, in one wave of updates in the open pages, or make one.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _git_switch.request(
                id,
                body=body,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _git_switch.answer(response)

    async def git_push(
        self,
        id: str,
        *,
        body: RemoteRequest | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> PushedView:
        """Push the branch that is checked out; never by force.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _git_push.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _git_push.answer(response)

    async def git_pull(
        self,
        id: str,
        *,
        body: RemoteRequest | Unset = UNSET,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> PulledView:
        """Take in what the remote has on the branch, the session's own commits on top of it; all
        of it or, with the files that conflict listed, nothing.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _git_pull.request(
                id,
                body=body,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _git_pull.answer(response)

    async def list_checkpoints(
        self,
        id: str,
    ) -> CheckpointsView:
        """States of the project that can be restored.

        Needs the scope `read`.
        """
        response = await self.send(
            _list_checkpoints.request(
                id,
            )
        )
        return _list_checkpoints.answer(response)

    async def make_checkpoint(
        self,
        id: str,
        *,
        body: CheckpointRequest | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> MadeCheckpointView:
        """Keep the project as it is, without generated folders. One is made before each batch,
        archive, restore, pull and switch of branches, too.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _make_checkpoint.request(
                id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _make_checkpoint.answer(response)

    async def remove_checkpoint(
        self,
        id: str,
        number: int,
    ) -> None:
        """Forget a checkpoint.

        Needs the scope `write`.
        """
        response = await self.send(
            _remove_checkpoint.request(
                id,
                number,
            )
        )
        return _remove_checkpoint.answer(response)

    async def diff_checkpoint(
        self,
        id: str,
        number: int,
        *,
        path: str | Unset = "",
    ) -> GitDiffView:
        """What has changed since the checkpoint.

        Needs the scope `read`.
        """
        response = await self.send(
            _diff_checkpoint.request(
                id,
                number,
                path=path,
            )
        )
        return _diff_checkpoint.answer(response)

    async def restore_checkpoint(
        self,
        id: str,
        number: int,
        *,
        body: RestoreRequest | Unset = UNSET,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> RestoredView:
        """Have all files, or some, as they were, in one wave of updates in the open pages. What is
        there now is kept as a checkpoint first.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _restore_checkpoint.request(
                id,
                number,
                body=body,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _restore_checkpoint.answer(response)

    async def undo(
        self,
        id: str,
        *,
        wait: float | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> RestoredView:
        """Restore the state before the last batch, archive, restore, pull or switch of branches;
        again for the one before.

        Needs the scope `write`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _undo.request(
                id,
                wait=wait,
                idempotency_key=idempotency_key,
            )
        )
        return _undo.answer(response)

    async def list_credentials(
        self,
        *,
        after: str | Unset = "",
        limit: int | Unset = 1000,
    ) -> CredentialsView:
        """The credentials that were made through the API, by id, without their secrets.

        Needs the scope `service`.
        """
        response = await self.send(
            _list_credentials.request(
                after=after,
                limit=limit,
            )
        )
        return _list_credentials.answer(response)

    async def create_credential(
        self,
        *,
        body: CredentialRequest,
        idempotency_key: str | Unset = UNSET,
    ) -> CreatedCredentialView:
        """A credential with a scope; its secret is in this answer only.

        Needs the scope `service`. With an `Idempotency-Key` it is done once.
        """
        response = await self.send(
            _create_credential.request(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
        return _create_credential.answer(response)

    async def revoke_credential(
        self,
        credential: str,
    ) -> None:
        """End a credential, on every task within a second.

        Needs the scope `service`.
        """
        response = await self.send(
            _revoke_credential.request(
                credential,
            )
        )
        return _revoke_credential.answer(response)
