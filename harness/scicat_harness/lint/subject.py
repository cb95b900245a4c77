"""The subject of a lint run: the document, and the installation that it is judged for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scicat_harness.extension.installed import Probes
from scicat_harness.javascript import EngineFault, JavaScriptEngine
from scicat_harness.lint.accounts import AccountsFile, BrokenAccounts
from scicat_harness.lint.catalogue import RULES
from scicat_harness.lint.document import Document, KeyPath
from scicat_harness.lint.entries import Job, jobs_of
from scicat_harness.lint.finding import Edit, Finding, Place
from scicat_harness.lint.namedfile import FileContent, NamedFiles, NotRead
from scicat_harness.lint.release import Features, features
from scicat_harness.lint.settings import Environment

__all__ = ["Installation", "LintSubject", "finding"]


@dataclass(frozen=True, slots=True)
class Installation:
    """The known facts about the backend that will read the job configuration.

    None means unknown: without ``env`` nothing is reported about variables, and without ``broker``
    RABBITMQ_ENABLED of ``env`` decides. ``broken_accounts`` replaces ``accounts`` for a file that
    is not JSON.
    """

    features: Features = field(default_factory=features)
    env: Environment | None = None
    accounts: AccountsFile | None = None
    broken_accounts: BrokenAccounts | None = None
    broker: bool | None = None
    templates: Path | None = None
    """The folder that bodyTemplateFile is relative to; None for that of the configuration."""
    engine: JavaScriptEngine | None = None
    no_engine: str = ""
    """The reason why there is no engine."""
    probes: Probes = field(default_factory=Probes)
    """The installed probes of action types from plugins."""


@dataclass(frozen=True, slots=True)
class LintSubject:
    """A document with its job types, the installation, and a record of unchecked parts."""

    document: Document
    installation: Installation
    unverifiable: dict[str, None] = field(default_factory=dict)
    """Sentences about parts that could not be checked; a dict as a set that keeps its order."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The job types that have the right shape."""
        return jobs_of(self.document)

    @property
    def features(self) -> Features:
        """The features of the release."""
        return self.installation.features

    @property
    def variables(self) -> Mapping[str, str] | None:
        """The environment, or None if it was not given."""
        return self.installation.env.values if self.installation.env else None

    @property
    def broker(self) -> bool | None:
        """True if RabbitMQ is enabled, None if unknown; only the exact word ``yes`` enables it."""
        # --rabbitmq and --no-rabbitmq win over the environment.
        if self.installation.broker is not None or self.variables is None:
            return self.installation.broker
        return self.variables.get("RABBITMQ_ENABLED") == "yes"

    def engine_for(self, what: str) -> JavaScriptEngine | None:
        """Return the engine, or None after recording ``what`` as not verifiable."""
        if self.installation.engine is None:
            self.not_verifiable(
                what, self.installation.no_engine or "no JavaScript engine was given"
            )
        return self.installation.engine

    def not_verifiable(self, what: str, reason: str | EngineFault) -> None:
        """Record that a part could not be checked, so that the report is never silently clean."""
        self.unverifiable[f"{what}: {reason}"] = None

    def mail_body(self, name: str) -> FileContent | NotRead:
        """Read the body file of a mail, if it is below a folder that the user gave.

        Returns NotRead with the reason if it is missing or must not be read. The env file and the
        accounts are never read as a body.
        """
        installation, beside = self.installation, self.document.file.parent
        # Their contents would be quoted in findings.
        envs = installation.env.files if installation.env is not None else ()
        given = (*envs, installation.accounts, installation.broken_accounts)
        secret = tuple(each.file for each in given if each is not None)
        # The folder of --templates is where names start; files beside the configuration may be
        # named, too.
        return NamedFiles(installation.templates or beside, (beside,), secret).read(name)

    def at(
        self,
        rule: str,
        path: KeyPath,
        sentence: str,
        *,
        about: str = "",
        fix: str = "",
        key: bool = False,
        stops: bool = False,
        edits: tuple[Edit, ...] = (),
    ) -> Finding:
        """Return a finding at a value of the document, or at its key.

        ``about`` names the part, such as ``archive create``; ``fix`` replaces that of the rule.
        """
        place = self.document.place(path, key=key)
        return finding(rule, place, sentence, about=about, fix=fix, stops=stops, edits=edits)


def finding(
    rule: str,
    place: Place,
    sentence: str,
    *,
    about: str = "",
    fix: str = "",
    stops: bool = False,
    edits: tuple[Edit, ...] = (),
) -> Finding:
    """Return a finding at a place of any file, with severity and source from the catalogue.

    Raises KeyError for a rule that is not in the catalogue.
    """
    row = RULES[rule]
    return Finding(
        rule, row.severity, place, sentence, fix or row.fix, row.source, about, stops, edits
    )
