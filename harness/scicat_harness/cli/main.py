"""The command group ``scicat-harness``, and the exit code of every command.

Exit codes: 0 all as specified, 1 SciCat differs, 2 the environment failed, 3 wrong usage.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

import click
from click.shell_completion import shell_complete

from scicat_harness import __version__
from scicat_harness.cli.commands import Commands
from scicat_harness.cli.ending import end_soon
from scicat_harness.errors import ExitCode, HarnessError
from scicat_harness.secrets import redact

__all__ = ["cli", "main"]

_COMPLETION = "_SCICAT_HARNESS_COMPLETE"
"""The variable of click's completion: bash_source, bash_complete, zsh_source, ..."""


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="scicat-harness")
def cli() -> None:
    """Test who may do what with SciCat jobs, on a backend of your choice.

    Exit codes: 0 all as specified, 1 SciCat differs, 2 the environment failed, 3 wrong usage.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code; ``arguments`` default to those of the process.

    Every error becomes one line on stderr instead of a traceback: a ``HarnessError`` with its own
    exit code, a usage error of click with 3, an interrupt, an unwritable output and an internal
    error with 2.
    """
    _make_outputs_usable()
    try:
        code = _invoked(arguments)
    except HarnessError as error:
        click.echo(redact(f"scicat-harness: {error}"), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.WRONG_USAGE)
    except (click.Abort, KeyboardInterrupt):
        end_soon()
        click.echo("scicat-harness: interrupted", err=True)
        sys.exit(ExitCode.ENVIRONMENT_FAILED)
    except OSError as error:
        if not _is_about_output(error):
            _say_broken(error)
        with suppress(OSError):
            click.echo(f"scicat-harness: cannot write its output ({error.strerror})", err=True)
        # Python flushes its buffers at exit; it would fail again, with exit code 120.
        _discard_outputs()
        sys.exit(ExitCode.ENVIRONMENT_FAILED)
    except Exception as error:
        # A defect of the harness. A traceback would end with exit code 1, "SciCat differs".
        _say_broken(error)
    sys.exit(code if isinstance(code, int) else ExitCode.AS_SPECIFIED)


def _invoked(arguments: Sequence[str] | None) -> object:
    """Run a command and return its result.

    Not by ``cli.main``, even in click's non-standalone mode, because that turns a closed pipe into
    exit code 1.
    """
    asked = os.environ.get(_COMPLETION)
    if asked:
        # The shell asks what may follow the words that it passes in further variables.
        return shell_complete(cli, {}, "scicat-harness", _COMPLETION, asked)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with cli.make_context("scicat-harness", given) as context:
            code = cli.invoke(context)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    # Here an error of the output still gets a message; at the exit of Python it would not.
    sys.stdout.flush()
    return code


def _make_outputs_usable() -> None:
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # The parent process closed it (`>&-`).
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, TextIOWrapper):
            # Replies and file names may have characters that the encoding of the terminal lacks.
            stream.reconfigure(errors="backslashreplace")


def _is_about_output(error: OSError) -> bool:
    # An error of a file that a command opens has a file name; one of a stream has none.
    return error.filename is None and error.errno in (errno.EPIPE, errno.ENOSPC, errno.EBADF)


def _discard_outputs() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)


def _say_broken(error: Exception) -> NoReturn:
    # A UnicodeError quotes its text, possibly a secret that redact() does not recognise.
    shown = type(error).__name__ if isinstance(error, UnicodeError) else repr(error)
    click.echo(redact(f"scicat-harness: broke: {shown}; please report it"), err=True)
    sys.exit(ExitCode.ENVIRONMENT_FAILED)
