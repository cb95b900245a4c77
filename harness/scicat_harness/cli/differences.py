"""The command ``differences``: list where a release does not do what is documented."""

from __future__ import annotations

import click
from rich.table import Table

from scicat_harness.cli.choices import show_unobserved
from scicat_harness.cli.console import Console
from scicat_harness.fixtures.case import Case
from scicat_harness.fixtures.cases import (
    create_cases,
    create_fault_cases,
    create_list_cases,
    create_more_cases,
    create_token_cases,
    create_v3_cases,
    endpoint_cases,
    list_cases,
    update_cases,
)
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE, satellite_sites
from scicat_harness.judge.ledger import Deviation
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.request import Api, PatchForm
from scicat_harness.oracle.predict import Oracle, Unspecified
from scicat_harness.oracle.rule import Reading, View

__all__ = ["cells", "differences"]

_BOTH = (Reading.OBSERVED, Reading.DOCUMENTED)


@click.command()
@click.option("--release", default=str(CURRENT), show_default=True, metavar="vX.Y.Z")
@click.option("--cells", "show_cells", is_flag=True, help="Also print every differing case.")
def differences(release: str, show_cells: bool) -> None:
    """Print the known deviations of a release: documented and observed behaviour."""
    version = Release.parse(release, "--release")
    found = cells(version)
    console = Console()
    show_unobserved(version)
    table = Table(title=f"{version}: documented against observed", title_justify="left")
    for column in ("known deviation", "severity", "documented", "observed", "cases"):
        table.add_column(column, overflow="fold")
    for entry in LEDGER.of_release(version):
        # cells() builds the cases of authorization. Deviations of actions show up in a run only.
        count = str(len(found.get(entry.id, []))) if entry.about == "authorization" else "-"
        table.add_row(entry.id, entry.severity, entry.promise, entry.behaviour, count)
    console.print(table)
    for entry in LEDGER.of_release(version):
        console.print(f"{entry.id}: {entry.reproduction}{_link(entry)}", markup=False)
    if show_cells:
        for name, cases in found.items():
            for case in cases:
                click.echo(f"{name}: {case}")


def _link(entry: Deviation) -> str:
    return f" ({entry.link})" if entry.link else ""


def cells(release: Release) -> dict[str, list[str]]:
    """Return the cases that the two readings predict differently, by id of the ledger entry.

    The values are sentences, one per case. The key "" has the cases that no entry explains; a
    run would fail on them. No backend is needed, since both readings come from the oracle.
    """
    oracles = {
        name: tuple(Oracle(site, View(release, reading)) for reading in _BOTH)
        for name, site in {SITE.name: SITE, **satellite_sites()}.items()
    }
    found: dict[str, list[str]] = {}
    everything: tuple[Case, ...] = (
        *create_cases(Profile.FULL),
        *create_more_cases(Profile.FULL),
        *create_v3_cases(Profile.FULL),
        *create_list_cases(Api.V3, Profile.FULL),
        *create_fault_cases(Api.V4),
        *create_token_cases(Api.V4),
        *update_cases(Api.V4, PatchForm.REPLACE, Profile.FULL),
        *list_cases(),
        *endpoint_cases(),
    )
    for case in everything:
        observed, documented = oracles[getattr(case, "site", SITE.name)]
        try:
            seen, promised = case.predict(observed), case.predict(documented)
        except Unspecified:
            # Neither reading says anything of this case, so nothing can differ.
            continue
        if seen.same_promise(promised):
            continue
        entry = LEDGER.explaining(seen.deciding, promised.deciding, release)
        where = f"{case.operation} {case.id}: {promised.decision} by {promised.deciding}, "
        where += f"observed {seen.decision} by {seen.deciding}"
        found.setdefault(entry.id if entry else "", []).append(where)
    return found
