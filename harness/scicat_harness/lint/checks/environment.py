"""Environment variables with another effect than they seem to have.

Specification: environment.groups, environment.jobs and environment.services.
"""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.lint.finding import Edit, Finding
from scicat_harness.lint.settings import Environment
from scicat_harness.lint.subject import LintSubject, finding

__all__ = ["environment_findings"]

# What people write for yes; the backend compares with the exact word.
_TRUE_WORDS = ("true", "1", "on", "y", "enabled")
_OLD_LISTS = ("CREATE_JOB_GROUPS", "UPDATE_JOB_GROUPS")
_JOB_LISTS = ("CREATE_JOB_PRIVILEGED_GROUPS", "UPDATE_JOB_PRIVILEGED_GROUPS", "DELETE_JOB_GROUPS")


def environment_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield the findings about the environment; none without one."""
    env = subject.installation.env
    if env is None:
        return
    yield from _words(env)
    yield from _configuration(env)
    for name in _OLD_LISTS:
        if name in env.values:
            new = name.replace("_JOB_", "_JOB_PRIVILEGED_")
            sentence = f"{name} is not read, {new} is"
            yield finding("env.old-group-list", env.place(name), sentence)
    if not subject.features.job_groups_are_lists:
        for name in _JOB_LISTS:
            if len(env.groups(name)) > 1:
                sentence = f"{subject.features.release} takes {name} for one text: a group is "
                sentence += "found in it by any part of its name"
                yield finding("env.group-list-not-split", env.place(name), sentence)


def _words(env: Environment) -> Iterator[Finding]:
    enabled = env.values.get("RABBITMQ_ENABLED", "")
    if enabled != "yes" and enabled.lower() in (*_TRUE_WORDS, "yes"):
        sentence = f"RABBITMQ_ENABLED={enabled} means disabled"
        yield finding("env.broker-word", env.place("RABBITMQ_ENABLED"), sentence)
    secure = env.values.get("SMTP_SECURE", "")
    if secure != "yes" and secure.lower() in (*_TRUE_WORDS, "yes"):
        sentence = f"SMTP_SECURE={secure} means not secure"
        yield finding("env.mail-secure-word", env.place("SMTP_SECURE"), sentence)


def _configuration(env: Environment) -> Iterator[Finding]:
    if env.values.get("JOB_CONFIGURATION_FILE"):
        return
    wrong = "JOB_CONFIGURATION_PATH"
    if wrong in env.values:
        sentence = f"{wrong} is not read: the backend starts without any job type"
        place = env.place(wrong)
        # Searched from its own line on, as a comment may name the variable before.
        text = env.file_of(wrong).text
        offset = sum(len(line) for line in text.splitlines(True)[: place.line - 1])
        start = text.index(wrong, offset)
        edit = Edit(place.file, start, start + len(wrong), "JOB_CONFIGURATION_FILE")
        yield finding("env.configuration-path", place, sentence, edits=(edit,))
    elif any(name.startswith(("MONGODB_", "JWT_", "RABBITMQ_")) for name in env.values):
        # The file has settings of a backend. Without any it may be a second file for other
        # variables, which says nothing about the job configuration.
        sentence = "the backend starts without any job type"
        yield finding("env.no-configuration", env.place("JOB_CONFIGURATION_FILE"), sentence)
