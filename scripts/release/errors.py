"""The one error of the release commands.

ReleaseError          what stopped the command, in one line, and what to do about it
"""

from __future__ import annotations


class ReleaseError(Exception):
    """Stops a release command. The text is one line: what failed, with which value, and the fix."""
