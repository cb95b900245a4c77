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
const server = require("http").createServer((_, reply) => reply.end("{}"));
server.listen(PLACE, () => fs.appendFileSync(__dirname + "/address", server.address().address));
"""
# Somebody else tries to listen at the port while the backend starts.
_TAKEN = """const port = Number(process.env.PORT);
const other = require("child_process").spawnSync(process.execPath, ["-e", `
  require("net").createServer().once("error", (error) => console.log(error.code))
    .listen(${port}, "127.0.0.1", () => { console.log("free"); process.exit(0); });
`]);
require("fs").writeFileSync(__dirname + "/taken", other.stdout);
"""

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not on the PATH")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose backend is healthy and notes with how many accounts it was started."""
    folder = tmp_path / "backend"
    (folder / "dist").mkdir(parents=True)
    (folder / "node_modules").mkdir()
    (folder / "dist" / "main.js").write_text(_BACKEND.replace("PLACE", "process.env.PORT"))
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


@pytest.mark.parametrize(
    "place", ["process.env.PORT", "Number(process.env.PORT)", 'Number(process.env.PORT), "0.0.0.0"']
)
def test_its_port_cannot_be_taken_while_it_starts(
    place: str, checkout: Path, tmp_path: Path
) -> None:
    text = _TAKEN + _BACKEND.replace("PLACE", place)
    (checkout / "dist" / "main.js").write_text(text, encoding="utf-8")
    starts(checkout, tmp_path / "run", CURRENT)
    assert (checkout / "dist" / "taken").read_text().strip() == "EADDRINUSE"
    assert (checkout / "dist" / "address").read_text() == "127.0.0.1"
