"""Options that several commands share, and the checks of their values."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from _pytest.mark.expression import Expression

from scicat_harness.deploy.scicatlive import misleading_setting
from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.profile import Profile
from scicat_harness.model.release import CURRENT, Release, unobserved
from scicat_harness.oracle.rule import Reading
from scicat_harness.plugin.options import HARNESS_IMAGE, HOST, INSIDE, USUAL, Options
from scicat_harness.plugin.selected import selected_cases
from scicat_harness.plugin.shard import Shard
from scicat_harness.plugin.uses import DEPLOYMENTS, refuse_beside

__all__ = [
    "RELEASE_OPTION",
    "accept_option",
    "check_keyword",
    "checked",
    "deployment_options",
    "run_options",
    "setup_options",
    "show_unobserved",
    "single_image",
    "twin_options",
    "warn_of_settings",
    "with_options",
]

# These options are plain strings for click, not click.Path, because the pytest plugin takes the
# same values. setup_options() makes them absolute.
_PATHS: Sequence[str] = (
    *("backend_dir", "scicatlive_dir", "accounts", "backend_env", "ca_bundle", "client_cert"),
    *("cases", "failed", "covering", "accept"),
)


RELEASE_OPTION = ("--release", "--backend-version", "backend_version")
"""The option and an older name of it, with the name of its value."""

accept_option = click.option(
    "--accept",
    metavar="FILE",
    help="File of differences that are known and do not fail the run, each until a date.",
)


def deployment_options(command: Any) -> Any:
    """Add the options that select a deployment, the external one included, and its services.

    A decorator for click commands. The command gets each option as a keyword argument, None where
    it is not given.
    """
    options = (
        click.option(
            "--profile",
            type=click.Choice([str(each) for each in Profile]),
            help=f"How much to check. Default: {Profile.STANDARD}, or that of the kept setup.",
        ),
        click.option(
            "--url", metavar="URL", help="external: address of the backend, without /api."
        ),
        click.option(
            "--accounts", metavar="FILE", help="external: accounts with passwords or tokens."
        ),
        click.option("--backend-env", metavar="FILE", help="external: env file with JWT_SECRET."),
        click.option(
            "--ca-bundle",
            metavar="FILE",
            help="external: PEM file of the certificate authorities to trust. Default: "
            "REQUESTS_CA_BUNDLE or SSL_CERT_FILE, else the usual ones.",
        ),
        click.option(
            "--client-cert",
            metavar="FILE",
            help="external: PEM file with a client certificate and its key.",
        ),
    )
    return _starting_options(DEPLOYMENTS)(with_options(command, options))


def twin_options(command: Any) -> Any:
    """Add the options that select the deployment of a twin.

    A twin is a backend that the harness starts, so ``external`` is not among the choices.
    """
    return _starting_options([each for each in DEPLOYMENTS if each != "external"])(command)


def _starting_options(deployments: Sequence[str]) -> Callable[[Any], Any]:
    """Return a decorator that adds the options about one of ``deployments`` and its services."""
    return lambda command: with_options(command, _starting(deployments))


def _starting(deployments: Sequence[str]) -> Sequence[Callable[[Any], Any]]:
    return (
        click.option(
            "--deployment",
            type=click.Choice(deployments),
            help=f"Which backend to judge. Default: {USUAL['deployment']}.",
        ),
        click.option(
            *RELEASE_OPTION,
            metavar="vX.Y.Z",
            help=f"Release of the backend. Default: the tag of its image, or {CURRENT}.",
        ),
        click.option("--backend-dir", metavar="DIR", help="process: a built backend checkout."),
        click.option(
            "--scicatlive-dir", metavar="DIR", help="scicatlive: a checkout of scicatlive."
        ),
        click.option(
            "--backend-image",
            multiple=True,
            metavar="REF",
            help="containers, scicatlive: image of the backend. 'run' takes several and judges "
            "them one after the other.",
        ),
        click.option(
            "--mongo-image",
            metavar="REF|none",
            help="containers: image of MongoDB. none: backends keep their data in a volume; only "
            "the embedded backend can.",
        ),
        click.option("--rabbitmq-image", metavar="REF", help="containers: image of RabbitMQ."),
        click.option(
            "--sinks",
            type=click.Choice([HOST, INSIDE]),
            help="containers: start the sinks on this machine (default), or in a container next "
            "to the backends. Use 'inside' where containers cannot reach this machine.",
        ),
        click.option(
            "--harness-image",
            metavar="REF",
            help=f"containers: image of this project for --sinks inside. Default: {HARNESS_IMAGE}.",
        ),
        click.option(
            "--mongo-uri",
            metavar="URI",
            help="process: a MongoDB server. Default: SCICAT_HARNESS_MONGO_URI, else mongod on "
            "the PATH.",
        ),
        click.option(
            "--broker",
            metavar="embedded|rabbitmq|URL",
            help="The message broker: the embedded one (default with the embedded backend), a "
            "private RabbitMQ node (default with process), or the URL of a running one. "
            "Containers have one of their own by default.",
        ),
        click.option(
            "--defect", metavar="ID", help="embedded: start the backend with this defect."
        ),
    )


def run_options(command: Any) -> Any:
    """Add the options that ``run`` and ``list`` pass to the pytest plugin."""
    options = (
        click.option(
            "--expect",
            type=click.Choice([str(each) for each in Reading]),
            help="Compare with the known behaviour of the release (default), or with the "
            "documentation.",
        ),
        click.option(
            "--audit",
            type=float,
            metavar="SECONDS",
            help="Wait this long after the last check, and fail on effects that arrive late.",
        ),
        click.option(
            "--kept",
            metavar="NAME",
            help="Judge the setup that 'scicat-harness up' keeps. It has its own deployment.",
        ),
        click.option(
            "--only",
            multiple=True,
            metavar="FOLDER",
            help="Only these scenarios: actions, create, denied, ... (may be repeated).",
        ),
        click.option("-k", "keyword", metavar="EXPRESSION", help="Only cases whose name matches."),
        click.option(
            "--cases",
            metavar="FILE",
            help="Only the checks whose ids are in this file, one a line.",
        ),
        click.option(
            "--failed",
            metavar="RUN",
            help="Only the checks that failed or were unknown in the run of that report folder.",
        ),
        click.option(
            "--shard",
            metavar="I/N",
            help="Only every N-th check, beginning with check I. 'report --merge' makes one run of "
            "all shards.",
        ),
        accept_option,
        click.option("--covering", hidden=True, help="See the command mutate."),
    )
    return deployment_options(with_options(command, options))


def show_unobserved(release: Release, *, err: bool = False) -> None:
    """Print a warning if the release was never observed."""
    warning = unobserved(release)
    if warning is not None:
        click.echo(warning, err=err)


def checked(given: Mapping[str, Any]) -> Options:
    """Return the validated options of a command.

    Raises ``UsageFault`` for values that are wrong, contradict each other or would have no
    effect. Nothing is started before.
    """
    options = setup_options(given)
    if "keyword" in options:
        check_keyword(options["keyword"])
    selected_cases(options.get("cases"), options.get("failed"))
    if "shard" in options:
        Shard.parse(options["shard"])
    if "kept" in options:
        # Plain pytest accepts such options where they repeat the setup's own, as a replay line
        # does. Here nobody types them without expecting an effect.
        refuse_beside(f"--kept {options['kept']}", "it was set when the setup started", options)
    return Options.given(options)


def check_keyword(expression: str) -> None:
    """Raise ``UsageFault`` for a ``-k`` expression that pytest would refuse.

    pytest itself evaluates it during the collection, when the deployment is up already.
    """
    try:
        Expression.compile(expression).evaluate(_is_name)
    # The type of the error differs between versions of pytest.
    except Exception as error:
        raise UsageFault(
            f"-k {expression!r}: not an expression of names, 'and', 'or', 'not' ({error})"
        ) from None


def _is_name(_name: str, /, **given: object) -> bool:
    # pytest's grammar has keyword arguments for -m: mark(name=value). With -k they are an error.
    if given:
        raise ValueError("a name takes no arguments in brackets")
    return True


def single_image(images: Sequence[str]) -> str | None:
    """Return the only ``--backend-image``, or None; raise ``UsageFault`` if there are several."""
    if len(images) > 1:
        raise UsageFault("--backend-image is given twice; only 'run' takes several, give one")
    return next(iter(images), None)


def warn_of_settings(given: Mapping[str, Any]) -> None:
    """Print warnings about variables of the environment that change a scicatlive stack."""
    if given["deployment"] == "scicatlive" and given["scicatlive_dir"] is not None:
        warning = misleading_setting(Path(given["scicatlive_dir"]), os.environ)
        if warning is not None:
            click.echo(f"scicat-harness: {warning}", err=True)


def setup_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, with absolute paths.

    The state of a kept setup has these options, and is compared with those of later runs, which
    may be started in other folders.
    """
    return {
        name: str(Path(value).absolute()) if name in _PATHS else value
        for name, value in given.items()
        if value not in (None, ())
    }


def with_options(command: Any, options: Sequence[Callable[[Any], Any]]) -> Any:
    """Decorate a command with options, in the order in which ``--help`` lists them."""
    # As with decorators above a function, the first one is applied last.
    for option in reversed(options):
        command = option(command)
    return command
