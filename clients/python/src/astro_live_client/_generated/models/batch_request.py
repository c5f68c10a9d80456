from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.delete_model import DeleteModel
    from ..models.edit_operation import EditOperation
    from ..models.move_model import MoveModel
    from ..models.write_model import WriteModel


T = TypeVar("T", bound="BatchRequest")


@_attrs_define
class BatchRequest:
    """Changes that are all made, in their order, or none of them.

    Attributes:
        operations (list[DeleteModel | EditOperation | MoveModel | WriteModel]):
    """

    operations: list[DeleteModel | EditOperation | MoveModel | WriteModel]

    def to_dict(self) -> dict[str, Any]:
        from ..models.delete_model import DeleteModel
        from ..models.edit_operation import EditOperation
        from ..models.write_model import WriteModel

        operations = []
        for operations_item_data in self.operations:
            operations_item: dict[str, Any]
            if (
                isinstance(operations_item_data, WriteModel)
                or isinstance(operations_item_data, EditOperation)
                or isinstance(operations_item_data, DeleteModel)
            ):
                operations_item = operations_item_data.to_dict()
            else:
                operations_item = operations_item_data.to_dict()

            operations.append(operations_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "operations": operations,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.delete_model import DeleteModel
        from ..models.edit_operation import EditOperation
        from ..models.move_model import MoveModel
        from ..models.write_model import WriteModel

        d = dict(src_dict)
        operations = []
        _operations = d.pop("operations")
        for operations_item_data in _operations:

            def _parse_operations_item(
                data: object,
            ) -> DeleteModel | EditOperation | MoveModel | WriteModel:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    operations_item_type_0 = WriteModel.from_dict(data)

                    return operations_item_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    operations_item_type_1 = EditOperation.from_dict(data)

                    return operations_item_type_1
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    operations_item_type_2 = DeleteModel.from_dict(data)

                    return operations_item_type_2
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                if not isinstance(data, dict):
                    raise TypeError()
                operations_item_type_3 = MoveModel.from_dict(data)

                return operations_item_type_3

            operations_item = _parse_operations_item(operations_item_data)

            operations.append(operations_item)

        batch_request = cls(
            operations=operations,
        )

        return batch_request
