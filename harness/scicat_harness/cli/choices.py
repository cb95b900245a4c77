"""The options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click
from _pytest.mark.expression import Expression

from scicat_harness.deploy.scicatlive import misleading_setting
from scicat_harness.errors import UsageFault
from scicat_harness.facility.facility import FacilityFiles, named_files
from scicat_harness.fixtures.profile import Profile
from scicat_harness.model.release import CURRENT, Release, unobserved
from scicat_harness.oracle.rule import Reading
from scicat_harness.plugin.options import HARNESS_IMAGE, HOST, INSIDE, USUAL, Options
from scicat_harness.plugin.uses import DEPLOYMENTS, refuse_beside

__all__ = [
    "check_keyword",
    "checked",
    "deployment_options",
    "facility_options",
    "files_of",
    "run_options",
    "setup_options",
    "show_unobserved",
    "single_image",
    "twin_options",
    "warn_of_settings",
]

_PATHS: Sequence[str] = (
    *("backend_dir", "scicatlive_dir", "accounts", "backend_env", "ca_bundle", "client_cert"),
)


def deployment_options(command: Any) -> Any:
    """What to start or to find, and what around it."""
    options = (
        click.option(
            "--profile",
            type=click.Choice([str(each) for each in Profile]),
            help=f"How much to check; default: {Profile.STANDARD}, or a kept setup's own.",
        ),
        click.option("--url", metavar="URL", help="external: the backend's address, without /api."),
        click.option("--accounts", metavar="FILE", help="external: accounts file."),
        click.option("--backend-env", metavar="FILE", help="external: env file with JWT_SECRET."),
        click.option(
            "--ca-bundle",
            metavar="FILE",
            help="external: PEM file of the authorities to believe; default: REQUESTS_CA_BUNDLE "
            "or SSL_CERT_FILE, else the usual ones.",
        ),
        click.option(
            "--client-cert",
            metavar="FILE",
            help="external: PEM file with a certificate to show, and its key.",
        ),
    )
    return _starting_options(DEPLOYMENTS)(_with(command, options))


def facility_options(command: Any) -> Any:
    """A facility's files, handed over as ``files``."""
    options = (
        click.argument("config", type=click.Path(path_type=Path), required=False),
        click.option(
            "--facility",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A facility file that names them all (scicat-harness init writes one).",
        ),
        click.option(
            "--env",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="The environment of your backend: group lists, and what templates speak of.",
        ),
        click.option(
            "--accounts",
            "site_accounts",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Your functional accounts; passwords in it are not looked at.",
        ),
        click.option(
            "--templates",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Where mail templates are; default: beside the job configuration.",
        ),
        click.option("--stand-in-templates", is_flag=True, help="Make do without mail templates."),
        click.option(
            "--node-modules",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="JavaScript libraries; default: those of --backend-dir, or our own.",
        ),
    )

    @wraps(command)
    def with_files(
        config: Path | None,
        facility: Path | None,
        env: Path | None,
        site_accounts: Path | None,
        templates: Path | None,
        stand_in_templates: bool,
        node_modules: Path | None,
        **given: Any,
    ) -> Any:
        modules = node_modules or _modules_of(given)
        if modules is not None and not modules.is_dir():
            raise UsageFault(
                f"{modules}: no such folder; install the libraries there, or give "
                "another --node-modules or --backend-dir"
            )
        if templates is not None and not templates.is_dir():
            raise UsageFault(
                f"--templates {templates}: no such folder; give the one that the "
                "backend is started in"
            )
        named = (config, env, site_accounts, templates, modules)
        config, env, accounts, templates, modules = (each and each.absolute() for each in named)
        files = files_of(facility, config)
        files = replace(
            files,
            env=env or files.env,
            accounts=accounts or files.accounts,
            templates=templates or files.templates,
            stand_in=stand_in_templates,
            node_modules=modules,
        )
        return command(files, **given)

    return _with(with_files, options)


def _modules_of(given: dict[str, Any]) -> Path | None:
    """The libraries of a backend's checkout; unless it is started, they are all it is there for."""
    folder = given.get("backend_dir")
    if folder is None:
        return None
    if given["deployment"] != "process":
        given["backend_dir"] = None
    return Path(folder) / "node_modules"


def files_of(facility: Path | None, config: Path | None) -> FacilityFiles:
    """The files of a facility file, or of a job configuration alone."""
    if facility is not None:
        files = named_files(facility)
        return replace(files, job_config=config) if config is not None else files
    if config is None:
        raise UsageFault("give a job configuration, or a facility file with --facility")
    return FacilityFiles(config)


def twin_options(command: Any) -> Any:
    """What to start with a facility's files; a backend that runs already is no twin."""
    return _starting_options([each for each in DEPLOYMENTS if each != "external"])(command)


def _starting_options(deployments: Sequence[str]) -> Callable[[Any], Any]:
    """What to start, and what around it."""
    return lambda command: _with(command, _starting(deployments))


