"""Command line of the embedded backend: run it as a process, or list its defects.

Environment variables configure the backend as they configure the released one (specification:
environment.jobs). Its database is a file: the one of ``--data``, or of a MONGODB_URI such as
``file:///data/scicat``. With neither, or with the address of a MongoDB, it keeps all data in
memory.

SCICAT_EMBEDDED_ENVIRONMENT may hold the environment of the backend as a JSON object. Then the
backend sees no other variable, in particular none that Python itself was started with.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootCrash, BootFailure
from scicat_harness.embedded.sabotage import CATALOGUE

if TYPE_CHECKING:
    from scicat_harness.embedded.backend import EmbeddedBackend

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the backend until a signal or the end of its input, and return the exit code.

    The code is 0 after a clean stop or ``--list-defects``, 1 if the backend does not start or
    cannot listen, 2 for an unknown defect or option.
    """
    options = _options(arguments)
    # Before anything else: a list must not need a valid environment.
    if options.list_defects:
        rows = [{"id": d.id, "family": d.family, "sentence": d.sentence} for d in CATALOGUE]
        print(json.dumps(rows, indent=2))
        return 0
    if options.defect is not None and options.defect not in {d.id for d in CATALOGUE}:
        print(
            f"unknown defect '{options.defect}'. Choose an id from --list-defects.",
            file=sys.stderr,
        )
        return 2
    # The server installs handlers of its own; these apply while the backend still starts.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    return _run(options)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scicat_harness.embedded", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="listen on this address of the machine")
    parser.add_argument("--fd", type=int, help="serve on this inherited listening socket")
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="exit when standard input ends"
    )
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="load the data from this file and save them to it"
    )
    parser.add_argument("--defect", metavar="ID", help="switch this defect on")
    parser.add_argument(
        "--list-defects", action="store_true", help="print all defects as JSON and exit"
    )
    return parser.parse_args(arguments)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _run(options: argparse.Namespace) -> int:
    # Imported late: listing defects needs no web server.
    from scicat_harness.embedded.backend import EmbeddedBackend
    from scicat_harness.embedded.nestlog import NestLog
    from scicat_harness.embedded.saved import Saved

    log = NestLog()
    log.log("NestFactory", "Starting Nest application...")
    environ = _environment()
    data = options.data or _database_file(environ.get("MONGODB_URI", ""))
    data_file = _DataFile(data)
    try:
        # Inside the same try: a data file of another kind stops the start like a wrong setting.
        saved = Saved.load(data) if data else None
        backend = EmbeddedBackend.boot(
            environ, Defects(options.defect), log, on_loss=data_file.lose, saved=saved
        )
    except BootCrash as crash:
        # The real backend does not log these: Node prints them as an unhandled rejection.
        print(f"{crash}\n\nUnhandled rejection", file=sys.stderr)
        return 1
    except BootFailure as failure:
        log.error("ExceptionHandler", str(failure))
        return 1
    with data_file.keeping(backend):
        return _listen(backend, options)


def _environment() -> Mapping[str, str]:
    """Return the variables of the backend: SCICAT_EMBEDDED_ENVIRONMENT, else all of the process."""
    given = os.environ.get("SCICAT_EMBEDDED_ENVIRONMENT")
    if given is None:
        return os.environ
    return {str(name): str(value) for name, value in json.loads(given).items()}


def _database_file(uri: str) -> Path | None:
    """Return the file of a ``file:`` MONGODB_URI, None if it names a server."""
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _listen(backend: "EmbeddedBackend", options: argparse.Namespace) -> int:
    from scicat_harness.embedded.server import listening_socket, serve

    port = backend.settings.port
    try:
        sock = listening_socket(options.host, port, options.fd)
    except OSError as error:
        where = f"descriptor {options.fd}" if options.fd is not None else f"{options.host}:{port}"
        print(f"cannot listen on {where}: {error.strerror or error}", file=sys.stderr)
        return 1
    with sock:
        serve(backend, sock, until_stdin_ends=options.exit_with_stdin)
    return 0


class _DataFile:
    """The data file of a backend, written when the backend ends for whatever reason."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._backend: EmbeddedBackend | None = None

    @contextmanager
    def keeping(self, backend: "EmbeddedBackend") -> Iterator[None]:
        """Close the backend on exit, and write its data afterwards."""
        # For lose(), which the AMQP thread may call at any time from here on.
        self._backend = backend
        try:
            yield
        finally:
            backend.close()
            self._write()

    def lose(self, text: str) -> None:
        """Write the data, then end the process as an unhandled error does.

        A database would have kept everything that was stored before the error.
        """
        from scicat_harness.embedded.backend import die

        self._write()
        die(text)

    def _write(self) -> None:
        if self._path is None or self._backend is None:
            return
        try:
            self._backend.saved.write(self._path)
        except OSError as error:
            # The process ends anyway; an exception here would hide why it does.
            print(f"cannot write {self._path}: {error.strerror or error}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
