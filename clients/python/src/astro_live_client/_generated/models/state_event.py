from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..models.stage import Stage, check_stage
from ..models.state import State, check_state

if TYPE_CHECKING:
    from ..models.error_view import ErrorView


T = TypeVar("T", bound="StateEvent")


@_attrs_define
class StateEvent:
    """The session's state, the stage of its start or its error has changed. A reader that does not
    go on after an event that it names gets one first, as things are.

        Attributes:
            at (float): Seconds since the epoch
            kind (Literal['state']):  Default: 'state'.
            state (State):
            stage (Stage | str):
            error (ErrorView | None):
    """

    at: float
    state: State
    stage: Stage | str
    error: ErrorView | None
    kind: Literal["state"] = "state"

    def to_dict(self) -> dict[str, Any]:
        from ..models.error_view import ErrorView

        at = self.at

        kind = self.kind

        state: str = self.state

        stage: str
        if isinstance(self.stage, str):
            stage = self.stage
        else:
            stage = self.stage

        error: dict[str, Any] | None
        if isinstance(self.error, ErrorView):
            error = self.error.to_dict()
        else:
            error = self.error

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "state": state,
                "stage": stage,
                "error": error,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.error_view import ErrorView

        d = dict(src_dict)
        at = d.pop("at")

        kind = cast(Literal["state"], d.pop("kind"))
        if kind != "state":
            raise ValueError(f"kind must match const 'state', got '{kind}'")

        state = check_state(d.pop("state"))

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

        state_event = cls(
            at=at,
            kind=kind,
            state=state,
            stage=stage,
            error=error,
        )

        return state_event
