"""The component provider: lets Pulumi programs in any language declare
`astro-live:index:LiveEditing`.

    pulumi package add ../astro-live/components/provider

Set the checkout up first (`make setup`): the plugin runs in its virtual environment, and the image
is built from it.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pulumi.provider.experimental import component_provider_host

from components.provider.live_editing import LiveEditing

if __name__ == "__main__":
    component_provider_host(components=[LiveEditing], name="astro-live", version="0.1.0")
