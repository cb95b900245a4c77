"""One backend: everything that a request may need, put together from an environment.

The parts are immutable but for the accounts and the store; two backends share nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.embedded.access import Caller, Kind, Policy
from harness.embedded.accounts import Accounts
from harness.embedded.actions.registry import Workshop
from harness.embedded.defects import Defects
from harness.embedded.jobconfig import JobConfiguration
from harness.embedded.nestlog import NestLog
from harness.embedded.settings import Settings
from harness.embedded.store import Store
from harness.embedded.tokens import Tokens

__all__ = ["Backend"]


@dataclass(frozen=True, slots=True)
class Backend:
    """The state and the rules of one running backend."""

    settings: Settings
    defect: Defects
    policy: Policy
    config: JobConfiguration
    accounts: Accounts
    tokens: Tokens
    store: Store
    log: NestLog
    env: Mapping[str, str]

    @classmethod
    def boot(
        cls, environ: Mapping[str, str], defect: Defects | None = None, log: NestLog | None = None
    ) -> "Backend":
        """A backend for an environment; raises BootFailure if the real one would not start."""
        defect, log = defect or Defects(), log or NestLog()
        settings = Settings.read(environ, defect)
        workshop = Workshop(settings.job_configuration_file, log, defect, settings.rabbitmq_enabled)
        config = JobConfiguration.load(settings.job_configuration_file, workshop)
        workshop.refuse_pending()
        accounts = Accounts.load(
            Path(settings.functional_accounts_file), settings.static_access_groups
        )
        return cls(
            settings=settings,
            defect=defect,
            policy=Policy(settings, defect),
            config=config,
            accounts=accounts,
            tokens=Tokens(settings.jwt_secret, settings.jwt_expires_in, accounts, defect),
            store=Store(),
            log=log,
            env=dict(environ),
        )

    def kind(self, caller: Caller) -> Kind:
        """The kind of a caller."""
        return self.policy.kind(caller)
