"""One backend: everything that a request may need, put together from an environment.

The parts are immutable but for the accounts and the store; two backends share nothing.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.embedded.access import CallerKind, Policy, RequestCaller
from scicat_harness.embedded.accounts import FunctionalAccounts
from scicat_harness.embedded.actions.outside import Outside
from scicat_harness.embedded.actions.registry import Workshop
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
    """End the process as an error that nobody handles does."""
    sys.stderr.write(f"{text}\n\nuncaught error: the embedded backend ends\n")
    sys.stderr.flush()
    os._exit(1)


@dataclass(frozen=True, slots=True)
class EmbeddedBackend:
    """The state and the rules of one running backend."""

    settings: Settings
    defect: Defects
    policy: Policy
    config: JobConfiguration
    accounts: FunctionalAccounts
    tokens: Tokens
    store: Store
    log: NestLog
    env: Mapping[str, str]
    outside: Outside

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
        """A backend for an environment; raises BootFailure if the real one would not start.

        A broker of one's own serves instead of RabbitMQ. ``on_loss`` gets the text of an error
        that ends the process of the real backend. ``saved`` is what an earlier backend left.
        """
        defect, log, saved = defect or Defects(), log or NestLog(), saved or Saved()
        settings = Settings.read(environ, defect)
        outside = Outside(settings.mail, settings.broker, broker)
        workshop = Workshop(settings.job_configuration_file, log, defect, outside)
        config = JobConfiguration.load(settings.job_configuration_file, workshop)
        workshop.finish()
        accounts = FunctionalAccounts.load(
            Path(settings.functional_accounts_file),
            settings.static_access_groups,
            known=saved.accounts,
        )
        if outside.broker is None and outside.broker_address is not None:
            outside.broker = RabbitMQ(outside.broker_address, on_loss)
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
            outside=outside,
        )

    @property
    def saved(self) -> Saved:
        """What a later backend can go on with."""
        return Saved(self.store, tuple(self.accounts))

    def close(self) -> None:
        """End the connection to the broker; idempotent."""
        if self.outside.broker is not None:
            self.outside.broker.close()

    def kind(self, caller: RequestCaller) -> CallerKind:
        """The kind of a caller."""
        return self.policy.kind(caller)
