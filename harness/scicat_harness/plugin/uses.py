"""Which deployments use which option: one that would change nothing is refused, not passed over.

Options are called as they are inside (``mongo_uri`` for ``--mongo-uri``). What comes from the
environment is a default, and is used where it can be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from scicat_harness.errors import UsageFault

__all__ = ["DEPLOYMENTS", "OF_A_SETUP", "refuse_beside", "refuse_unused", "used_by"]

DEPLOYMENTS = ("embedded", "process", "containers", "scicatlive", "external")
_SEEING = ("embedded", "process", "containers", "scicatlive")
"""Where effects are seen; an external backend has no actions."""
_USERS: Mapping[str, Collection[str]] = {
    "backend_dir": ("process",),
    "mongo_uri": ("process",),
    "scicatlive_dir": ("scicatlive",),
    "backend_image": ("containers", "scicatlive"),
    "mongo_image": ("containers",),
    "rabbitmq_image": ("containers",),
    "sinks": ("containers",),
    "harness_image": ("containers",),
    "url": ("external",),
    "accounts": ("external",),
    "backend_env": ("external",),
    "ca_bundle": ("external",),
    "client_cert": ("external",),
    "defect": ("embedded",),
    "broker": _SEEING,
    "audit": _SEEING,
}
"""The deployments that use an option; all use those that are not here."""
_ONLY_BESIDE = {"harness_image": ("sinks", "inside"), "rabbitmq_image": ("broker", "deployment")}
"""Options that are used beside a certain value of another one only."""
OF_A_SETUP = ("deployment", "backend_version", *(each for each in _USERS if each != "audit"))
"""What says which setup is started; one that is kept was told all of it."""


def used_by(deployment: str, option: str) -> bool:
    """Whether an option changes anything for a deployment."""
    return deployment in _USERS.get(option, DEPLOYMENTS)


def refuse_unused(given: Collection[str], values: Mapping[str, Any]) -> None:
    """Raise a UsageFault for the first of the ``given`` options that would change nothing.

    ``values`` are those of all options, given or not.
    """
    deployment = values["deployment"]
    for option in _USERS:
        if option not in given:
            continue
        if not used_by(deployment, option):
            users = " or ".join(_USERS[option])
            raise UsageFault(
                f"{_dashed(option)} has no effect with --deployment {deployment}; leave it out, or "
                f"give --deployment {users}"
            )
        other, value = _ONLY_BESIDE.get(option, ("", None))
        if other and values[other] != value:
            raise UsageFault(
                f"{_dashed(option)} has no effect with {_dashed(other)} {values[other]}; leave it "
                f"out, or give {_dashed(other)} {value}"
            )


def refuse_beside(other: str, why: str, given: Collection[str]) -> None:
    """Raise a UsageFault for the first of the ``given`` options that says what to start.

    ``other`` is an option that has decided all that, ``why`` is how.
    """
    for option in OF_A_SETUP:
        if option in given:
            raise UsageFault(f"{_dashed(option)} has no effect with {other}: {why}; leave it out")


def _dashed(option: str) -> str:
    return f"--{option.replace('_', '-')}"
