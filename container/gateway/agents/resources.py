"""What an agent's program may read by address, and put before its model unasked."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from ..errors import BadRequest
from .tools import Tool

SCHEME: Final = "site:///"
FILES: Final = SCHEME + "files/"
PAGES: Final = SCHEME + "pages/"
LISTED: Final = {
    SCHEME + "tree": ("list_files", "Files and folders of the project, with sizes and hashes"),
    SCHEME + "problems": ("list_problems", "What is wrong with the site now"),
    SCHEME + "session": ("show_session", "State, address and versions of the session"),
    SCHEME + "log": ("read_logs", "The last lines of the dev server's output"),
}
"""Address → the tool that answers it, and what it is."""
TEMPLATES: Final = {
    FILES + "{+path}": ("file", "The text of a file of the project"),
    PAGES + "{+path}": ("page", "What a page of the site shows, as text; without a path the first"),
}
"""Form of addresses → name, and what they are."""

TEMPLATE_TOOLS: Final = {FILES + "{+path}": "read_file", PAGES + "{+path}": "show_session"}
"""What a credential has to be allowed for each of them."""


def page_of(uri: str) -> str | None:
    """The path of the page that `uri` is about; None: it is about something else."""
    return unquote(uri.removeprefix(PAGES)) if uri.startswith(PAGES) else None


def tool_for(uri: str, tools: dict[str, Tool]) -> tuple[Tool, dict[str, str]]:
    """The tool that reads `uri`, with its arguments. `BadRequest` for an address that there is
    not.
    """
    if uri.startswith(FILES):
        return tools["read_file"], {"path": unquote(uri.removeprefix(FILES))}
    if uri in LISTED:
        return tools[LISTED[uri][0]], {}
    raise BadRequest(
        f"there is no resource {uri[:200]!r}; there are {', '.join([*LISTED, *TEMPLATES])}"
    )
