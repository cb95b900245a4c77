"""What is linted, with all that is known around it."""

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
from scicat_harness.lint.settings import EnvFile

__all__ = ["Installation", "LintSubject", "finding"]


@dataclass(frozen=True, slots=True)
class Installation:
    """What a configuration is judged with; ``broker`` None is unknown."""

    features: Features = field(default_factory=features)
    env: EnvFile | None = None
    accounts: AccountsFile | None = None
    broken_accounts: BrokenAccounts | None = None
    broker: bool | None = None
    templates: Path | None = None
    """The folder that bodyTemplateFile is relative to; the file's own where None."""
    engine: JavaScriptEngine | None = None
    no_engine: str = ""
    """Why there is none."""
    probes: Probes = field(default_factory=Probes)
    """What is installed for action types of plugins."""


@dataclass(frozen=True, slots=True)
class LintSubject:
    """A document, its job types, and what surrounds it."""

    document: Document
    installation: Installation
    unverifiable: dict[str, None] = field(default_factory=dict)
    """What could not be verified, and why; a set that keeps its order."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The job types that have the right shape."""
        return jobs_of(self.document)

    @property
    def features(self) -> Features:
        """What the release knows."""
        return self.installation.features

    @property
    def variables(self) -> Mapping[str, str] | None:
        """The environment, None if it was not given."""
        return self.installation.env.values if self.installation.env else None

    @property
    def broker(self) -> bool | None:
        """Whether RabbitMQ is enabled, None if unknown."""
        if self.installation.broker is not None or self.variables is None:
            return self.installation.broker
        return self.variables.get("RABBITMQ_ENABLED") == "yes"

    def engine_for(self, what: str) -> JavaScriptEngine | None:
        """The engine; without one, what needs it is remembered as not verifiable."""
        if self.installation.engine is None:
            self.not_verifiable(
                what, self.installation.no_engine or "no JavaScript engine was given"
            )
        return self.installation.engine

    def not_verifiable(self, what: str, reason: str | EngineFault) -> None:
        """Remember that something says neither good nor bad."""
        self.unverifiable[f"{what}: {reason}"] = None

    def mail_body(self, name: str) -> FileContent | NotRead:
        """The file of a mail's body, which is read only where the user lets it be."""
        installation, beside = self.installation, self.document.file.parent
        given = (installation.env, installation.accounts, installation.broken_accounts)
        secret = tuple(each.file for each in given if each is not None)
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
        """A finding at a value of the document, or at its key."""
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
    """A finding at a place of any file, with what the catalogue knows of its rule."""
    known = RULES[rule]
    editing = fix or known.fix
    return Finding(
        rule, known.severity, place, sentence, editing, known.source, about, stops, edits
    )
