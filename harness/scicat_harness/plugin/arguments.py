"""Declare the options of a run to pytest.

No option has a default here: None means that it was not given, as opposed to given with the value
of the default. ``scicat_harness.plugin.options`` has the defaults.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scicat_harness.fixtures.profile import Profile
from scicat_harness.model.release import CURRENT
from scicat_harness.oracle.rule import Reading
from scicat_harness.plugin.options import (
    HARNESS_IMAGE,
    HOST,
    INSIDE,
    MONGO_IMAGE,
    RABBITMQ_IMAGE,
    USUAL,
)
from scicat_harness.plugin.uses import DEPLOYMENTS

__all__ = ["add_options"]


def add_options(parser: pytest.Parser) -> None:
    """Declare the options to pytest, in the group ``scicat`` of ``pytest --help``.

    The names are those of ``scicat-harness run``, which passes its options on.
    """
    group = parser.getgroup("scicat", "SciCat harness")
    add = group.addoption
    add(
        "--deployment",
        choices=DEPLOYMENTS,
        help=f"which backend to judge (default: {USUAL['deployment']})",
    )
    add(
        "--profile",
        choices=[str(each) for each in Profile],
        help=f"how much to check (default: {USUAL['profile']})",
    )
    add(
        "--expect",
        choices=[str(each) for each in Reading],
        help="compare with the known behaviour of the release (default), or with the documentation",
    )
    add(
        "--release",
        # The older name.
        "--backend-version",
        dest="backend_version",
        metavar="vX.Y.Z",
        help=f"release of the backend (default: the tag of its image, or {CURRENT})",
    )
    add("--report-dir", metavar="DIR", help="the report folder (default: reports/RUN)")
    add("--backend-dir", metavar="DIR", help="process: a built backend checkout")
    add("--kept", metavar="NAME", help="judge the setup that 'scicat-harness up' keeps")
    add("--scicatlive-dir", metavar="DIR", help="scicatlive: a checkout of scicatlive")
    add("--backend-image", metavar="REF", help="containers, scicatlive: image of the backend")
    add(
        "--mongo-image",
        metavar="REF|none",
        help=f"containers: image of MongoDB (default: {MONGO_IMAGE}); none: backends keep their "
        "data in a volume; only the embedded backend can",
    )
    add(
        "--rabbitmq-image",
        metavar="REF",
        help=f"containers: image of RabbitMQ (default: {RABBITMQ_IMAGE})",
    )
    add(
        "--sinks",
        choices=[HOST, INSIDE],
        help="containers: start the sinks on this machine (default), or in a container next to "
        "the backends",
    )
    add(
        "--harness-image",
        metavar="REF",
        help=f"containers: image of this project for --sinks inside (default: {HARNESS_IMAGE})",
    )
    add(
        "--mongo-uri",
        metavar="URI",
        help="process: a MongoDB server (default: SCICAT_HARNESS_MONGO_URI, else mongod on the "
        "PATH)",
    )
    add("--url", metavar="URL", help="external: address of the backend, without /api")
    add("--accounts", metavar="FILE", help="external: accounts with passwords or tokens")
    add("--backend-env", metavar="FILE", help="external: env file with JWT_SECRET, if known")
    add(
        "--ca-bundle",
        metavar="FILE",
        help="external: PEM file of the certificate authorities to trust (default: "
        "REQUESTS_CA_BUNDLE or SSL_CERT_FILE, else the usual ones)",
    )
    add(
        "--client-cert",
        metavar="FILE",
        help="external: PEM file with a client certificate and its key",
    )
    add(
        "--broker",
        metavar="embedded|rabbitmq|URL",
        help="the message broker: the embedded one (default with the embedded backend), a private "
        "RabbitMQ node (default with process), or the URL of a running one; containers have one "
        "of their own by default",
    )
    add(
        "--audit",
        type=float,
        metavar="SECONDS",
        help="wait this long after the last check, and fail on effects that arrive late",
    )
    add("--defect", metavar="ID", help="embedded: start with a defect of the sabotage catalogue")
    add("--cases", metavar="FILE", help="only the checks whose ids are in this file, one a line")
    add("--failed", metavar="RUN", help="only checks that failed or were unknown in that run")
    add("--shard", metavar="I/N", help="only every N-th check, beginning with check I")
    add("--accept", metavar="FILE", help="differences that do not fail the run")
    add("--covering", metavar="DIR", help="mutate: announce each check to backends with mutants")
    _add_facility_options(add)
    _add_explore_options(add)


def _add_explore_options(add: Callable[..., None]) -> None:
    add("--explore-examples", type=int, metavar="N", help="explore: number of sequences")
    add("--explore-seconds", type=float, metavar="SECONDS", help="explore: time for sequences")
    add("--explore-seed", type=int, metavar="N", help="explore: seed of the sequences")
    add(
        "--without-entry",
        action="append",
        metavar="ID",
        help="explore: judge as if the ledger of known deviations did not have this entry",
    )


# `verify` passes these options. They are public because a replay line has them, too.
def _add_facility_options(add: Callable[..., None]) -> None:
    add("--job-config", metavar="FILE", help="facility: its job configuration")
    add(
        "--facility-env",
        action="append",
        metavar="FILE",
        help="facility: the environment of its backend; of several files the last one counts",
    )
    add("--facility-accounts", metavar="FILE", help="facility: its functional accounts")
    add("--facility-templates", metavar="DIR", help="facility: the folder of its mail templates")
    add("--facility-node-modules", metavar="DIR", help="facility: JavaScript libraries to use")
    add("--facility-file", metavar="FILE", help="facility: its facility file")
    add(
        "--stand-in-templates",
        action="store_true",
        help="facility: use a stand-in for each missing mail template",
    )
