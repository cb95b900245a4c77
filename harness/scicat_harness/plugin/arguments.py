"""The options of a run, declared to pytest; what is not given is None."""

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
    """Declare the options to pytest."""
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
        help="hold the backend against what this release is known to do (default), or the "
        "documentation",
    )
    add(
        "--backend-version",
        metavar="vX.Y.Z",
        help=f"the release the backend is (default: its image's tag, or {CURRENT})",
    )
    add("--report-dir", metavar="DIR", help="where reports go (default: reports/RUN)")
    add("--backend-dir", metavar="DIR", help="process: a built backend checkout")
    add("--kept", metavar="NAME", help="use the setup that 'scicat-harness up' keeps")
    add("--scicatlive-dir", metavar="DIR", help="scicatlive: a checkout of it")
    add("--backend-image", metavar="REF", help="containers, scicatlive: the backend's image")
    add(
        "--mongo-image",
        metavar="REF|none",
        help=f"containers: MongoDB's image (default: {MONGO_IMAGE}); none: backends keep their "
        "data in a volume, which the embedded one can",
    )
    add(
        "--rabbitmq-image",
        metavar="REF",
        help=f"containers: RabbitMQ's image (default: {RABBITMQ_IMAGE})",
    )
    add(
        "--sinks",
        choices=[HOST, INSIDE],
        help="containers: sinks on this machine (default), or in a container among the backends",
    )
    add(
        "--harness-image",
        metavar="REF",
        help=f"containers: an image of this project, for --sinks inside (default: {HARNESS_IMAGE})",
    )
    add(
        "--mongo-uri",
        metavar="URI",
        help="process: a MongoDB server (or SCICAT_HARNESS_MONGO_URI; default: mongod on the PATH)",
    )
    add("--url", metavar="URL", help="external: address of the backend, without /api")
    add("--accounts", metavar="FILE", help="external: accounts with passwords or tokens")
    add("--backend-env", metavar="FILE", help="external: env file with JWT_SECRET, if known")
    add(
        "--ca-bundle",
        metavar="FILE",
        help="external: PEM file of the authorities to believe (default: REQUESTS_CA_BUNDLE or "
        "SSL_CERT_FILE, else the usual ones)",
    )
    add("--client-cert", metavar="FILE", help="external: PEM file with a certificate and its key")
    add(
        "--broker",
        metavar="embedded|rabbitmq|URL",
        help="where messages go: our own broker (default with the embedded backend), a private "
        "RabbitMQ node (default otherwise), or a broker that runs already",
    )
    add(
        "--audit",
        type=float,
        metavar="SECONDS",
        help="wait so long after the last check, and see that no effect comes too late",
    )
    add("--defect", metavar="ID", help="embedded: start with a defect of the sabotage catalogue")
    _add_facility_options(add)


def _add_facility_options(add: Callable[..., None]) -> None:
    add("--job-config", metavar="FILE", help="facility: its job configuration")
    add("--facility-env", metavar="FILE", help="facility: the environment of its backend")
    add("--facility-accounts", metavar="FILE", help="facility: its functional accounts")
    add("--facility-templates", metavar="DIR", help="facility: where its mail templates are")
    add("--facility-node-modules", metavar="DIR", help="facility: JavaScript libraries to use")
    add("--facility-file", metavar="FILE", help="facility: its facility file")
    add("--stand-in-templates", action="store_true", help="facility: make do without templates")
