"""Proxies in front of a broker that is not the embedded one."""

from __future__ import annotations

import threading
from pathlib import Path

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.control import ProxyControl
from scicat_harness.broker.service import BrokerService
from scicat_harness.processes.children import Children

__all__ = ["Proxies"]


class Proxies:
    """Opens proxies to an address, in a child that is started with the first of them.

    They listen at ``host``. Most runs need none, so most start no child.
    """

    def __init__(
        self,
        address: BrokerAddress,
        folder: Path,
        children: Children,
        host: str = "127.0.0.1",
    ) -> None:
        self.address = address
        self._host = host
        self._folder = folder
        self._children = children
        self._lock = threading.Lock()
        self._service: BrokerService | None = None

    def open_proxy(self) -> ProxyControl:
        """Open a new proxy in front of the broker."""
        # Several threads may start backends; only one of them starts the child.
        with self._lock:
            if self._service is None:
                target = (self.address.host, self.address.port)
                self._service = BrokerService.start(
                    "broker proxies", self._folder, self._children, target=target, host=self._host
                )
        return self._service.control.open_proxy()

    def close(self) -> None:
        """End the proxies; safe to call twice."""
        with self._lock:
            if self._service is not None:
                self._service.child.stop()
