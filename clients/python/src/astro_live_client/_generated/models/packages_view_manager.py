from typing import Literal, cast

PackagesViewManager = Literal["bun", "none", "npm", "pnpm", "yarn"]


def check_packages_view_manager(value: str) -> PackagesViewManager:
    """A newer gateway may send values that are not known here."""
    return cast(PackagesViewManager, value)
