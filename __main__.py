"""The stack: wiring only. Every value comes from `settings`, every resource from `components`."""

import pulumi

from components.live_editing import LiveEditing
from settings import StackSettings

settings = StackSettings.load()
editing = LiveEditing(settings.name_prefix, settings)

for name, value in editing.results().items():
    pulumi.export(name, value)