def _starting(deployments: Sequence[str]) -> Sequence[Callable[[Any], Any]]:
    return (
        click.option(
            "--deployment",
            type=click.Choice(deployments),
            help=f"Which backend to judge; default: {USUAL['deployment']}.",
        ),
        click.option(
            "--backend-version",
            metavar="vX.Y.Z",
            help=f"The release the backend is; default: its image's tag, or {CURRENT}.",
        ),
        click.option("--backend-dir", metavar="DIR", help="process: a built backend checkout."),
        click.option("--scicatlive-dir", metavar="DIR", help="scicatlive: a checkout of it."),
        click.option(
            "--backend-image",
            multiple=True,
            metavar="REF",
            help="containers, scicatlive: the backend's image; run: several, one after the other.",
        ),
        click.option(
            "--mongo-image",
            metavar="REF|none",
            help="containers: MongoDB's image; none: backends keep their data in a volume, which "
            "the embedded one can.",
        ),
        click.option("--rabbitmq-image", metavar="REF", help="containers: RabbitMQ's image."),
        click.option(
            "--sinks",
            type=click.Choice([HOST, INSIDE]),
            help="containers: sinks on this machine (default), or in a container among the "
            "backends, where those cannot reach this machine.",
        ),
        click.option(
            "--harness-image",
            metavar="REF",
            help=f"containers: an image of this project for --sinks inside; default: "
            f"{HARNESS_IMAGE}.",
        ),
        click.option(
            "--mongo-uri",
            metavar="URI",
            help="process: a MongoDB server; default: that of SCICAT_HARNESS_MONGO_URI, or mongod "
            "on the PATH.",
        ),
        click.option(
            "--broker",
            metavar="embedded|rabbitmq|URL",
            help="Where messages go: our own broker (default with the embedded backend), a "
            "private RabbitMQ node (default otherwise), or one that runs already; containers have "
            "one of their own.",
        ),
        click.option("--defect", metavar="ID", help="embedded: start it with this defect."),
    )


def run_options(command: Any) -> Any:
    """The options that ``run`` and ``list`` hand on to the plugin."""
    options = (
        click.option(
            "--expect",
            type=click.Choice([str(each) for each in Reading]),
            help="Hold it against what this release is known to do (default), or against the "
            "documentation.",
        ),
        click.option(
            "--audit",
            type=float,
            metavar="SECONDS",
            help="Wait so long after the last check, and see that no effect comes too late.",
        ),
        click.option(
            "--kept",
            metavar="NAME",
            help="Judge the setup that 'scicat-harness up' keeps; it has its own deployment.",
        ),
        click.option(
            "--only",
            multiple=True,
            metavar="FOLDER",
            help="Only these scenarios: actions, create, denied, ... (may be repeated).",
        ),
        click.option("-k", "keyword", metavar="EXPRESSION", help="Only cases whose name matches."),
    )
    return deployment_options(_with(command, options))


def show_unobserved(release: Release, *, err: bool = False) -> None:
    """Say so where a release was never observed."""
    told = unobserved(release)
    if told is not None:
        click.echo(told, err=err)


def checked(given: Mapping[str, Any]) -> Options:
    """The options of a command, all of them useful; a UsageFault before anything is begun."""
    options = setup_options(given)
    if "keyword" in options:
        check_keyword(options["keyword"])
    if "kept" in options:
        refuse_beside(f"--kept {options['kept']}", "the setup was told it at its start", options)
    return Options.given(options)


def check_keyword(expression: str) -> None:
    """Raise a UsageFault for a ``-k`` that pytest would refuse once everything is up."""
    try:
        Expression.compile(expression).evaluate(_is_name)
    # Which error it is has changed between versions of pytest.
    except Exception as error:
        raise UsageFault(
            f"-k {expression!r}: not an expression of names, 'and', 'or', 'not' ({error})"
        ) from None


def _is_name(_name: str, /, **given: object) -> bool:
    if given:
        raise ValueError("a name takes nothing in brackets")
    return True


def single_image(images: Sequence[str]) -> str | None:
    """The one image of a command that takes no more."""
    if len(images) > 1:
        raise UsageFault("--backend-image is given twice; only 'run' takes several, give one")
    return next(iter(images), None)


def warn_of_settings(given: Mapping[str, Any]) -> None:
    """Say what means something else than it seems to; nothing of it stops a run."""
    if given["deployment"] == "scicatlive" and given["scicatlive_dir"] is not None:
        warning = misleading_setting(Path(given["scicatlive_dir"]), os.environ)
        if warning is not None:
            click.echo(f"scicat-harness: {warning}", err=True)


def setup_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those that were given, paths made absolute: relative to where the command was typed."""
    return {
        name: str(Path(value).absolute()) if name in _PATHS else value
        for name, value in given.items()
        if value not in (None, ())
    }


def _with(command: Any, options: Sequence[Callable[[Any], Any]]) -> Any:
    for option in reversed(options):
        command = option(command)
    return command
