"""The errors of the local stack. Each message is for the person at the terminal and says what to do.

    LocalError
    ├── ConfigError        configuration that the engine would refuse (local.config)
    ├── ProgramError       the program stopped with an error (local.engine)
    ├── DeploymentError    the program asked for what the engine or a provider would refuse (local.monitor)
    ├── DeclarationError   the local stack cannot run what was declared (local.declared)
    └── StartError         a port is taken, a process did not become ready (local.up)
"""

from __future__ import annotations


class LocalError(RuntimeError):
    """Base of the errors that end a command with one message."""
