"""Closed lists of words that settings, messages, the API and the dev server share.
`scripts/gen_messages.py` writes them for JavaScript.
"""

from __future__ import annotations

from typing import Literal

Mode = Literal["development", "production"]
"""`NODE_ENV`: what is served."""
WatchMode = Literal["auto", "native", "hybrid", "polling"]
"""How a dev server is to notice file changes."""
PageUpdates = Literal["in-place", "reload"]
"""How an open page shows an edit of its markup or content."""
Publishing = Literal["on-start", "on-request"]
"""When changed sources are built and served."""
PackageManager = Literal["none", "npm", "pnpm", "yarn", "bun"]
"""What installed a site's packages: `none` where those that come with the dev server, or the
repository's own, are used.
"""
SocketScheme = Literal["ws", "wss"]
