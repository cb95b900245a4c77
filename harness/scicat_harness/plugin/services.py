"""The services of a run: sinks for the effects of backends, and a broker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.broker import Broker, Inside
from scicat_harness.broker.proxies import Proxies
from scicat_harness.broker.start import start_broker
from scicat_harness.config.startup import ServiceAddresses
from scicat_harness.deploy.deployment import BrokerOwner, Deployment, OwnedSinks, SinksOwner
from scicat_harness.deploy.host import INSIDE, LOOPBACK, Host
from scicat_harness.deploy.sinks import start_sinks
from scicat_harness.errors import UsageFault
from scicat_harness.plugin.leftovers import Declared
from scicat_harness.processes.children import Children
from scicat_harness.processes.sockets import refusing_socket
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.client import Sinks
from scicat_harness.state.leftovers import Leftovers

__all__ = ["Services", "sink_for"]

# The discard port of TCP. In the container of the sinks nothing listens on it.
_DISCARD = 9


@dataclass(slots=True)
class Services:
    """Running sinks and broker; closing is idempotent.

    ``host`` is where the sinks listen and how backends reach them. ``declared`` lists queues and
    exchanges on a broker of the user.
    """

    run: str
    sinks: SinksAddress
    broker: Broker
    inside: BrokerAddress
    """The broker as backends reach it."""
    host: Host
    declared: Declared
    journal: Path
    """The file to which the sinks write every effect."""
    _closed: ClosedPort
    _children: Children

    @classmethod
    def start(
        cls,
        run: str,
        broker: str,
        folder: Path,
        deployment: Deployment,
        sinks_inside: bool = False,
    ) -> Services:
        """Start sinks and broker in parallel; end both if one fails.

        ``broker`` is the value of ``--broker``, ``folder`` gets logs and journal. Raises
        ``EnvironmentFault`` if a service cannot be started, ``UsageFault`` if backends could not
        reach the broker.
        """
        host = INSIDE if sinks_inside else deployment.host
        children = Children()
        closed = ClosedPort(host)
        pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="services")
        try:
            started = pool.submit(_start_sinks, run, folder / "sinks", children, deployment, host)
            chosen = pool.submit(_start_broker, broker, folder / "broker", children, deployment)
            found = chosen.result()
            given = found.address if found.name == "given" else None
            declared = Declared(given, Leftovers(folder), run)
            inside = _inside(found, host, folder / "way", children)
            sinks = started.result()
            made = cls(
                *(run, sinks.address, found, inside, host, declared, sinks.journal),
                *(closed, children),
            )
            with Sinks(made.sinks) as client:
                # The sinks consume the queues, and so need the address as seen from where they
                # run: next to the backends, or on this machine.
                client.amqp.connect((inside if sinks_inside else found.address).url)
                if found.name != "given":
                    # On a broker of somebody else the trace may have messages of others.
                    client.amqp.trace()
        except BaseException:
            children.close()
            closed.close()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return made

    def addresses(self) -> ServiceAddresses:
        """Return the addresses with which backends are started."""
        return ServiceAddresses(
            run=self.run,
            sink=sink_for(self.sinks, self.host),
            mail_servers={"smtp": self.sinks.smtp_port},
            broker=self.inside.environment(),
            closed=self._closed.port,
            host=self.host.seen,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data with which another process starts backends that use the services."""
        return {
            "run": self.run,
            "sinks": self.sinks.to_json(),
            "broker": astuple(self.broker.address),
            "inside": astuple(self.inside),
            "host": astuple(self.host),
            "given": self.broker.name == "given",
            "connections": self.broker.connections_json(),
            "closed": self._closed.port,
        }

    def close(self) -> None:
        """End sinks and broker. Queues on a broker of the user are leftovers of the run folder."""
        # The rest is ended even if the broker cannot be; the last callback is called first.
        with ExitStack() as ending:
            ending.callback(self._closed.close)
            ending.callback(self._children.close)
            ending.callback(self.broker.close)


class ClosedPort:
    """A port that refuses connections, for checks of services that are down.

    On this machine it is a bound socket that does not listen, in the container of the sinks a port
    without a listener.
    """

    def __init__(self, host: Host) -> None:
        # Bound, so that no other process can open the port while the run relies on it.
        self._socket = refusing_socket(host.bind) if host.bind is not None else None
        self.port: int = self._socket.getsockname()[1] if self._socket else _DISCARD

    def close(self) -> None:
        """Release the port."""
        if self._socket is not None:
            self._socket.close()


def sink_for(sinks: SinksAddress, host: Host) -> str:
    """Return the base URL of the URL sink as backends reach it, such as ``http://HOST:PORT``."""
    return f"http://{host.seen}:{urlsplit(sinks.url).port}"


def _start_sinks(
    run: str, folder: Path, children: Children, deployment: Deployment, host: Host
) -> OwnedSinks:
    if host.bind is not None:
        address = start_sinks(folder, run, children, host=host.bind)
        return OwnedSinks(address, folder / "journal.jsonl")
    assert isinstance(deployment, SinksOwner)
    return deployment.start_sinks()


def _start_broker(choice: str, folder: Path, children: Children, deployment: Deployment) -> Broker:
    if choice != "deployment":
        return start_broker(choice, folder, children)
    if not isinstance(deployment, BrokerOwner):
        raise UsageFault(
            f"--broker deployment: --deployment {deployment.name} has none of its own; use "
            "embedded, rabbitmq or an amqp:// address"
        )
    return deployment.start_broker()


def _inside(broker: Broker, host: Host, folder: Path, children: Children) -> BrokerAddress:
    """Return the address of the broker as backends reach it.

    A broker of this machine listens on loopback, which containers cannot reach, so they get a
    proxy on an address of the host.
    """
    # A broker in a container has an address of its own in the network of the backends.
    if isinstance(broker, Inside):
        return broker.inside
    if host == LOOPBACK:
        return broker.address
    if host.bind is None:
        raise UsageFault(
            "--sinks inside: backends cannot reach a broker of this machine; use --broker "
            "deployment, which is what containers have without the option"
        )
    proxy = Proxies(broker.address, folder, children, host.bind).open_proxy()
    return broker.address.at(proxy.port, host.seen)
