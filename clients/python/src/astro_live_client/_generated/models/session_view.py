from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.stage import Stage, check_stage
from ..models.state import State, check_state

if TYPE_CHECKING:
    from ..models.build_view import BuildView
    from ..models.error_view import ErrorView
    from ..models.nothing import Nothing
    from ..models.packages_view import PackagesView
    from ..models.site_report import SiteReport
    from ..models.versions_view import VersionsView
    from ..models.watch_report import WatchReport


T = TypeVar("T", bound="SessionView")


@_attrs_define
class SessionView:
    """A session as it is now.

    Attributes:
        id (str):
        state (State):
        url (str):
        stage (Stage | str):
        idle_seconds (float):
        sockets (int):
        memory_mib (int):
        started_at (float | None):
        restarts (int):
        pid (int | None):
        root (str): The site's folder in the repository; empty for its own
        packages (Nothing | PackagesView):
        watch (Nothing | WatchReport):
        versions (Nothing | VersionsView):
        report (Nothing | SiteReport):
        build (BuildView | Nothing):
        error (ErrorView | None):
    """

    id: str
    state: State
    url: str
    stage: Stage | str
    idle_seconds: float
    sockets: int
    memory_mib: int
    started_at: float | None
    restarts: int
    pid: int | None
    root: str
    packages: Nothing | PackagesView
    watch: Nothing | WatchReport
    versions: Nothing | VersionsView
    report: Nothing | SiteReport
    build: BuildView | Nothing
    error: ErrorView | None

    def to_dict(self) -> dict[str, Any]:
        from ..models.build_view import BuildView
        from ..models.error_view import ErrorView
        from ..models.packages_view import PackagesView
        from ..models.site_report import SiteReport
        from ..models.versions_view import VersionsView
        from ..models.watch_report import WatchReport

        id = self.id

        state: str = self.state

        url = self.url

        stage: str
        if isinstance(self.stage, str):
            stage = self.stage
        else:
            stage = self.stage

        idle_seconds = self.idle_seconds

        sockets = self.sockets

        memory_mib = self.memory_mib

        started_at: float | None
        started_at = self.started_at

        restarts = self.restarts

        pid: int | None
        pid = self.pid

        root = self.root

        packages: dict[str, Any]
        if isinstance(self.packages, PackagesView):
            packages = self.packages.to_dict()
        else:
            packages = self.packages.to_dict()

        watch: dict[str, Any]
        if isinstance(self.watch, WatchReport):
            watch = self.watch.to_dict()
        else:
            watch = self.watch.to_dict()

        versions: dict[str, Any]
        if isinstance(self.versions, VersionsView):
            versions = self.versions.to_dict()
        else:
            versions = self.versions.to_dict()

        report: dict[str, Any]
        if isinstance(self.report, SiteReport):
            report = self.report.to_dict()
        else:
            report = self.report.to_dict()

        build: dict[str, Any]
        if isinstance(self.build, BuildView):
            build = self.build.to_dict()
        else:
            build = self.build.to_dict()

        error: dict[str, Any] | None
        if isinstance(self.error, ErrorView):
            error = self.error.to_dict()
        else:
            error = self.error

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "state": state,
                "url": url,
                "stage": stage,
                "idle_seconds": idle_seconds,
                "sockets": sockets,
                "memory_mib": memory_mib,
                "started_at": started_at,
                "restarts": restarts,
                "pid": pid,
                "root": root,
                "packages": packages,
                "watch": watch,
                "versions": versions,
                "report": report,
                "build": build,
                "error": error,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.build_view import BuildView
        from ..models.error_view import ErrorView
        from ..models.nothing import Nothing
        from ..models.packages_view import PackagesView
        from ..models.site_report import SiteReport
        from ..models.versions_view import VersionsView
        from ..models.watch_report import WatchReport

        d = dict(src_dict)
        id = d.pop("id")

        state = check_state(d.pop("state"))

        url = d.pop("url")

        def _parse_stage(data: object) -> Stage | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                stage_type_0 = check_stage(data)

                return stage_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Stage | str, data)

        stage = _parse_stage(d.pop("stage"))

        idle_seconds = d.pop("idle_seconds")

        sockets = d.pop("sockets")

        memory_mib = d.pop("memory_mib")

        def _parse_started_at(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

        restarts = d.pop("restarts")

        def _parse_pid(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        pid = _parse_pid(d.pop("pid"))

        root = d.pop("root")

        def _parse_packages(data: object) -> Nothing | PackagesView:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                packages_type_0 = PackagesView.from_dict(data)

                return packages_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            packages_type_1 = Nothing.from_dict(data)

            return packages_type_1

        packages = _parse_packages(d.pop("packages"))

        def _parse_watch(data: object) -> Nothing | WatchReport:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                watch_type_0 = WatchReport.from_dict(data)

                return watch_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            watch_type_1 = Nothing.from_dict(data)

            return watch_type_1

        watch = _parse_watch(d.pop("watch"))

        def _parse_versions(data: object) -> Nothing | VersionsView:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                versions_type_0 = VersionsView.from_dict(data)

                return versions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            versions_type_1 = Nothing.from_dict(data)

            return versions_type_1

        versions = _parse_versions(d.pop("versions"))

        def _parse_report(data: object) -> Nothing | SiteReport:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                report_type_0 = SiteReport.from_dict(data)

                return report_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            report_type_1 = Nothing.from_dict(data)

            return report_type_1

        report = _parse_report(d.pop("report"))

        def _parse_build(data: object) -> BuildView | Nothing:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                build_type_0 = BuildView.from_dict(data)

                return build_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            build_type_1 = Nothing.from_dict(data)

            return build_type_1

        build = _parse_build(d.pop("build"))

        def _parse_error(data: object) -> ErrorView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = ErrorView.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ErrorView | None, data)

        error = _parse_error(d.pop("error"))

        session_view = cls(
            id=id,
            state=state,
            url=url,
            stage=stage,
            idle_seconds=idle_seconds,
            sockets=sockets,
            memory_mib=memory_mib,
            started_at=started_at,
            restarts=restarts,
            pid=pid,
            root=root,
            packages=packages,
            watch=watch,
            versions=versions,
            report=report,
            build=build,
            error=error,
        )

        return session_view
