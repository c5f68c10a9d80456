from typing import Literal, cast

Stage = Literal["build", "config", "install", "serve", "start"]


def check_stage(value: str) -> Stage:
    """A newer gateway may send values that are not known here."""
    return cast(Stage, value)
