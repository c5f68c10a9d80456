"""The errors of the local stack. Each message is for the person at the terminal and says what to
do.

LocalError
├── OutputClosed       the reader of the output has left; not shown (local.console)
├── ConfigError        configuration that the engine would refuse (local.config)
├── ProgramError       the program stopped with an error (local.engine)
├── DeploymentError    the program asked for what the engine or a provider would refuse (local.monitor)
├── MutationError      a mutation is not well formed, or no resource takes it (local.mutation)
├── PackError          the policy pack did not start or answer (local.policies)
├── DeclarationError   the local stack cannot run what was declared (local.balancer.declared)
├── StartError         another stack runs, a port is taken, a process did not become ready (local.claims)
└── SessionFailed      the session showed no page, or no update came back (local.session)
"""  # noqa: W505 - a table

from __future__ import annotations


class LocalError(RuntimeError):
    """Base of the errors that end a command with one message."""
