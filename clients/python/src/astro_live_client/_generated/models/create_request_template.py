from typing import Literal, cast

CreateRequestTemplate = Literal["empty", "starter"]


def check_create_request_template(value: str) -> CreateRequestTemplate:
    """A newer gateway may send values that are not known here."""
    return cast(CreateRequestTemplate, value)
