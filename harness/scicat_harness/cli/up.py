"""The commands ``up`` and ``down``: a setup that stays up between runs.

A process of its own, the keeper, owns the setup. ``down`` ends it by SIGTERM. If it is killed
instead, ``down`` and the next ``up`` remove its leftovers.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from scicat_harness.cli.choices import (
    deployment_options,
    setup_options,
    show_unobserved,
    single_image,
    warn_of_settings,
)
from scicat_harness.deploy.engine import RUN_LABEL
from scicat_harness.errors import (
    EnvironmentFault,
    ExitCode,
    HarnessError,
    SciCatDiffers,
    UsageFault,
)
from scicat_harness.paths import IMPORT_ROOT, SCENARIOS
from scicat_harness.plugin.kept import (
    State,
    forget_state,
    kept_folder,
    kept_names,
    write_state,
)
from scicat_harness.plugin.leftovers import REMOVERS
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.setup import Setup
from scicat_harness.plugin.signals import termination_as_interrupt
from scicat_harness.state.alive import started_at
from scicat_harness.state.runs import new_run_name, remove_abandoned

__all__ = ["down", "how_to_look_inside", "keep", "start_keeper", "stop_keeper", "up"]

USUAL_NAME = "default"
# Seconds; images may have to be pulled.
_START_DEADLINE = 900.0
_END_DEADLINE = 180.0
_STEP = 0.05
# Errors of the keeper by its exit code; all other codes are EnvironmentFault.
_BY_CODE: Mapping[int, type[HarnessError]] = {
    ExitCode.WRONG_USAGE: UsageFault,
    ExitCode.SCICAT_DIFFERS: SciCatDiffers,
}
_IN_CONTAINERS = ("containers", "scicatlive")


@click.command()
@deployment_options
@click.option("--name", default=USUAL_NAME, show_default=True, help="Name of the setup.")
def up(name: str, **given: Any) -> int:
    """Start a deployment with its services, and keep it up.

    Judge it with 'scicat-harness run --kept NAME' as often as you like. End it with
    'scicat-harness down'.
    """
    warn_of_settings(given)
    if given["deployment"] == "external":
        raise UsageFault(
            "--deployment external: there is nothing to keep, since that backend runs already; "
            "judge it with 'scicat-harness run'"
        )
    options = setup_options({**given, "backend_image": single_image(given["backend_image"])})
    show_unobserved(Options.given(options).release)
    _sweep_the_dead()
    with termination_as_interrupt():
        state = start_keeper(name, options)
    for site, prepared in sorted(state.prepared_backends.items()):
        click.echo(f"{site}: {prepared['base_url']}")
    click.echo(f"judge it:  scicat-harness run --kept {name}")
    click.echo(f"end it:    scicat-harness down --name {name}")
    return ExitCode.AS_SPECIFIED


@click.command()
@click.option("--name", default=USUAL_NAME, show_default=True, help="Name of the setup.")
@click.option("--all", "every", is_flag=True, help="End every kept setup.")
def down(name: str, every: bool) -> int:
    """End a setup that 'up' keeps, and remove the leftovers of processes that were killed."""
    names = kept_names() if every else [name]
    try:
        for each in names:
            click.echo(f"{each}: {stop_keeper(each)}")
    finally:
        # Also when there is no setup of that name: 'down' is how one cleans up after a kill.
        _sweep_the_dead()
        for left in remove_abandoned(REMOVERS):
            click.echo(f"left behind: {left}")
    if every and not names:
        click.echo("nothing is kept")
    return ExitCode.AS_SPECIFIED


@click.command(hidden=True)
@click.argument("name")
def keep(name: str) -> int:
    """Run as the process that keeps a setup; read its options as JSON from standard input."""
    # Not from arguments, which other users see: --broker and --mongo-uri may have passwords.
    given = json.load(sys.stdin)
    with termination_as_interrupt():
        return _keep(name, given)


def _keep(name: str, given: Mapping[str, Any]) -> int:
    setup = Setup(Options.given(given), run := new_run_name(), [SCENARIOS])
    try:
        prepared_backends = setup.start()
        state = State(
            process=os.getpid(),
            started=started_at(os.getpid()),
            folder=str(setup.folder),
            run=run,
            options=given,
            prepared_backends={
                site: prepared.to_json() for site, prepared in prepared_backends.items()
            },
            services=setup.services,
            about=setup.about,
            journal=str(setup.journal) if setup.journal is not None else None,
            judged=setup.judged,
        )
        # The state file says that the setup can be judged; start_keeper() waits for it.
        write_state(name, state)
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("interrupted")
    finally:
        left = setup.close()
        for each in (*setup.findings, *(f"left behind: {one}" for one in left)):
            click.echo(each)
        # The log stays: a process that waits for this one reads from it why it ended.
        forget_state(name)
    return ExitCode.AS_SPECIFIED


def start_keeper(name: str, options: Mapping[str, Any]) -> State:
    """Start a setup in a process of its own, and return its state once it can be judged.

    Raises ``UsageFault`` when the name is taken, ``EnvironmentFault`` when the setup is not up
    after 900 s, and the error of the keeper when it ends before.
    """
    before = State.read(name)
    if before is not None and before.is_alive:
        raise UsageFault(
            f"a setup called {name!r} is up already; use it with 'scicat-harness run --kept "
            f"{name}', end it with 'scicat-harness down --name {name}', or give another --name"
        )
    if before is not None:
        stop_keeper(name)
    folder = kept_folder(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _keeper(name, options, folder / "keeper.log") as keeper:
        give_up = time.monotonic() + _START_DEADLINE
        pause = threading.Event()
        while (state := State.read(name)) is None:
            if keeper.poll() is not None:
                raise _failed(keeper.returncode, folder)
            if time.monotonic() >= give_up:
                raise EnvironmentFault(
                    f"the setup was not up within {_START_DEADLINE:g} s; start it with "
                    "'scicat-harness run', which shows what it waits for"
                )
            pause.wait(_STEP)
        return state


def stop_keeper(name: str) -> str:
    """End a setup, wait until it has ended, and return what was done, for the terminal.

    Raises ``UsageFault`` when there is no such setup, and ``EnvironmentFault`` when its process
    cannot be seen from here or does not end within 180 s.
    """
    state = State.read(name)
    if state is None:
        raise UsageFault(f"no setup called {name!r} is kept; kept setups: {_known()}")
    done = "removed what its killed process left"
    if state.is_alive:
        _end_keeper(name, state)
        done = "ended"
    # A keeper that ended in order has left nothing; a killed one leaves everything.
    left = remove_abandoned(REMOVERS, state.run)
    shutil.rmtree(kept_folder(name), ignore_errors=True)
    return "\n".join([done, *(f"left behind: {each}" for each in left)])


def _end_keeper(name: str, state: State) -> None:
    if not state.is_visible:
        raise EnvironmentFault(
            f"the process that keeps the setup {name!r} cannot be seen from here; it may run in "
            "another container; run 'scicat-harness down' there"
        )
    with suppress(ProcessLookupError):
        os.kill(state.process, signal.SIGTERM)
    _await_end(state)


def _sweep_the_dead() -> None:
    """Remove the leftovers of setups whose keeper was killed."""
    for name in kept_names():
        # Two errors are expected: a state file of another version, which that version has to
        # read, and a container engine that is not running, which then has no containers up.
        with suppress(HarnessError):
            state = State.read(name)
            if state is not None and not state.is_alive:
                stop_keeper(name)


def how_to_look_inside(name: str, state: State) -> list[str]:
    """Return lines for the terminal: addresses, logs and commands for a setup that stays up."""
    lines = [f"\nkept as {name}:"]
    lines += [
        f"  {site}: {prepared['base_url']}, log {prepared['log']}"
        for site, prepared in sorted(state.prepared_backends.items())
    ]
    if state.options.get("deployment") in _IN_CONTAINERS:
        lines.append(f"  containers: docker ps --filter label={RUN_LABEL}={state.run}")
    lines.append(f"  again:      scicat-harness run --kept {name} -k EXPRESSION")
    lines.append(f"  end it:     scicat-harness down --name {name}")
    return lines


@contextmanager
def _keeper(name: str, options: Mapping[str, Any], log: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a keeper, and end it if the body fails."""
    with log.open("w", encoding="utf-8") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "scicat_harness", "keep", name],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(IMPORT_ROOT)},
            text=True,
            # Ctrl-C at the terminal goes to the whole foreground process group; the keeper must
            # outlive the command.
            start_new_session=True,
        )
    try:
        assert keeper.stdin is not None
        # A keeper that could not start is reported by its exit code and its log.
        with suppress(BrokenPipeError):
            keeper.stdin.write(json.dumps(dict(options)))
            keeper.stdin.close()
        yield keeper
    except BaseException:
        if keeper.poll() is None:
            keeper.terminate()
            with suppress(subprocess.TimeoutExpired):
                keeper.wait(_END_DEADLINE)
                shutil.rmtree(kept_folder(name), ignore_errors=True)
        raise


def _failed(code: int, folder: Path) -> HarnessError:
    """Return the error of a keeper that ended, with the text of its log."""
    with suppress(OSError):
        output = (folder / "keeper.log").read_text(encoding="utf-8").strip()
        # This process adds the prefix again.
        output = output.removeprefix("scicat-harness: ")
        shutil.rmtree(folder, ignore_errors=True)
        kind = _BY_CODE.get(code, EnvironmentFault)
        return kind(output or f"the keeper ended with exit code {code}")
    return EnvironmentFault(f"the keeper ended with exit code {code}")


def _await_end(state: State) -> None:
    give_up = time.monotonic() + _END_DEADLINE
    pause = threading.Event()
    while state.is_alive:
        if time.monotonic() >= give_up:
            raise EnvironmentFault(
                f"process {state.process}, which keeps the setup, did not end within "
                f"{_END_DEADLINE:g} s; kill it and repeat 'scicat-harness down'"
            )
        pause.wait(_STEP)


def _known() -> str:
    return ", ".join(kept_names()) or "none"
