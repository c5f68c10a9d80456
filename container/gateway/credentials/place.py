"""The keyring of this task, with its records where the settings say."""

from __future__ import annotations

import logging
from typing import Final

from contract.messages import MessageError

from ..processes import Processes
from ..settings import Configuration
from ..storage import Storage
from .keyring import Keyring
from .store import CredentialStore, FileStore

VERSION: Final = "credentials"
PURPOSE: Final = "astro-live credentials"

log = logging.getLogger(__name__)


def keyring_of(configuration: Configuration, processes: Processes, storage: Storage) -> Keyring:
    """In the ownership table where there is one, on the projects' disk otherwise."""
    table = configuration.settings.ownership_table
    store = _table(table) if table else _file(configuration, processes, storage)
    return Keyring(store, configuration.secrets.api_tokens)


def _table(table: str) -> CredentialStore:
    # Imported here: a task without a table pays neither the time nor the memory of AWS's library.
    from ..ownership.dynamo import DynamoStore
    from .dynamo import TableStore

    return TableStore(table, DynamoStore(table))


def _file(configuration: Configuration, processes: Processes, storage: Storage) -> CredentialStore:
    def save(version: int) -> None:
        try:
            processes.remember(VERSION, str(version))
        except MessageError as error:
            log.warning("the version of the credentials cannot be remembered: %s", error)

    known = processes.memory.get(VERSION)
    return FileStore(
        configuration.settings.sites_dir,
        storage,
        [key.derived(PURPOSE) for key in configuration.secrets.signing_keys],
        floor=int(known.value) if known else 0,
        save_floor=save,
    )
