"""Contains all the data models used in inputs/outputs"""

from .acceleration import Acceleration
from .author_model import AuthorModel
from .batch_request import BatchRequest
from .build_view import BuildView
from .change_session_body import ChangeSessionBody
from .changed_view import ChangedView
from .changed_view_event import ChangedViewEvent
from .changes_view import ChangesView
from .checkpoint_event import CheckpointEvent
from .checkpoint_event_action import CheckpointEventAction
from .checkpoint_request import CheckpointRequest
from .checkpoint_view import CheckpointView
from .checkpoint_view_kind import CheckpointViewKind
from .checkpoints_view import CheckpointsView
from .commit_request import CommitRequest
from .committed_view import CommittedView
from .conflicting_file import ConflictingFile
from .create_request import CreateRequest
from .create_request_template import CreateRequestTemplate
from .created_credential_view import CreatedCredentialView
from .credential_model import CredentialModel
from .credential_request import CredentialRequest
from .credential_view import CredentialView
from .credentials_view import CredentialsView
from .delete_file_recursive import DeleteFileRecursive
from .delete_model import DeleteModel
from .download_archive_format import DownloadArchiveFormat
from .edit_event import EditEvent
from .edit_model import EditModel
from .edit_operation import EditOperation
from .edit_request import EditRequest
from .end_event import EndEvent
from .end_event_reason import EndEventReason
from .entry_view import EntryView
from .entry_view_type import EntryViewType
from .error_code import ErrorCode
from .error_view import ErrorView
from .found_view import FoundView
from .git_branch_view import GitBranchView
from .git_branches_view import GitBranchesView
from .git_commit_view import GitCommitView
from .git_diff_view import GitDiffView
from .git_file_view import GitFileView
from .git_file_view_state import GitFileViewState
from .git_log_view import GitLogView
from .git_status_view import GitStatusView
from .healed_event import HealedEvent
from .install_event import InstallEvent
from .invalid_member import InvalidMember
from .line_view import LineView
from .list_builds_response_200 import ListBuildsResponse200
from .list_builds_response_200_builds_item import ListBuildsResponse200BuildsItem
from .list_files_hashes import ListFilesHashes
from .list_sessions_response_200 import ListSessionsResponse200
from .lost_event import LostEvent
from .lost_event_reason import LostEventReason
from .made_checkpoint_view import MadeCheckpointView
from .made_checkpoint_view_kind import MadeCheckpointViewKind
from .match_view import MatchView
from .mint_token_body import MintTokenBody
from .mint_token_response_201 import MintTokenResponse201
from .move_model import MoveModel
from .move_request import MoveRequest
from .nothing import Nothing
from .overridden import Overridden
from .packages_view import PackagesView
from .packages_view_manager import PackagesViewManager
from .problem import Problem
from .problem_event import ProblemEvent
from .problem_source import ProblemSource
from .problem_view import ProblemView
from .problems_view import ProblemsView
from .pulled_view import PulledView
from .pushed_view import PushedView
from .read_logs_follow import ReadLogsFollow
from .rebuild_session_body import RebuildSessionBody
from .rebuild_session_response_200 import RebuildSessionResponse200
from .remote_request import RemoteRequest
from .repository_model import RepositoryModel
from .restore_request import RestoreRequest
from .restored_view import RestoredView
from .scope import Scope
from .search_files_hidden import SearchFilesHidden
from .search_files_ignore_case import SearchFilesIgnoreCase
from .search_files_regex import SearchFilesRegex
from .search_files_word import SearchFilesWord
from .serve_build_response_200 import ServeBuildResponse200
from .session_view import SessionView
from .site_report import SiteReport
from .stage import Stage
from .state import State
from .state_event import StateEvent
from .switch_request import SwitchRequest
from .switched_view import SwitchedView
from .tree_view import TreeView
from .unpacked_view import UnpackedView
from .update_kind import UpdateKind
from .verdict_view import VerdictView
from .verdict_view_outcome import VerdictViewOutcome
from .version_view import VersionView
from .versions_view import VersionsView
from .viewer_event import ViewerEvent
from .viewer_event_change import ViewerEventChange
from .viewer_list import ViewerList
from .viewer_view import ViewerView
from .watch_report import WatchReport
from .watch_report_mode import WatchReportMode
from .write_model import WriteModel
from .write_model_encoding import WriteModelEncoding
from .written_view import WrittenView

__all__ = (
    "Acceleration",
    "AuthorModel",
    "BatchRequest",
    "BuildView",
    "ChangeSessionBody",
    "ChangedView",
    "ChangedViewEvent",
    "ChangesView",
    "CheckpointEvent",
    "CheckpointEventAction",
    "CheckpointRequest",
    "CheckpointView",
    "CheckpointViewKind",
    "CheckpointsView",
    "CommitRequest",
    "CommittedView",
    "ConflictingFile",
    "CreateRequest",
    "CreateRequestTemplate",
    "CreatedCredentialView",
    "CredentialModel",
    "CredentialRequest",
    "CredentialView",
    "CredentialsView",
    "DeleteFileRecursive",
    "DeleteModel",
    "DownloadArchiveFormat",
    "EditEvent",
    "EditModel",
    "EditOperation",
    "EditRequest",
    "EndEvent",
    "EndEventReason",
    "EntryView",
    "EntryViewType",
    "ErrorCode",
    "ErrorView",
    "FoundView",
    "GitBranchView",
    "GitBranchesView",
    "GitCommitView",
    "GitDiffView",
    "GitFileView",
    "GitFileViewState",
    "GitLogView",
    "GitStatusView",
    "HealedEvent",
    "InstallEvent",
    "InvalidMember",
    "LineView",
    "ListBuildsResponse200",
    "ListBuildsResponse200BuildsItem",
    "ListFilesHashes",
    "ListSessionsResponse200",
    "LostEvent",
    "LostEventReason",
    "MadeCheckpointView",
    "MadeCheckpointViewKind",
    "MatchView",
    "MintTokenBody",
    "MintTokenResponse201",
    "MoveModel",
    "MoveRequest",
    "Nothing",
    "Overridden",
    "PackagesView",
    "PackagesViewManager",
    "Problem",
    "ProblemEvent",
    "ProblemSource",
    "ProblemView",
    "ProblemsView",
    "PulledView",
    "PushedView",
    "ReadLogsFollow",
    "RebuildSessionBody",
    "RebuildSessionResponse200",
    "RemoteRequest",
    "RepositoryModel",
    "RestoreRequest",
    "RestoredView",
    "Scope",
    "SearchFilesHidden",
    "SearchFilesIgnoreCase",
    "SearchFilesRegex",
    "SearchFilesWord",
    "ServeBuildResponse200",
    "SessionView",
    "SiteReport",
    "Stage",
    "State",
    "StateEvent",
    "SwitchRequest",
    "SwitchedView",
    "TreeView",
    "UnpackedView",
    "UpdateKind",
    "VerdictView",
    "VerdictViewOutcome",
    "VersionView",
    "VersionsView",
    "ViewerEvent",
    "ViewerEventChange",
    "ViewerList",
    "ViewerView",
    "WatchReport",
    "WatchReportMode",
    "WriteModel",
    "WriteModelEncoding",
    "WrittenView",
)
