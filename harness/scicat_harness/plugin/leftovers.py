"""Remove what a run leaves outside of its processes, by kind.

Private brokers and databases end with their processes. On servers that the user named, queues and
databases would stay, and so would containers. Names are checked before anything is removed.
"""

from __future__ import annotations

import json
from pathlib import Path

from scicat_harness.broker.address import BrokerAddress, parse_url
from scicat_harness.broker.probe import BrokerNames, forget
from scicat_harness.deploy.engine import CONTAINERS, RUN_LABEL, ContainerEngine
from scicat_harness.deploy.mongo import DATABASE, drop_database
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.site import Site
from scicat_harness.probe.made import MadeList
from scicat_harness.state.leftovers import Entry, Leftovers, Remover, Removers
from scicat_harness.state.runs import RUN_NAME

__all__ = ["OBJECTS", "REMOVERS", "Declared", "names_of"]

_MESSAGING = "messaging"
OBJECTS = "objects"
"""Jobs and datasets in a backend that is not ours; only who has its accounts can remove them."""


def names_of(site: Site, run: str) -> BrokerNames:
    """Return the queues and exchanges that the backends of a site declare, sorted.

    ``$run`` in a name becomes the name of the run.
    """
    return BrokerNames(
        tuple(sorted({each.queue.replace("$run", run) for each in site.bindings})),
        tuple(sorted({each.exchange.replace("$run", run) for each in site.bindings})),
    )


class Declared:
    """Lists queues and exchanges on a broker of the user, before a backend declares them.

    ``broker`` is None if the harness started the broker, which ends with everything in it.
    """

    def __init__(self, broker: BrokerAddress | None, leftovers: Leftovers, run: str) -> None:
        self._broker = broker
        self._leftovers = leftovers
        self._run = run

    def note(self, site: Site) -> None:
        """List what a site declares; call it before a backend of the site is started."""
        if not site.messages or self._broker is None:
            return
        names = names_of(site, self._run)
        self._leftovers.note(
            _MESSAGING,
            url=self._broker.url,
            run=self._run,
            names=json.dumps([names.queues, names.exchanges]),
        )


# Each kind has a pair of functions: one removes an entry, the other describes it for a message.
def _drop(entry: Entry) -> None:
    drop_database(entry["uri"])


def _database(entry: Entry) -> str:
    # The error that follows names its address.
    del entry
    return "the database of a backend"


def _forget(entry: Entry) -> None:
    queues, exchanges = json.loads(entry["names"])
    names = BrokerNames(tuple(queues), tuple(exchanges))
    # Only names with the prefix of the run are removed, whatever the entry says.
    forget(parse_url(entry["url"]), names, f"{_checked(entry['run'])}.")


def _messaging(entry: Entry) -> str:
    return f"queues and exchanges of {entry['run']} on amqp://{parse_url(entry['url'])}"


def _remove_containers(entry: Entry) -> None:
    engine = ContainerEngine(entry["engine"] or None)
    try:
        engine.remove(_checked(entry["run"]))
    finally:
        engine.close()


def _containers(entry: Entry) -> str:
    return f"containers, networks and volumes labelled {RUN_LABEL}={entry['run']}"


def _keep_objects(entry: Entry) -> None:
    # Accounts are not stored, so a later run cannot remove these; the entry stays for `clean`.
    made = MadeList(Path(entry["made"])).read()
    if made:
        raise EnvironmentFault(
            f"{len(made.jobs)} jobs, {len(made.pids)} datasets, and possibly jobs of "
            f"{len(made.asked)} requests that returned no id; remove them with "
            f"'scicat-harness clean {entry['run']}', which needs the accounts"
        )


def _objects(entry: Entry) -> str:
    return f"what {entry['run']} made at {entry['url']}"


def _checked(run: str) -> str:
    # An empty or short name would be the prefix, or the label, of objects of other runs.
    if not RUN_NAME.fullmatch(run):
        raise EnvironmentFault(f"{run!r} is not the name of a run of the harness")
    return run


REMOVERS: Removers = {
    DATABASE: Remover(_drop, _database),
    _MESSAGING: Remover(_forget, _messaging),
    CONTAINERS: Remover(_remove_containers, _containers),
    OBJECTS: Remover(_keep_objects, _objects),
}
"""How to remove and to describe the leftovers of a run, by kind."""
