"""The commands in groups, by who needs them; each is imported when it is used.

Importing all of them takes a second, for they need Docker, MongoDB, pytest and more. ``--help``,
``--version`` and the completion of the shell read the table alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import click
from click.shell_completion import CompletionItem

from scicat_harness.cli.values import refuse_impossible_values

__all__ = ["SECTIONS", "CommandEntry", "Commands"]


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """The place of a command below ``scicat_harness.cli``, and its help in one line."""

    place: str
    help: str

    def imported(self) -> click.Command:
        """Import the command."""
        module, _, name = self.place.partition(":")
        found = getattr(importlib.import_module(f"scicat_harness.cli.{module}"), name)
        assert isinstance(found, click.Command)
        return found


SECTIONS: Mapping[str, Mapping[str, CommandEntry]] = {
    "Judge a backend": {
        "run": CommandEntry("run:run", "Judge a backend, by default the embedded one."),
        "list": CommandEntry("run:list_cases", "List the cases of a profile."),
        "explore": CommandEntry(
            "explore:explore", "Send random sequences of requests and judge each by the oracle."
        ),
        "attribute": CommandEntry(
            "attribute:attribute",
            "Find the check behind each finding of RUN that no request explains.",
        ),
        "up": CommandEntry("up:up", "Start a deployment with its services, and keep it up."),
        "down": CommandEntry("up:down", "End a setup that 'up' keeps, and remove its leftovers."),
        "clean": CommandEntry(
            "instance:clean",
            "Remove the datasets and jobs that RUN left in a backend it did not start.",
        ),
        "doctor": CommandEntry(
            "doctor:doctor",
            "Show which programs and packages are installed, and which deployments work.",
        ),
    },
    "Explain": {
        "explain": CommandEntry(
            "explain:explain",
            "Print the rule that decides, and the rules that did not apply before it.",
        ),
        "differences": CommandEntry(
            "differences:differences",
            "Print the known deviations of a release: documented and observed behaviour.",
        ),
    },
    "Your own configuration": {
        "lint": CommandEntry(
            "lint:lint", "Show whether a backend starts with CONFIG, and what goes wrong later."
        ),
        "matrix": CommandEntry(
            "matrix:matrix",
            "Show who may create, update, read and delete jobs of every type of CONFIG.",
        ),
        "preview": CommandEntry(
            "preview:preview",
            "Show what CONFIG sends: mails, calls, messages and log lines, with sample values.",
        ),
        "init": CommandEntry("init:init", "Write a commented facility file."),
        "plan": CommandEntry(
            "verify:plan", "Show what 'verify' would do with a job configuration."
        ),
        "verify": CommandEntry(
            "verify:verify",
            "Test a job configuration on a twin: a backend that is started with it for the test.",
        ),
        "config": CommandEntry(
            "config:config",
            "Write jobConfig.yaml, functionalAccounts.json and backend.env into DIR.",
        ),
        "javascript": CommandEntry(
            "javascript:javascript",
            "Install the JavaScript libraries with which the backend reads templates, schemas and "
            "YAML.",
        ),
    },
    "Reports": {
        "report": CommandEntry("report:report", "Make a report of report folder RUN again."),
        "diff": CommandEntry("diff:diff", "Show what changed from report folder RUN_A to RUN_B."),
        "adopt": CommandEntry(
            "adopt:adopt", "Propose the changes with which a run on a new release would pass."
        ),
        "history": CommandEntry(
            "history:history", "Write a page about many runs, and a badge of the newest."
        ),
        "recheck": CommandEntry(
            "recheck:recheck", "Judge the run in report folder RUN again, without a backend."
        ),
        "certificate": CommandEntry(
            "certificate:certificate", "State what the run in report folder RUN proves."
        ),
    },
    "Prove that the checks can fail": {
        "sabotage": CommandEntry(
            "sabotage:sabotage",
            "Prove that the suite can fail: it must catch every defect of the embedded backend.",
        ),
        "mutate": CommandEntry(
            "mutate:mutate",
            "Put mutants into a copy of a real backend, and count those that the checks notice.",
        ),
    },
}
_HIDDEN = {"keep": CommandEntry("up:keep", "Run as the process that keeps a setup.")}


class Commands(click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that people use, in the order of ``--help``."""
        del ctx
        return [name for name, _ in _listed()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None for an unknown name."""
        del ctx
        found = self.commands.get(cmd_name)
        if found is None:
            entry = {**dict(_listed()), **_HIDDEN}.get(cmd_name)
            if entry is None:
                return None
            found = entry.imported()
            refuse_impossible_values(found)
            self.add_command(found, cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands of ``--help``, section by section."""
        del ctx
        for title, entries in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, each.help) for name, each in entries.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the completions of a name of a command, or of an option of the group."""
        found = [
            CompletionItem(name, help=each.help)
            for name, each in _listed()
            if name.startswith(incomplete)
        ]
        # Not that of click.Group, which imports every command for its help.
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


def _listed() -> Iterator[tuple[str, CommandEntry]]:
    for entries in SECTIONS.values():
        yield from entries.items()
