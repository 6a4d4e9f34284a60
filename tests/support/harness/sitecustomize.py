"""Python runs this at its start in a test's subprocess: from then on nothing reaches the network."""

import socket
from typing import Any, NoReturn


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise OSError("a test reached for the network")


socket.getaddrinfo = _refuse
socket.create_connection = _refuse
socket.socket.connect = _refuse  # type: ignore[method-assign]
