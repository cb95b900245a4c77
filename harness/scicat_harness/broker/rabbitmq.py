"""A private RabbitMQ node: the installed server with its own name, ports, cookie and folder.

It shares nothing with a node that runs already, needs no root, and leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.broker import BrokerConnection
from scicat_harness.broker.closer import NodeConnections
from scicat_harness.broker.probe import use
from scicat_harness.broker.proxies import Proxies
from scicat_harness.broker.rabbitmqctl import RabbitmqCtl
from scicat_harness.errors import EnvironmentFault
from scicat_harness.processes.child import Child, module_environment
from scicat_harness.processes.children import Children
from scicat_harness.processes.running import wait_usable
from scicat_harness.processes.sockets import free_ports
from scicat_harness.state.alive import is_alive

__all__ = ["PrivateNode", "find_server"]

_DEBIAN = Path("/usr/lib/rabbitmq/bin")
_START_DEADLINE = 90.0
_RETRIES = 2
_GONE_DEADLINE = 5.0
_STEP = 0.02
_FIX = (
    "install it (apt-get install rabbitmq-server), or use --broker embedded, or give the address "
    "of a broker with --broker amqp://USER:PASSWORD@HOST:PORT"
)


def find_server() -> Path | None:
    """Return the start script of the server, None where RabbitMQ is not installed.

    It is looked for in RABBITMQ_HOME, in Debian's ``/usr/lib/rabbitmq/bin``, and on the PATH.
    Debian's ``/usr/sbin/rabbitmq-server`` is passed over: it is a wrapper that changes to another
    user.
    """
    home = os.environ.get("RABBITMQ_HOME")
    folders = [Path(home) / "sbin", Path(home) / "bin"] if home else []
    for folder in [*folders, _DEBIAN, *map(Path, os.get_exec_path())]:
        found = folder / "rabbitmq-server"
        # The real script has rabbitmq-env beside it, the wrapper does not.
        if os.access(found, os.X_OK) and found.resolve().with_name("rabbitmq-env").exists():
            return found.resolve()
    return None


class PrivateNode(Proxies):
    """A RabbitMQ node of the run, which is removed with all its files in the end.

    The constructor returns once a message can be sent; ``port`` 0 is any free one, and another one
    if that is taken before the node has bound it. Raises
    EnvironmentFault, with the fix, when RabbitMQ or Erlang is not installed, or when the node ends
    or cannot be used within 90 s.
    """

    name = "rabbitmq"

    def __init__(self, folder: Path, children: Children, *, port: int = 0) -> None:
        server = find_server()
        if server is None:
            raise EnvironmentFault(f"--broker rabbitmq: no rabbitmq-server is installed; {_FIX}")
        if shutil.which("epmd") is None:
            raise EnvironmentFault(f"--broker rabbitmq: no epmd (Erlang) is on the PATH; {_FIX}")
        self._plan, self._child = _usable_node(server, folder.resolve(), children, port)
        super().__init__(self._plan.address, folder, children)
        self._ctl = RabbitmqCtl(
            server.with_name("rabbitmqctl"), self._plan.node, self._plan.environment()
        )
        self._connections = NodeConnections(self._ctl)

    def connections(self) -> tuple[BrokerConnection, ...]:
        """Return the connections of clients."""
        return self._connections.connections()

    def connections_json(self) -> Mapping[str, Any]:
        """Return the path, node and environment of its ``rabbitmqctl``, for another process."""
        return self._ctl.to_json()

    def close_connections(
        self, *, name: str | None = None, ports: Collection[int] | None = None
    ) -> int:
        """Close connections as ``ConnectionCloser``; return their number."""
        return self._connections.close_connections(name=name, ports=ports)

    def close(self) -> None:
        """End it; safe to call twice.

        Raises EnvironmentFault, naming them, when a process or the folder is left after 5 s.
        """
        super().close()
        _end(self._plan, self._child)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The folder, name, account and ports of one node."""

    folder: Path
    data: Path
    node: str
    address: BrokerAddress = field(repr=False)
    dist_port: int
    epmd_port: int

    @classmethod
    def of(cls, folder: Path, port: int) -> _Plan:
        # Of AMQP, of Erlang's distribution, and of the port mapper (epmd).
        own, dist, epmd = free_ports(3)
        identity = secrets.token_hex(4)
        address = BrokerAddress("127.0.0.1", port or own, "harness", secrets.token_hex(16))
        return cls(
            folder, folder / f"node-{identity}", f"scicat-{identity}@localhost", address, dist, epmd
        )

    def write(self) -> None:
        """Make the folder with the configuration; raise EnvironmentFault when it cannot."""
        try:
            self.data.mkdir(parents=True, mode=0o700)
            # No plugins; the mode keeps the password and the Erlang cookie from other users.
            (self.data / "plugins").write_text("[].\n", encoding="utf-8")
            (self.data / "rabbitmq.conf").write_text(self._configuration(), encoding="utf-8")
            # As rabbitmqctl trace_on does: the sinks see messages to exchanges that they do not
            # know (Collector.trace).
            (self.data / "advanced.config").write_text(
                '[{rabbit, [{trace_vhosts, [<<"/">>]}]}].\n', encoding="utf-8"
            )
        except OSError as error:
            raise EnvironmentFault(f"cannot write into {self.data}: {error.strerror}") from None

    def environment(self) -> dict[str, str]:
        """Return the environment of the server and its tools.

        Every path and port of the node is set, so that no file of an installed node is read.
        """
        return {
            **module_environment(),
            "HOME": str(self.data),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.address.port),
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "RABBITMQ_MNESIA_BASE": str(self.data / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.data / "log"),
            "RABBITMQ_PID_FILE": str(self.data / "pid"),
            # Files that do not exist: the defaults are those of an installed node.
            "RABBITMQ_CONF_ENV_FILE": str(self.data / "none"),
            "RABBITMQ_CONFIG_FILE": str(self.data / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.data / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.data / "plugins"),
            # The start script becomes the node (exec) and reads standard input, see keeper.
            "RABBITMQ_ALLOW_INPUT": "1",
            # Two schedulers that sleep when they have nothing to do, no epmd of its own, and the
            # distribution on loopback alone.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none "
                "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"
            ),
            "RABBITMQ_CTL_ERL_ARGS": "-start_epmd false",
            "SCICAT_KEEPER_PIDS": str(self.data / "keeper.pids"),
        }

    def processes(self) -> dict[str, int]:
        """Return the process ids of node and epmd; empty before the keeper has written them."""
        with contextlib.suppress(OSError, ValueError):
            found = (self.data / "keeper.pids").read_text(encoding="utf-8").split()
            return dict(zip(("node", "epmd"), map(int, found), strict=True))
        return {}

    def _configuration(self) -> str:
        return (
            f"default_user = {self.address.user}\n"
            f"default_pass = {self.address.password}\n"
            "vm_memory_high_watermark.absolute = 256MB\n"
            # Below this limit a node blocks publishers, which would look like a hang.
            "disk_free_limit.absolute = 1MB\n"
        )


