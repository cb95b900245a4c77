"""Refuse options that have no effect with the selected deployment.

A user who gives such an option expects an effect, and would misread the result of the run. Options
have their internal names here (``mongo_uri`` for ``--mongo-uri``). A value from the environment is
a default, which is ignored where it has no use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from scicat_harness.errors import UsageFault

__all__ = ["DEPLOYMENTS", "OF_A_SETUP", "option_name", "refuse_beside", "refuse_unused", "used_by"]

DEPLOYMENTS = ("embedded", "process", "containers", "scicatlive", "external")
# The deployments in which effects can be seen. An external backend has no actions.
_SEEING = ("embedded", "process", "containers", "scicatlive")
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
"""The deployments that use an option. Options that are not in it are used by all."""
# Options that have an effect only with a certain value of another one.
_ONLY_BESIDE = {"harness_image": ("sinks", "inside"), "rabbitmq_image": ("broker", "deployment")}
# Not --audit, which is about the run: another run against a kept setup may use another one.
OF_A_SETUP = ("deployment", "backend_version", *(each for each in _USERS if each != "audit"))
"""The options that select a setup; those of a kept setup were set when it started."""


def used_by(deployment: str, option: str) -> bool:
    """Return whether an option has an effect with a deployment."""
    return deployment in _USERS.get(option, DEPLOYMENTS)


def refuse_unused(given: Collection[str], values: Mapping[str, Any]) -> None:
    """Raise ``UsageFault`` for the first of the ``given`` options that has no effect.

    ``values`` has the values of all options, given or not. The message names the deployments that
    use the option.
    """
    deployment = values["deployment"]
    for option in _USERS:
        if option not in given:
            continue
        if not used_by(deployment, option):
            users = " or ".join(_USERS[option])
            raise UsageFault(
                f"{option_name(option)} has no effect with --deployment {deployment}; leave it "
                f"out, or give --deployment {users}"
            )
        other, value = _ONLY_BESIDE.get(option, ("", None))
        if other and values[other] != value:
            raise UsageFault(
                f"{option_name(option)} has no effect with {option_name(other)} {values[other]}; "
                f"leave it out, or give {option_name(other)} {value}"
            )


def refuse_beside(other: str, why: str, given: Collection[str]) -> None:
    """Raise ``UsageFault`` for the first of the ``given`` options that selects a setup.

    ``other`` is an option that selects the whole setup, and ``why`` explains that in the message::

        refuse_beside("--kept NAME", "it was set when the setup started", given)
    """
    for option in OF_A_SETUP:
        if option in given:
            raise UsageFault(
                f"{option_name(option)} has no effect with {other}: {why}; leave it out"
            )


def option_name(option: str) -> str:
    """Return an option as it is written, such as ``--report-dir`` for ``report_dir``."""
    name = "release" if option == "backend_version" else option
    return f"--{name.replace('_', '-')}"
