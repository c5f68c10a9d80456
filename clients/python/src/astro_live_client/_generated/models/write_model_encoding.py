from typing import Literal, cast

WriteModelEncoding = Literal["base64", "utf-8"]


def check_write_model_encoding(value: str) -> WriteModelEncoding:
    """A newer gateway may send values that are not known here."""
    return cast(WriteModelEncoding, value)
