"""Ctrl-C while the command is still being imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", ["click", "rich.console", "scicat_harness.errors"])
def test_interrupted_before_it_begins(module: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "scicat_harness", "run"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.split("|")[-1].strip() == module:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 2, rest
    assert "scicat-harness: interrupted" in rest
    assert "Traceback" not in rest


def test_interrupted_in_code_that_an_import_made(tmp_path: Path) -> None:
    # Python ends itself by SIGINT after this, unless it is made to forget.
    (tmp_path / "interrupted.py").write_text(
        "import sys\n"
        "from scicat_harness.cli import entry\n"
        "def run():\n"
        "    try:\n"
        "        exec('raise KeyboardInterrupt')\n"
        "    except KeyboardInterrupt:\n"
        "        sys.exit(2)\n"
        "entry._run = run\n"
        "entry.main()\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "interrupted"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 2
