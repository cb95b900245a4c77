"""The process deployment: a built checkout of the backend, run by Node with its own databases."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_cache_path

from scicat_harness.command import run_command
from scicat_harness.deploy.host import LOOPBACK
from scicat_harness.deploy.launch import Launched, Launches, Launching
from scicat_harness.deploy.mongo import DATABASE, PrivateMongo, database_uri, new_database_name
from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.processes.child import Child
from scicat_harness.processes.children import Children
from scicat_harness.processes.sockets import refusing_socket
from scicat_harness.state.leftovers import Leftovers

__all__ = ["ProcessDeployment"]

_START_DEADLINE = 90.0
_DESCRIBE_DEADLINE = 10.0

# What the backend has no setting for; the comment in it explains it.
_PRELOAD = """\
// Loaded before the backend: it has no setting for the address it binds, and nothing outside this
// machine shall reach it. It listens on a socket that the harness has bound (BOUND), so that nobody
// can take the port during the seconds of its start. It must end when the harness does, even when
// that is killed. A run starts the same files many times: from Node 22 on they are compiled once
// (COMPILED).
const modules = require("module");
const net = require("net");
modules.enableCompileCache?.(COMPILED);
const listen = net.Server.prototype.listen;
let bound = { fd: BOUND };
net.Server.prototype.listen = function (...args) {
  // The end of a backend is often a signal, with which nothing would be kept.
  this.once("listening", () => modules.flushCompileCache?.());
  // A port may be a text of digits, as Node takes it.
  const isPort = typeof args[0] === "number" || /^[0-9]+$/.test(args[0]);
  if (isPort && bound) {
    args = [bound, ...args.filter((each) => typeof each === "function")];
    bound = undefined;
  } else if (isPort && typeof args[1] !== "string") args.splice(1, 0, "127.0.0.1");
  return listen.apply(this, args);
};
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
"""


class ProcessDeployment(Launching):
    """Starts ``node dist/main.js`` of a built checkout, each backend with a database of its own.

    Databases are made on the server of ``mongo_uri``; with None a private ``mongod`` of the PATH
    is started at first use. Raises UsageFault where ``backend_dir`` is not a built checkout.
    """

    name = "process"
    host = LOOPBACK

    def __init__(
        self,
        folder: Path,
        backend_dir: Path,
        mongo_uri: str | None,
        release: Release = CURRENT,
    ) -> None:
        self._folder = folder
        self._backend_dir = backend_dir
        self._main = _built_main(backend_dir)
        self._mongo: PrivateMongo | None = None
        self._mongo_uri = mongo_uri
        self._children = Children()
        self._mongo_lock = threading.Lock()
        self._databases: dict[str, str] = {}
        self._leftovers = Leftovers(folder)
        self._launches = Launches(folder, self._launch, _START_DEADLINE, release)

    @property
    def mongo_uri(self) -> str:
        """The URI of the server with its databases; starts the private one at first use."""
        with self._mongo_lock:
            if self._mongo_uri is None:
                self._mongo = PrivateMongo.start(self._folder / "mongo")
                self._mongo_uri = self._mongo.uri
            return self._mongo_uri

    def about(self) -> Mapping[str, str]:
        """Return the folder of the checkout, and its commit as ``git describe`` names it."""
        found = {"checkout": str(self._backend_dir)}
        commit = _commit(self._backend_dir)
        return {**found, "commit": commit} if commit else found

    def _launch(self, folder: Path, environment: Mapping[str, str], data: str) -> Launched:
        node = shutil.which("node")
        if node is None:
            raise EnvironmentFault("'node' is not on the PATH; install Node 20 or newer")
        preload = folder / "loopback.cjs"
        compiled = user_cache_path("scicat-harness", appauthor=False) / "compiled"
        # Bound and not listening: until the backend listens, connections are refused as usual.
        with refusing_socket() as bound:
            descriptor, port = bound.fileno(), bound.getsockname()[1]
            text = _PRELOAD.replace("(COMPILED);", f"({json.dumps(str(compiled))});")
            preload.write_text(text.replace("BOUND }", f"{descriptor} }}"), encoding="utf-8")
            # No variable of this process: templates can show all of them, and Node needs none.
            env = {
                **environment,
                "PORT": str(port),
                "MONGODB_URI": self._database(data),
                "NO_COLOR": "1",
            }
            child = self._children.start(
                lambda: Child.start(
                    f"the backend {self._main}",
                    [node, "--require", str(preload), str(self._main)],
                    env=env,
                    # A new folder: the backend reads .env and other files from its working folder.
                    cwd=folder,
                    log=folder / "backend.log",
                    pass_fds=[descriptor],
                )
            )
        return Launched(child, f"http://127.0.0.1:{port}", self._database(data), env)

    def _database(self, data: str) -> str:
        uri = self.mongo_uri
        with self._mongo_lock:
            if data not in self._databases:
                database = database_uri(uri, new_database_name())
                # The data of a private server are in the run folder, and removed with it.
                if self._mongo is None:
                    self._leftovers.note(DATABASE, uri=database)
                self._databases[data] = database
            return self._databases[data]

    def close(self) -> None:
        """End all backends and the private server; safe to call twice.

        Databases on a given server are leftovers, which the run removes in the end.
        """
        self._children.close()
        if self._mongo is not None:
            self._mongo.close()


def _commit(checkout: Path) -> str:
    """Return the commit of a checkout, such as ``v5.2.1-138-g1f2e3d4``; "" if it is unknown."""
    git = shutil.which("git")
    # Without it, Git would describe a repository around the folder.
    if git is None or not (checkout / ".git").exists():
        return ""
    # Nothing is written into the checkout. The user's settings may name it as safe.
    home = {"HOME": os.environ["HOME"]} if "HOME" in os.environ else {}
    env = {"PATH": os.defpath, "GIT_OPTIONAL_LOCKS": "0", **home}
    command = [git, "describe", "--tags", "--always", "--dirty"]
    try:
        done = run_command(command, seconds=_DESCRIBE_DEADLINE, env=env, cwd=checkout)
    except EnvironmentFault:
        return ""
    return done.output.strip() if done.code == 0 else ""


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
