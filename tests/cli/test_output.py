"""Files of ``--output``: any text can be written, and a file that cannot be is one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.cli.output import write_output
from scicat_harness.errors import EnvironmentFault, UsageFault


def test_half_a_surrogate_pair_is_written_as_an_escape(tmp_path: Path) -> None:
    write_output("a\ud800b", tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a\\ud800b"


@pytest.mark.parametrize("fault", [EnvironmentFault, UsageFault])
def test_a_folder_cannot_be_written(fault: type[EnvironmentFault], tmp_path: Path) -> None:
    with pytest.raises(fault, match=r"--output .*: cannot be written \(Is a directory\)"):
        write_output("text", tmp_path, fault)
