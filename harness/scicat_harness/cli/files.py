"""Options that name the files of a facility, for ``lint``, ``matrix``, ``plan`` and ``verify``."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from scicat_harness.cli.choices import with_options
from scicat_harness.errors import UsageFault
from scicat_harness.facility.facility import FacilityFiles, named_files

__all__ = ["facility_options", "files_of"]


def facility_options(command: Any) -> Any:
    """Add the options that name the files of a facility.

    The command gets them as its first positional argument, one ``FacilityFiles`` with absolute
    paths. Raises ``UsageFault`` for a folder that does not exist. An option wins over the entry
    of the facility file.
    """
    options = (
        click.argument("config", type=click.Path(path_type=Path), required=False),
        click.option(
            "--facility",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A facility file, which names all files ('scicat-harness init' writes one).",
        ),
        click.option(
            "--env",
            type=click.Path(path_type=Path),
            multiple=True,
            metavar="FILE",
            help="The environment of your backend: group lists, and variables that templates use. "
            "Of several files the last one counts.",
        ),
        click.option(
            "--accounts",
            "site_accounts",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Your functional accounts. Passwords in it are ignored.",
        ),
        click.option(
            "--templates",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The folder of the mail templates. Default: that of the job configuration.",
        ),
        click.option(
            "--stand-in-templates",
            is_flag=True,
            help="Use a stand-in for each missing mail template.",
        ),
        click.option(
            "--node-modules",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="JavaScript libraries. Default: those of --backend-dir, else those that "
            "'scicat-harness javascript' installs.",
        ),
    )

    @wraps(command)
    def with_files(
        config: Path | None,
        facility: Path | None,
        env: tuple[Path, ...],
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
                f"--templates {templates}: no such folder; give the folder in which the backend "
                "is started"
            )
        named = (config, site_accounts, templates, modules)
        config, accounts, templates, modules = (each and each.absolute() for each in named)
        files = files_of(facility, config)
        files = replace(
            files,
            env=tuple(each.absolute() for each in env) or files.env,
            accounts=accounts or files.accounts,
            templates=templates or files.templates,
            stand_in=stand_in_templates,
            node_modules=modules,
        )
        return command(files, **given)

    return with_options(with_files, options)


def _modules_of(given: dict[str, Any]) -> Path | None:
    """Return ``node_modules`` of ``--backend-dir``; drop the option unless it is to be started."""
    folder = given.get("backend_dir")
    if folder is None:
        return None
    if given["deployment"] != "process":
        # Other deployments refuse --backend-dir. Here it only says where the libraries are.
        given["backend_dir"] = None
    return Path(folder) / "node_modules"


def files_of(facility: Path | None, config: Path | None) -> FacilityFiles:
    """Return the files that a facility file names, or a job configuration without others.

    ``config`` takes the place of the job configuration of the facility file. Raises
    ``UsageFault`` when neither is given.
    """
    if facility is not None:
        files = named_files(facility)
        return replace(files, job_config=config) if config is not None else files
    if config is None:
        raise UsageFault("give a job configuration, or a facility file with --facility")
    return FacilityFiles(config)
