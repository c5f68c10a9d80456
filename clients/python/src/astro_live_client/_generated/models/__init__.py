"""Contains all the data models used in inputs/outputs"""

from .acceleration import Acceleration
from .batch_request import BatchRequest
from .build_view import BuildView
from .change_session_body import ChangeSessionBody
from .changed_view import ChangedView
from .changed_view_event import ChangedViewEvent
from .changes_view import ChangesView
from .checkpoint_event import CheckpointEvent
from .checkpoint_event_action import CheckpointEventAction
from .create_session_body import CreateSessionBody
from .create_session_body_template import CreateSessionBodyTemplate
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
from .healed_event import HealedEvent
from .install_event import InstallEvent
from .line_view import LineView
from .list_builds_response_200 import ListBuildsResponse200
from .list_builds_response_200_builds_item import ListBuildsResponse200BuildsItem
from .list_files_hashes import ListFilesHashes
from .list_sessions_response_200 import ListSessionsResponse200
from .lost_event import LostEvent
from .lost_event_reason import LostEventReason
from .match_view import MatchView
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
from .read_logs_follow import ReadLogsFollow
from .rebuild_session_body import RebuildSessionBody
from .rebuild_session_response_200 import RebuildSessionResponse200
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
from .tree_view import TreeView
from .unpacked_view import UnpackedView
from .update_kind import UpdateKind
from .verdict_view import VerdictView
from .verdict_view_outcome import VerdictViewOutcome
from .version_view import VersionView
from .versions_view import VersionsView
from .viewer_event import ViewerEvent
from .viewer_event_change import ViewerEventChange
from .viewer_view import ViewerView
from .viewers_model import Viewers
from .watch_report import WatchReport
from .watch_report_mode import WatchReportMode
from .write_model import WriteModel
from .write_model_encoding import WriteModelEncoding
from .written_view import WrittenView

__all__ = (
    "Acceleration",
    "BatchRequest",
    "BuildView",
    "ChangeSessionBody",
    "ChangedView",
    "ChangedViewEvent",
    "ChangesView",
    "CheckpointEvent",
    "CheckpointEventAction",
    "CreateSessionBody",
    "CreateSessionBodyTemplate",
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
    "HealedEvent",
    "InstallEvent",
    "LineView",
    "ListBuildsResponse200",
    "ListBuildsResponse200BuildsItem",
    "ListFilesHashes",
    "ListSessionsResponse200",
    "LostEvent",
    "LostEventReason",
    "MatchView",
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
    "ReadLogsFollow",
    "RebuildSessionBody",
    "RebuildSessionResponse200",
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
    "TreeView",
    "UnpackedView",
    "UpdateKind",
    "VerdictView",
    "VerdictViewOutcome",
    "VersionView",
    "VersionsView",
    "ViewerEvent",
    "ViewerEventChange",
    "ViewerView",
    "Viewers",
    "WatchReport",
    "WatchReportMode",
    "WriteModel",
    "WriteModelEncoding",
    "WrittenView",
)
