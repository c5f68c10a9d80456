"""The policy pack. Started by the engine (`pulumi preview --policy-pack policy`); it serves gRPC until it is ended.

The directory runs as a script, so `rules` is a top-level package here and `policy.rules` everywhere else.
"""

from pulumi_policy import EnforcementLevel, PolicyPack
from rules import ALL_RULES  # type: ignore[import-not-found]
from rules.core.adapter import policies  # type: ignore[import-not-found]

if __name__ == "__main__":
    PolicyPack(
        name="astro-live",
        policies=policies(ALL_RULES),
        enforcement_level=EnforcementLevel.MANDATORY,
        display_name="astro-live",
        provider="aws",
    )
