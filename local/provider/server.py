"""Start the offline providers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from local.provider.construct import LARGEST_MESSAGE, construct
from local.provider.service import Provider
from local.provider.store import Store

PACKAGES = {"aws": "pulumi-aws", "awsx": "pulumi-awsx", "docker": "pulumi-docker"}
_THREADS = 32
"""`Construct` waits for the engine, which meanwhile asks the other providers: enough threads that
nobody waits in a circle.
"""


@contextmanager
def serve(store: Path | Store, root: Path) -> Iterator[str]:
    """Serve all providers on loopback while the block runs; yields the value of
    `PULUMI_DEBUG_PROVIDERS`.

    `store` is the file of the pretend cloud, or a store that does more with it; `root` is the
    program's directory, from which a provider reads relative paths.
    """
    pretend = store if isinstance(store, Store) else Store(store)
    servers, attached = [], []
    try:
        for package, distribution in PACKAGES.items():
            build = (
                partial(construct, aws_version=version("pulumi-aws")) if package == "awsx" else None
            )
            provider = Provider(package, version(distribution), pretend, root, build)
            options = [
                ("grpc.max_receive_message_length", LARGEST_MESSAGE),
                ("grpc.max_send_message_length", LARGEST_MESSAGE),
            ]
            server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=options)
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
            port = server.add_insecure_port("127.0.0.1:0")
            server.start()
            servers.append(server)
            attached.append(f"{package}:{port}")
        yield ",".join(attached)
    finally:
        for server in servers:
            server.stop(grace=1).wait()
