"""The policy pack. Started by the engine (`pulumi preview --policy-pack policy`); it serves gRPC
until it is ended.

The directory runs as a script, so `rules` is a top-level package here and `policy.rules` everywhere
else.
"""

from pathlib import Path

import yaml
from rules import ALL_RULES  # type: ignore[import-not-found]
from rules.core.serving import Pack, serve  # type: ignore[import-not-found]

if __name__ == "__main__":
    manifest = yaml.safe_load(
        (Path(__file__).parent / "PulumiPolicy.yaml").read_text(encoding="utf-8")
    )
    serve(
        Pack(
            name=manifest["name"],
            version=manifest["version"],
            description=manifest["description"],
            rules=ALL_RULES,
        )
    )
