"""A small configuration, what surrounds it, and the one finding it must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scicat_harness.extension.installed import Probes
from scicat_harness.javascript import JavaScriptEngine
from scicat_harness.lint import Installation, Report, lint
from scicat_harness.lint.accounts import AccountsFile, BrokenAccounts, read_accounts
from scicat_harness.lint.release import features
from scicat_harness.lint.settings import read_environment
from scicat_harness.model.release import CURRENT, Release

HEAD = 'configVersion: "1"\njobs:\n'
FILE = "jobs.yaml"
ENV = "backend.env"
ACCOUNTS = "accounts.json"


@dataclass(frozen=True)
class Case:
    """``line`` is in the file called ``at``; ``files`` lie beside the configuration."""

    name: str
    rule: str | None
    line: int
    text: str
    files: Mapping[str, str] = field(default_factory=dict)
    env: str | None = None
    accounts: str | None = None
    broker: bool | None = None
    release: Release = CURRENT
    at: str = FILE

    def write(self, folder: Path) -> Path:
        """Write all files; the configuration."""
        installation = {ENV: self.env, ACCOUNTS: self.accounts, FILE: self.text}
        for name, text in {**self.files, **installation}.items():
            if text is not None:
                (folder / name).write_text(text)
        return folder / FILE

    def installation(
        self, folder: Path, engine: JavaScriptEngine | None, probes: Probes | None = None
    ) -> Installation:
        """What it is judged with."""
        known = read_accounts(folder / ACCOUNTS) if self.accounts is not None else None
        return Installation(
            features=features(self.release),
            env=read_environment([folder / ENV] if self.env is not None else []),
            accounts=known if isinstance(known, AccountsFile) else None,
            broken_accounts=known if isinstance(known, BrokenAccounts) else None,
            broker=self.broker,
            engine=engine,
            no_engine="" if engine else "there is no node",
            probes=probes or Probes(),
        )

    def judged(
        self, folder: Path, engine: JavaScriptEngine | None, probes: Probes | None = None
    ) -> Report:
        """The report."""
        return lint(self.write(folder), self.installation(folder, engine, probes))

    @property
    def expected(self) -> list[tuple[str, str, int]]:
        """The findings as rule, file and line."""
        return [] if self.rule is None else [(self.rule, self.at, self.line)]


def found(report: Report) -> list[tuple[str, str, int]]:
    """The findings of a report in the same form."""
    return [(each.rule, each.place.file.name, each.place.line) for each in report.findings]


def acting(*actions: str, on: str = "create", name: str = "t") -> str:
    """A configuration whose actions begin in line 8, one line each."""
    auths = {"create": "#authenticated", "update": "#jobOwnerUser"}
    other = "update" if on == "create" else "create"
    lines = "".join(f"        - {{{each}}}\n" for each in actions)
    return (
        f'{HEAD}  - jobType: {name}\n    {other}: {{auth: "{auths[other]}"}}\n'
        f'    {on}:\n      auth: "{auths[on]}"\n      actions:\n{lines}'
    )


def typed(name: str, create: str = "#authenticated", update: str = "#jobOwnerUser") -> str:
    """One line of ``jobs``."""
    return f'  - {{jobType: {name}, create: {{auth: "{create}"}}, update: {{auth: "{update}"}}}}\n'
