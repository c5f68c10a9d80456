from typing import Literal, cast

ProblemSource = Literal["browser", "module", "page", "site"]


def check_problem_source(value: str) -> ProblemSource:
    """A newer gateway may send values that are not known here."""
    return cast(ProblemSource, value)
