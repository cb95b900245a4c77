"""matrix in a terminal: every word can be read at 80 columns, however many job types there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.cli.main import main

NAMES = [f"{word}_with_a_long_name" for word in ("archive", "retrieve", "public", "copy", "move")]
_RIGHTS = 'create: {auth: "#datasetAccess"}, update: {auth: "#jobOwnerUser"}'
TYPES = "".join(f"- {{jobType: {name}, {_RIGHTS}}}\n" for name in NAMES)


@pytest.mark.parametrize("width", [80, 140])
def test_no_word_is_cut(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "jobConfig.yaml"
    file.write_text(f'configVersion: "1"\njobs:\n{TYPES}', encoding="utf-8")
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(SystemExit) as ended:
        main(["matrix", str(file)])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    # Each once for each of the four operations.
    assert [out.count(name) for name in NAMES] == [4] * len(NAMES)
    assert "own, shared, published" in out
    assert "member of the owning group" in out
