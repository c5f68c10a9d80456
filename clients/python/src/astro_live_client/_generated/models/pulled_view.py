from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.changed_view import ChangedView
    from ..models.verdict_view import VerdictView


T = TypeVar("T", bound="PulledView")


@_attrs_define
class PulledView:
    """
    Attributes:
        commit (str):
        branch (str):
        replayed (int): The session's own commits, now on top
        changes (list[ChangedView]):
        verdict (None | Unset | VerdictView): With `wait`
    """

    commit: str
    branch: str
    replayed: int
    changes: list[ChangedView]
    verdict: None | Unset | VerdictView = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.verdict_view import VerdictView

        commit = self.commit

        branch = self.branch

        replayed = self.replayed

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)

        verdict: dict[str, Any] | None | Unset
        if isinstance(self.verdict, Unset):
            verdict = UNSET
        elif isinstance(self.verdict, VerdictView):
            verdict = self.verdict.to_dict()
        else:
            verdict = self.verdict

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "commit": commit,
                "branch": branch,
                "replayed": replayed,
                "changes": changes,
            }
        )
        if verdict is not UNSET:
            field_dict["verdict"] = verdict

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.changed_view import ChangedView
        from ..models.verdict_view import VerdictView

        d = dict(src_dict)
        commit = d.pop("commit")

        branch = d.pop("branch")

        replayed = d.pop("replayed")

        changes = []
        _changes = d.pop("changes")
        for changes_item_data in _changes:
            changes_item = ChangedView.from_dict(changes_item_data)

            changes.append(changes_item)

        def _parse_verdict(data: object) -> None | Unset | VerdictView:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                verdict_type_0 = VerdictView.from_dict(data)

                return verdict_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | VerdictView, data)

        verdict = _parse_verdict(d.pop("verdict", UNSET))

        pulled_view = cls(
            commit=commit,
            branch=branch,
            replayed=replayed,
            changes=changes,
            verdict=verdict,
        )

        return pulled_view
