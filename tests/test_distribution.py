"""What is published: an sdist gives the wheel of the checkout, with one import name."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def built(target: str, source: Path, folder: Path) -> Path:
    """The sdist or wheel of a source folder, by the backend that pip calls."""
    command = (sys.executable, "-m", "hatchling", "build", "--target", target)
    subprocess.run(
        [*command, "--directory", str(folder)], cwd=source, check=True, capture_output=True
    )
    (made,) = folder.iterdir()
    return made


def contents(wheel: Path) -> dict[str, int]:
    """The checksum of every file."""
    with zipfile.ZipFile(wheel) as archive:
        return {each.filename: each.CRC for each in archive.infolist()}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that an sdist unpacks to."""
    where = tmp_path_factory.mktemp("sdist")
    # Python 3.11.3 and before have no filters, and later ones warn without.
    safe: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    shutil.unpack_archive(built("sdist", ROOT, where / "built"), where, **safe)
    (folder,) = where.glob("scicat_harness-*")
    return folder


def test_an_sdist_gives_the_wheel_of_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    wheel = contents(built("wheel", ROOT, tmp_path / "wheel"))
    assert contents(built("wheel", unpacked, tmp_path / "again")) == wheel
    names = {name.partition("/")[0] for name in wheel if ".dist-info/" not in name}
    assert names == {"scicat_harness"}
    for name in ("py.typed", "fixtures/site.py", "scenarios/create/test_matrix.py"):
        assert f"scicat_harness/{name}" in wheel


@pytest.mark.parametrize("folder", ["fixtures", "scenarios"])
def test_an_sdist_has_what_a_checkout_links(folder: str, unpacked: Path) -> None:
    linked = unpacked / "harness" / "scicat_harness" / folder
    assert (unpacked / folder / "__init__.py").is_file()
    assert (linked / "__init__.py").is_file()
    assert not linked.is_symlink()
