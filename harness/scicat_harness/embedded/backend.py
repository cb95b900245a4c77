"""One backend, put together from an environment.

Its parts are immutable except for the accounts and the store. Two backends share nothing, so a
process may hold several.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.embedded.access import CallerKind, Policy, RequestCaller
from scicat_harness.embedded.accounts import FunctionalAccounts
from scicat_harness.embedded.actions.external import ExternalServices
from scicat_harness.embedded.actions.registry import ActionFactory
from scicat_harness.embedded.broker import BrokerClient, RabbitMQ
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.jobconfig import JobConfiguration
from scicat_harness.embedded.nestlog import NestLog
from scicat_harness.embedded.saved import Saved
from scicat_harness.embedded.settings import Settings
from scicat_harness.embedded.store import Store
from scicat_harness.embedded.tokens import Tokens

__all__ = ["EmbeddedBackend", "die"]


def die(text: str) -> None:
    """End the process as an uncaught error does: a text on standard error, exit code 1."""
    sys.stderr.write(f"{text}\n\nuncaught error: the embedded backend ends\n")
    sys.stderr.flush()
    # Called from the AMQP thread, where sys.exit would end only that thread.
    os._exit(1)


@dataclass(frozen=True, slots=True)
class EmbeddedBackend:
    """The state and the rules of one running backend.

    Request handlers receive it as their first argument. Code that can be sabotaged asks ``defect``
    whether its defect is switched on.
    """

    settings: Settings
    defect: Defects
    policy: Policy
    config: JobConfiguration
    accounts: FunctionalAccounts
    tokens: Tokens
    store: Store
    log: NestLog
    env: Mapping[str, str]
    external: ExternalServices

    @classmethod
    def boot(
        cls,
        environ: Mapping[str, str],
        defect: Defects | None = None,
        log: NestLog | None = None,
        *,
        broker: BrokerClient | None = None,
        on_loss: Callable[[str], None] = die,
        saved: Saved | None = None,
    ) -> "EmbeddedBackend":
        """Start a backend with the variables of ``environ``.

        ``broker`` replaces the RabbitMQ client. ``on_loss`` is called with the text of an error
        that ends the process of the real backend. ``saved`` holds the data of an earlier backend.

        Raises BootFailure if the real backend would not start (specification: start.errors).
        """
        defect, log, saved = defect or Defects(), log or NestLog(), saved or Saved()
        settings = Settings.read(environ, defect)
        external = ExternalServices(settings.mail, settings.broker, broker)
        factory = ActionFactory(settings.job_configuration_file, log, defect, external)
        config = JobConfiguration.load(settings.job_configuration_file, factory)
        # Only now: errors inside switches come after those of the whole file (start.errors).
        factory.finish()
        accounts = FunctionalAccounts.load(
            Path(settings.functional_accounts_file),
            settings.static_access_groups,
            known=saved.accounts,
        )
        # Last, so that a backend that does not start leaves no connection open.
        if external.broker is None and external.broker_address is not None:
            external.broker = RabbitMQ(external.broker_address, on_loss)
        return cls(
            settings=settings,
            defect=defect,
            policy=Policy(settings, defect),
            config=config,
            accounts=accounts,
            tokens=Tokens(settings.jwt_secret, settings.jwt_expires_in, accounts, defect),
            store=saved.store,
            log=log,
            env=dict(environ),
            external=external,
        )

    @property
    def saved(self) -> Saved:
        """The documents and accounts that a later backend can start with."""
        return Saved(self.store, tuple(self.accounts))

    def close(self) -> None:
        """Close the connection to the broker; further calls do nothing."""
        if self.external.broker is not None:
            self.external.broker.close()

    def kind(self, caller: RequestCaller) -> CallerKind:
        """Return the kind of a caller (specification: identity.kinds)."""
        return self.policy.kind(caller)
