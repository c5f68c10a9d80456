from typing import Literal, cast

CreateSessionBodyTemplate = Literal["starter"]


def check_create_session_body_template(value: str) -> CreateSessionBodyTemplate:
    """A newer gateway may send values that are not known here."""
    return cast(CreateSessionBodyTemplate, value)
