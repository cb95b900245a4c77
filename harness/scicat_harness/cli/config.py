"""The command ``config``: write the files with which an external backend must be started."""

from __future__ import annotations

from pathlib import Path

import click

from scicat_harness.cli.choices import RELEASE_OPTION, show_unobserved
from scicat_harness.config.startup import Secrets, Startup, write_startup
from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.files import write_private
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.release import CURRENT, Release

__all__ = ["config"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    *RELEASE_OPTION,
    default=str(CURRENT),
    show_default=True,
    metavar="vX.Y.Z",
    help="Release of the backend.",
)
def config(folder: Path, backend_version: str) -> None:
    """Write jobConfig.yaml, functionalAccounts.json and backend.env into DIR.

    Releases before v4.27.0 also get firstAccounts.json. Passwords and the JWT secret are new and
    random. Existing files are not overwritten.
    """
    release = Release.parse(backend_version, "--release")
    names = ("jobConfig.yaml", "functionalAccounts.json", "backend.env", "firstAccounts.json")
    existing = [name for name in names if (folder / name).exists()]
    if existing:
        raise UsageFault(f"{folder}: {', '.join(existing)} exists already; give another folder")
    startup = write_startup(SITE, Secrets.fresh(SITE), folder, release=release)
    target = folder / "backend.env"
    lines = [f"{name}={value}" for name, value in startup.environment.items()]
    try:
        # JWT_SECRET is in it: who knows it can sign a token of any user.
        write_private(target, "\n".join(lines) + "\n")
    except OSError as error:
        raise EnvironmentFault(f"{target}: cannot be written ({error.strerror})") from None
    show_unobserved(release)
    written = [name for name in names if (folder / name).exists()]
    click.echo(
        f"wrote {', '.join(written)} into {folder}\n"
        f"{_first_start(startup)}"
        "start the backend with the variables of backend.env (add PORT and MONGODB_URI), then:\n"
        f"  scicat-harness run --deployment external --url http://HOST:PORT "
        f"--accounts {folder / names[1]} --backend-env {target}{_version(release)}"
    )


def _first_start(startup: Startup) -> str:
    # Before v4.27.0 `role` is one text (specification: accounts), and every start adds the role
    # of the file to those that a user has. Two files therefore give two roles.
    if startup.first_accounts is None:
        return ""
    return (
        "start the backend once with the variables of backend.env and FUNCTIONAL_ACCOUNTS_FILE="
        f"{startup.first_accounts.resolve()}, and stop it when it is healthy: in this release an "
        "account file gives an account one role; the second start adds the others\n"
    )


def _version(release: Release) -> str:
    return f" --release {release}" if release != CURRENT else ""
