"""``JOBS_ENABLED=false`` means yes to scicatlive, and is spoken of."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.deploy.scicatlive import misleading_setting


@pytest.mark.parametrize("value", ["false", "False", "no", "0", "off"])
def test_what_sounds_like_no_is_spoken_of(value: str, tmp_path: Path) -> None:
    told = misleading_setting(tmp_path, {"JOBS_ENABLED": value})
    assert told is not None
    assert told.startswith(f"the environment says JOBS_ENABLED={value}: ")


@pytest.mark.parametrize("value", ["", "true", "yes", "1"])
def test_what_means_what_it_says_is_not(value: str, tmp_path: Path) -> None:
    assert misleading_setting(tmp_path, {"JOBS_ENABLED": value}) is None


def test_the_file_of_the_checkout_is_read_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# JOBS_ENABLED=no\nBE_VERSION=v4\nJOBS_ENABLED='false'\n")
    told = misleading_setting(tmp_path, {})
    assert told is not None
    assert "JOBS_ENABLED=false" in told
    for line in ("export JOBS_ENABLED=false", "JOBS_ENABLED = false", "JOBS_ENABLED=false # off"):
        (tmp_path / ".env").write_text(line)
        assert misleading_setting(tmp_path, {}) is not None, line
    assert str(tmp_path / ".env") in told
    assert misleading_setting(tmp_path, {"JOBS_ENABLED": "true"}) is None


def test_nobody_says_anything(tmp_path: Path) -> None:
    assert misleading_setting(tmp_path, {}) is None
