"""The command ``explore``: random sequences of requests, the first that differs made short."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from typing import Any

import click

from scicat_harness.cli.choices import checked, deployment_options, single_image, warn_of_settings
from scicat_harness.cli.console import Console
from scicat_harness.cli.display import Display
from scicat_harness.cli.run import concluded, pytest_arguments, report_folders
from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.plugin.signals import termination_as_interrupt

__all__ = ["explore"]

_USUAL_SECONDS = 60.0
_LONGEST = 24 * 3600.0
_MOST_EXAMPLES = 10_000_000
_LARGEST_SEED = 2**32


@click.command()
@deployment_options
@click.option(
    "--seconds",
    type=click.FloatRange(1, _LONGEST),
    default=_USUAL_SECONDS,
    show_default=True,
    help="Time for new sequences. Making one that differs shorter takes up to five minutes more.",
)
@click.option(
    "--examples",
    type=click.IntRange(1, _MOST_EXAMPLES),
    default=_MOST_EXAMPLES,
    show_default="as many as the time allows",
    metavar="N",
    help="Number of sequences.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, _LARGEST_SEED),
    metavar="N",
    help="Make the same sequences as an earlier run with this seed. Default: a random one.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="ID",
    help="Judge as if the ledger of known deviations did not have this entry.",
)
@click.option(
    "--allow-writes", is_flag=True, help="external: allow sequences, which create and delete jobs."
)
@click.option("--report-dir", metavar="DIR", help="The report folder. Default: reports/RUN.")
def explore(
    seconds: float,
    examples: int,
    seed: int | None,
    without: Sequence[str],
    allow_writes: bool,
    report_dir: str | None,
    **given: Any,
) -> int:
    """Send random sequences of requests and judge each by the oracle.

    Identities, job types, dataset lists, owners, pages and bodies are random. Half of the time is
    for job types with actions, whose effects are judged, too. The first sequence of each half
    whose reply, stored jobs or effects are not as predicted is made as short as possible and
    printed, with a curl command for each request. Exit code 1 if there is one.
    """
    try:
        __import__("hypothesis")
    except ImportError:
        raise EnvironmentFault(
            "explore needs Hypothesis: install it with pip install 'scicat-harness[explore]'"
        ) from None
    for name in without:
        LEDGER.entry(name)
    given["backend_image"] = single_image(given["backend_image"])
    warn_of_settings(given)
    options = checked(given)
    if options.deployment == "external" and not allow_writes:
        raise UsageFault(
            "explore creates, changes and deletes jobs of its own in the backend of --url; add "
            "--allow-writes if that is meant"
        )
    chosen = random.randrange(_LARGEST_SEED) if seed is None else seed
    click.echo(f"seed {chosen}: the same sequences again with --seed {chosen}")
    (folder,) = report_folders(report_dir, (None,))
    arguments = [
        *pytest_arguments({**given, "only": ("explore",)}),
        *("-n0", f"--explore-seconds={seconds:g}", f"--explore-examples={examples}"),
        f"--explore-seed={chosen}",
        *(f"--without-entry={name}" for name in without),
        *(("--report-dir", str(folder)) if folder is not None else ()),
    ]
    with termination_as_interrupt():
        return concluded(arguments, Display(Console(), progress=sys.stdout.isatty()))
