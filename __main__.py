"""The stack: wiring only. Every value comes from `settings`, every resource from `components`."""

import pulumi

from components.kept import first_value
from components.live_editing import LiveEditing
from settings import StackSettings, check_prefix

settings = StackSettings.load()
check_prefix(
    first_value(pulumi.Stash("name-prefix", input=settings.name_prefix)), settings.name_prefix
)
editing = LiveEditing(settings.name_prefix, settings)

for name, value in editing.results().items():
    pulumi.export(name, value)
