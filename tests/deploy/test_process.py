"""The process deployment starts a backend as often as its release needs."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.deploy.process import ProcessDeployment
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.release import CURRENT, Release

from ..plugin.mongo import mongo

_BACKEND = """\
const fs = require("fs");
const accounts = JSON.parse(fs.readFileSync(process.env.FUNCTIONAL_ACCOUNTS_FILE));
fs.appendFileSync(__dirname + "/starts", accounts.length + " " + process.env.MONGODB_URI + "\\n");
require("http").createServer((_, reply) => reply.end("{}")).listen(process.env.PORT);
"""

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not on the PATH")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose backend is healthy and notes with how many accounts it was started."""
    folder = tmp_path / "backend"
    (folder / "dist").mkdir(parents=True)
    (folder / "node_modules").mkdir()
    (folder / "dist" / "main.js").write_text(_BACKEND)
    return folder


def starts(checkout: Path, folder: Path, release: Release) -> tuple[list[int], int]:
    """Accounts of each start, and those of the file that is written last."""
    told: list[dict[str, Any]] = []
    with (
        mongo(told) as uri,
        closing(ProcessDeployment(folder, checkout, uri, release)) as deployment,
    ):
        deployment.start(SITE)
        written = json.loads((folder / SITE.name / "functionalAccounts.json").read_text())
    noted = [each.split() for each in (checkout / "dist" / "starts").read_text().splitlines()]
    assert len({database for _, database in noted}) == 1
    return [int(accounts) for accounts, _ in noted], len(written)


def test_a_release_with_lists_of_roles_is_started_once(checkout: Path, tmp_path: Path) -> None:
    seen, written = starts(checkout, tmp_path / "run", CURRENT)
    assert seen == [written]


def test_a_release_with_one_role_is_started_twice_over_the_same_data(
    checkout: Path, tmp_path: Path
) -> None:
    users = sum(who.has_account for who in SITE.identities.values())
    seen, written = starts(checkout, tmp_path / "run", Release(4, 20, 2))
    assert seen == [users, written]
    assert users < written
