from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.peer_node import NodeServer, why_missing


@pytest.fixture
def make_node_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Starts node-opcua servers with options of their own; each is ended by its pid."""
    yield from _makers(tmp_path_factory)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeServer]:
    """One node-opcua server for a module's tests that leave it as it is, but for its values."""
    for make in _makers(tmp_path_factory):
        yield make()


def _makers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., NodeServer]]:
    missing = why_missing()
    if missing:
        pytest.skip(missing)
    servers: list[NodeServer] = []
    # One folder for all: making the certificates takes seconds.
    folder = tmp_path_factory.getbasetemp() / "node-opcua"
    folder.mkdir(exist_ok=True)

    def make(**options: Any) -> NodeServer:
        server = NodeServer(Path(folder), **options)
        servers.append(server)
        server.start()
        return server

    try:
        yield make
    finally:
        for server in servers:
            server.kill()


@pytest.fixture
def node_server(make_node_server: Callable[..., NodeServer]) -> NodeServer:
    """A node-opcua server that answers; stepping begins with ``start_stepping``."""
    return make_node_server()
