"""Hook of mkdocs: the pages that lie outside docs/, and links that lead out of it.

README, CONTRIBUTING, CHANGELOG, RELEASE and the policy pack's own pages become pages. A link to any
other file of the checkout leads to the repository that GITHUB_REPOSITORY names (GitHub Actions sets
it); without one its text stays and the link goes.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import Any, Final

from mkdocs.structure.files import File, Files

ROOT: Final = Path(__file__).resolve().parent.parent
OUTSIDE: Final = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "RELEASE.md": "releases.md",
    "policy/README.md": "policy.md",
    "policy/ADOPT.md": "adopt-policies.md",
    "clients/python/README.md": "client-python.md",
    "clients/typescript/README.md": "client-typescript.md",
    **{
        f"policy/docs/{page.name}": f"policies/{page.name}"
        for page in sorted((ROOT / "policy" / "docs").glob("*.md"))
    },
}
"""Path in the checkout to page of the site."""
LINK: Final = re.compile(
    r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]+)(#[^)\s]*)?\)|```.*?```|`[^`\n]+`", re.DOTALL
)
"""A link, or code, in which nothing is a link."""


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie outside docs/."""
    for source, page in OUTSIDE.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Point relative links at pages of the site, or at the repository."""
    sources = {target: source for source, target in OUTSIDE.items()}
    source = sources.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def replaced(match: re.Match[str]) -> str:
        image, label, target, anchor = match.groups(default="")
        if not target or re.match(r"[a-z]+:", target):
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        inside = OUTSIDE.get(path, path.removeprefix("docs/") if path.startswith("docs/") else "")
        if inside and (ROOT / path).is_file():
            return f"{image}[{label}]({posixpath.relpath(inside, posixpath.dirname(page.file.src_uri) or '.')}{anchor})"
        repository = os.environ.get("GITHUB_REPOSITORY")
        if not repository:
            return label
        return f"[{label}]({os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}/blob/main/{path}{anchor})"

    return LINK.sub(replaced, markdown)
