"""Startup errors of the environment and the functional accounts.

Specification: start.errors and environment.services.
"""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.lint.finding import Place
from scicat_harness.lint.starting.startup_error import StartupError
from scicat_harness.lint.subject import Installation

__all__ = ["late_settings", "settings"]

# Variables that the backend converts with mathjs; other switches are compared with a word.
_BOOLEANS = (
    "DATASET_CREATION_VALIDATION_ENABLED",
    "ACCESS_GROUPS_GRAPHQL_ENABLED",
    "ACCESS_GROUPS_STATIC_ENABLED",
    "ACCESS_GROUPS_OIDCPAYLOAD_ENABLED",
    "ACCESS_GROUPS_REST_ENABLED",
    "ACCESS_GROUPS_LDAPPAYLOAD_ENABLED",
)
_TRUTH = ("true", "false", "1", "0")
_MS365 = ("MS365_TENANT_ID", "MS365_CLIENT_ID", "MS365_CLIENT_SECRET")
_BROKER = ("hostname", "port", "username", "password")


def settings(installation: Installation) -> Iterator[StartupError]:
    """Yield the startup errors that come before the job configuration is read."""
    env = installation.env
    if env is None:
        return
    for name in _BOOLEANS:
        value = env.values.get(name, "")
        if value and not _is_boolean(value):
            message = f'Error: Cannot convert "{value}" to a boolean'
            why = f"{name} must be true, false, 1 or 0"
            yield StartupError("start.setting", message, why, about=name, place=env.place(name))
    kind = env.values.get("EMAIL_TYPE") or "smtp"
    if kind.lower() not in ("smtp", "ms365"):
        # "on of" is the backend's spelling.
        message = f'Error: Invalid EMAIL_TYPE: {kind}. Expect on of "smtp" or "ms365"'
        why = "EMAIL_TYPE is neither smtp nor ms365"
        place = env.place("EMAIL_TYPE")
        yield StartupError("start.setting", message, why, about="EMAIL_TYPE", place=place)
    elif kind.lower() == "ms365":
        for name in _MS365:
            if not env.values.get(name):
                why = f"EMAIL_TYPE=ms365 needs {name}"
                place = env.place("EMAIL_TYPE")
                fix = f"Set {name}."
                message = f"Error: Missing {name}"
                yield StartupError("start.setting", message, why, about=name, fix=fix, place=place)


def late_settings(installation: Installation) -> Iterator[StartupError]:
    """Yield the startup errors that come after the job configuration was read.

    Every missing variable of the broker is reported, though the backend names the first one only.
    """
    env = installation.env
    if env is not None and env.values.get("RABBITMQ_ENABLED") == "yes":
        for name in _BROKER:
            variable = f"RABBITMQ_{name.upper()}"
            if not env.values.get(variable):
                message = f"Error: RabbitMQ is enabled but missing the config variable {name}."
                why = f"RABBITMQ_ENABLED=yes needs {variable}"
                place = env.place("RABBITMQ_ENABLED")
                yield StartupError(
                    "start.broker-variable", message, why, about=variable, place=place
                )
    accounts = installation.accounts
    for problem in accounts.problems if accounts is not None else ():
        if problem.message:
            assert accounts is not None
            place = Place(accounts.file, problem.line, 1)
            yield StartupError(problem.rule, problem.message, problem.sentence, place=place)
    broken = installation.broken_accounts
    if broken is not None:
        why = f"the accounts are not JSON: {broken.reason}"
        # The message is that of Node's JSON parser, of which only the name is known.
        place = Place(broken.file, broken.line, 1)
        yield StartupError("start.accounts", "SyntaxError", why, exact=False, place=place)


def _is_boolean(value: str) -> bool:
    """Return whether mathjs converts a text to a boolean: the two words, or any number."""
    if value.lower() in _TRUTH:
        return True
    try:
        float(value)
    except ValueError:
        return False
    return True
