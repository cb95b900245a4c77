"""The process deployment: a built backend checkout, run by Node with a database of its own."""

from __future__ import annotations

import secrets as random
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

from harness.config.startup import Secrets, write_startup
from harness.deploy.child import Child, inherited_environment
from harness.deploy.children import Children
from harness.deploy.deployment import Backend
from harness.deploy.mongo import PrivateMongo, database_uri, drop_database
from harness.deploy.readiness import wait_healthy
from harness.deploy.sockets import free_port
from harness.errors import EnvironmentFault, UsageFault
from harness.model.release import CURRENT, Release
from harness.model.site import Site

__all__ = ["ProcessDeployment"]

_START_DEADLINE = 90.0

_PRELOAD = """\
// Loaded before the backend: it has no setting for the address it binds, and nothing outside this
// machine shall reach it; and it must end when the harness does, even when that is killed.
const net = require("net");
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  if (typeof args[0] === "number" && typeof args[1] !== "string") args.splice(1, 0, "127.0.0.1");
  return listen.apply(this, args);
};
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
"""


class ProcessDeployment:
    """Starts ``node dist/main`` of ``backend_dir``; ``mongo_uri`` None: ``mongod`` on the PATH."""

    name = "process"

    def __init__(
        self,
        folder: Path,
        backend_dir: Path,
        mongo_uri: str | None,
        release: Release = CURRENT,
    ) -> None:
        self._folder = folder
        self._main = _built_main(backend_dir)
        self._release = release
        self._mongo: PrivateMongo | None = None
        self._mongo_uri = mongo_uri
        self._children = Children()
        self._mongo_lock = threading.Lock()
        self._databases: list[str] = []

    def start(self, site: Site) -> Backend:
        """Start one for a site, with a new database that is dropped at the end."""
        node = shutil.which("node")
        if node is None:
            raise EnvironmentFault("'node' is not on the PATH; install Node 20 or newer")
        folder = self._folder / site.name
        secrets = Secrets.fresh(site)
        startup = write_startup(site, secrets, folder, self._release)
        preload = folder / "loopback.cjs"
        preload.write_text(_PRELOAD, encoding="utf-8")
        database = database_uri(self._uri(), f"scicat-harness-{random.token_hex(6)}")
        self._databases.append(database)
        port = free_port()
        env = {
            **inherited_environment(),
            **startup.environment,
            "PORT": str(port),
            "MONGODB_URI": database,
            "NO_COLOR": "1",
        }
        command = [node, "--require", str(preload), str(self._main)]
        if startup.first_accounts is not None:
            first = {**env, "FUNCTIONAL_ACCOUNTS_FILE": str(startup.first_accounts.resolve())}
            self._boot(command, first, folder / "first-start.log").stop()
        child = self._boot(command, env, folder / "backend.log")
        return Backend(f"http://127.0.0.1:{port}", secrets, owned=True, log=child.log)

    start_beside = start

    def _boot(self, command: list[str], env: Mapping[str, str], log: Path) -> Child:
        """Start it and wait until it is healthy."""
        child = self._children.start(
            lambda: Child.start(
                f"the backend {self._main}",
                command,
                env=env,
                # A new folder: the backend reads .env and other files from where it is started.
                cwd=log.parent,
                log=log,
            )
        )
        base_url = f"http://127.0.0.1:{env['PORT']}"
        wait_healthy(base_url, deadline=_START_DEADLINE, child=child)
        return child

    def close(self) -> None:
        """End every backend, drop every database."""
        self._children.close()
        while self._databases:
            drop_database(self._databases.pop())
        if self._mongo is not None:
            self._mongo.close()

    def _uri(self) -> str:
        with self._mongo_lock:
            if self._mongo_uri is None:
                self._mongo = PrivateMongo.start(self._folder / "mongo")
                self._mongo_uri = self._mongo.uri
            return self._mongo_uri


def _built_main(backend_dir: Path) -> Path:
    main = backend_dir.resolve() / "dist" / "main.js"
    if not backend_dir.is_dir():
        raise UsageFault(f"--backend-dir {backend_dir}: no such folder")
    if not main.is_file():
        raise UsageFault(
            f"--backend-dir {backend_dir}: no dist/main.js in it; build the backend first "
            "(npm ci && npm run build)"
        )
    if not (backend_dir / "node_modules").is_dir():
        raise UsageFault(f"--backend-dir {backend_dir}: no node_modules in it; run npm ci first")
    return main
