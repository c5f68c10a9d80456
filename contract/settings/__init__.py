"""Settings, declared once.

A setting is one field of a `Settings` class:

    max_sessions: int = setting(6, "Run at most this many dev servers per task.", within=(1, 200))

From that line come the stack key (`astro-live:maxSessions`), the environment variable
(`ASTRO_LIVE_MAX_SESSIONS`), the schema in Pulumi.yaml, both reference tables, `--help` and the
check, which reports every problem at once. `SessionSettings` and the HMR contract hold what stack
and container share; each side adds its own settings in a subclass.

    declaration.py  `setting` and `Shape` declare; `Setting` is what readers and writers see
    model.py        `Settings`: checks values, then the rules between them
    problems.py     `Problem` and `InvalidSettings`
    sources.py      reads a stack's config and a container's environment
    session.py      `SessionSettings`
    task.py         `TaskSettings`, and the names of the secrets
"""

from contract.settings.declaration import Setting, Shape, one_of, setting
from contract.settings.model import Reading, Rule, Settings, read
from contract.settings.problems import InvalidSettings, Names, Problem, Problems
from contract.settings.sources import read_environment, read_keys

__all__ = [
    "InvalidSettings",
    "Names",
    "Problem",
    "Problems",
    "Reading",
    "Rule",
    "Setting",
    "Settings",
    "Shape",
    "one_of",
    "read",
    "read_environment",
    "read_keys",
    "setting",
]