class _PortTaken(EnvironmentFault):
    """Another process has taken a port of the node before the node bound it."""


def _usable_node(server: Path, folder: Path, children: Children, port: int) -> tuple[_Plan, Child]:
    """Start a node and wait until it can be used, with other ports when one was taken."""
    for _ in range(_RETRIES):
        with contextlib.suppress(_PortTaken):
            return _node(server, folder, children, port)
    return _node(server, folder, children, port)


def _node(server: Path, folder: Path, children: Children, port: int) -> tuple[_Plan, Child]:
    plan = _Plan.of(folder, port)
    plan.write()
    child = children.start(lambda: _start(plan, server))
    try:
        wait_usable(lambda: use(plan.address), child, _START_DEADLINE)
    except BaseException as error:
        taken = child.ended.is_set() and _port_taken(child.output(), given=bool(port))
        # Without an object nobody could close it.
        _end(plan, child)
        if taken:
            raise _PortTaken(str(error)) from None
        raise
    return plan, child


def _port_taken(log: str, *, given: bool) -> bool:
    # Of a port that was asked for there is no other one to try.
    return "dist_port_already_used" in log or (not given and "eaddrinuse" in log)


def _start(plan: _Plan, server: Path) -> Child:
    return Child.start(
        f"the RabbitMQ node {plan.node}",
        [sys.executable, "-m", "scicat_harness.broker.keeper", str(plan.data), str(server)],
        env=plan.environment(),
        cwd=plan.folder,
        log=plan.folder / "rabbitmq.log",
    )


def _end(plan: _Plan, child: Child) -> None:
    # Read before the keeper ends, which removes the file with the folder.
    processes = plan.processes()
    child.stop()
    give_up = time.monotonic() + _GONE_DEADLINE
    while left := _left(plan, processes):
        if time.monotonic() >= give_up:
            raise EnvironmentFault(
                f"the RabbitMQ node {plan.node} left behind: {', '.join(left)}; "
                "end or remove them by hand"
            )
        if not any(is_alive(pid) for pid in processes.values()):
            # A process of the node that was about to end may have written while the keeper removed
            # the folder, which the plan made for this node alone.
            shutil.rmtree(plan.data, ignore_errors=True)
        Event().wait(_STEP)


def _left(plan: _Plan, processes: Mapping[str, int]) -> list[str]:
    left = [f"{name} (process {pid})" for name, pid in processes.items() if is_alive(pid)]
    return [*left, *([str(plan.data)] if plan.data.exists() else [])]
