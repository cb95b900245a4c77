"""Load job configurations one after the other, without a server for each.

    python -m scicat_harness.embedded.loader [--defect ID]

reads one JSON object a line, ``{"id", "folder", "environment"}``, and answers each with ``{"id",
"loaded", "output"}``: whether a backend starts in that working folder with that environment, and
everything that it printed. It ends with its input.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr
from typing import Any

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.nestlog import NestLog

__all__ = ["main"]


def main() -> int:
    """Answer every line of the standard input, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scicat_harness.embedded.loader")
    parser.add_argument("--defect", metavar="ID", help="switch this defect on")
    defect = Defects(parser.parse_args().defect)
    for line in sys.stdin:
        request = json.loads(line)
        answer = _loaded(request["folder"], request["environment"], defect)
        print(json.dumps({"id": request["id"], **answer}), flush=True)
    return 0


def _loaded(folder: str, environment: Mapping[str, str], defect: Defects) -> dict[str, Any]:
    # The backend reads mail templates from its working folder.
    os.chdir(folder)
    output = io.StringIO()
    log = NestLog(output)
    with redirect_stderr(output):
        try:
            EmbeddedBackend.boot(environment, defect, log).close()
        # A BootCrash as well, whose text the real backend prints without its log.
        except BootFailure as failure:
            log.error("ExceptionHandler", str(failure))
            return {"loaded": False, "output": output.getvalue()}
    return {"loaded": True, "output": output.getvalue()}


if __name__ == "__main__":
    sys.exit(main())
