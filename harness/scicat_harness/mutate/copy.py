"""A copy of a built backend with all mutants in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scicat_harness.command import Done, run_command
from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.javascript.environment import node_environment
from scicat_harness.javascript.library import PinnedLibraries
from scicat_harness.mutate.mutant import Mutant

__all__ = ["INSTRUMENTER", "PARTS", "MutatedCopy"]

INSTRUMENTER = PinnedLibraries(
    "mutate",
    ("@stryker-mutator/api", "@stryker-mutator/instrumenter", "typed-inject"),
    Path(__file__).parent,
)
PARTS = ("src/jobs", "src/config/job-config", "src/casl")
"""The folders of a checkout that decide about jobs."""
_BUILD = ("node_modules", "@nestjs", "cli", "bin", "nest.js")
_SCRIPTS = ("control.cjs", "instrument.mjs")
_SECONDS = 900
_LAST_LINES = 8
_LEFT_OUT = ("node_modules", "dist", ".git")
_NO_SOURCES = (".spec.ts", ".d.ts")


@dataclass(frozen=True, slots=True)
class MutatedCopy:
    """A built copy of a checkout in ``folder``; its mutants, and the sources without them."""

    folder: Path
    mutants: Mapping[str, Mutant]
    """By id."""
    sources: Mapping[str, str]
    """The text of each file before, by its path below the checkout."""

    @property
    def backend_dir(self) -> Path:
        """The copy as a built checkout."""
        return self.folder / "backend"

    @property
    def control_folder(self) -> Path:
        """Where its backends put their sockets."""
        return self.folder / "control"

    @classmethod
    def make(cls, backend_dir: Path, folder: Path, parts: Sequence[str]) -> MutatedCopy:
        """Copy a built checkout into an empty folder, put the mutants in, and build it again.

        ``parts`` are files or folders below the checkout. A folder that has a copy of the same
        sources with the same parts already is used as it is. Raises UsageFault for a checkout
        without sources, EnvironmentFault where a tool fails; its message has the last lines.
        """
        if folder.resolve().is_relative_to(backend_dir):
            raise UsageFault(f"{folder}: is in the checkout, which is copied; give another folder")
        sources = _sources(backend_dir, parts)
        digest = _digest(backend_dir, sources)
        found = cls._read(folder, digest)
        if found is not None:
            return found
        if folder.exists() and any(folder.iterdir()):
            raise UsageFault(f"{folder}: not empty; give another folder, or remove it")
        backend = folder / "backend"
        shutil.copytree(
            backend_dir,
            backend,
            ignore=lambda path, _: _LEFT_OUT if Path(path) == backend_dir else (),
            symlinks=True,
        )
        (backend / "node_modules").symlink_to((backend_dir / "node_modules").resolve())
        (folder / "control").mkdir(mode=0o700)
        described = _instrument(folder, [backend / name for name in sources])
        _build(backend, backend_dir)
        _add_control(folder)
        data = {"digest": digest, "root": str(backend), "mutants": described}
        # By a rename, and last: a folder with this file has a whole copy.
        draft = folder / "mutants.draft"
        draft.write_text(json.dumps(data), encoding="utf-8")
        draft.replace(folder / "mutants.json")
        found = cls._read(folder, digest)
        assert found is not None
        return found

    def beside(self, folder: Path) -> MutatedCopy:
        """Return a second copy, in a new folder, for backends whose mutants are switched apart."""
        shutil.copytree(self.backend_dir, folder / "backend", symlinks=True)
        (folder / "control").mkdir(mode=0o700)
        shutil.copy(self.control_folder / "control.cjs", folder / "control")
        return replace(self, folder=folder)

    @classmethod
    def _read(cls, folder: Path, digest: str) -> MutatedCopy | None:
        try:
            data = json.loads((folder / "mutants.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        if data["digest"] != digest or data["root"] != str(folder / "backend"):
            raise UsageFault(
                f"{folder}: has a copy of other sources; give another folder, or remove it"
            )
        sources = json.loads((folder / "sources.json").read_text(encoding="utf-8"))
        root = folder / "backend"
        mutants = [Mutant.parse(each, root, sources) for each in data["mutants"]]
        return cls(folder, {each.id: each for each in mutants}, sources)


def _sources(backend_dir: Path, parts: Iterable[str]) -> dict[str, str]:
    """Return the sources below the parts, by path; raise UsageFault where there are none."""
    found: dict[str, str] = {}
    for part in parts:
        path = backend_dir / part
        files = sorted(path.rglob("*.ts")) if path.is_dir() else [path]
        texts = {
            str(each.relative_to(backend_dir)): each.read_text(encoding="utf-8")
            for each in files
            if each.is_file() and not each.name.endswith(_NO_SOURCES)
        }
        if not texts:
            raise UsageFault(
                f"--backend-dir {backend_dir}: no TypeScript sources in {part}; give a checkout "
                "with its src folder, or other --part"
            )
        found |= texts
    return found


def _digest(backend_dir: Path, sources: Mapping[str, str]) -> str:
    """Return the digest of everything that a copy is made of."""
    digest = hashlib.sha256(json.dumps([str(backend_dir), *sources]).encode())
    files = (
        *sorted((backend_dir / "src").rglob("*.ts")),
        backend_dir / "package-lock.json",
        *(INSTRUMENTER.lists / each for each in ("package-lock.json", *_SCRIPTS)),
    )
    for path in files:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def _instrument(folder: Path, files: Sequence[Path]) -> list[dict[str, Any]]:
    """Put the mutants into the files of a copy, and return Stryker's descriptions of them."""
    libraries = INSTRUMENTER.cache_folder() / "node_modules"
    if INSTRUMENTER.lacking(libraries):
        INSTRUMENTER.install(libraries.parent)
    tools = folder / "tools"
    tools.mkdir()
    # Modules are looked for beside the file that imports them.
    (tools / "node_modules").symlink_to(libraries)
    shutil.copyfile(INSTRUMENTER.lists / "instrument.mjs", tools / "instrument.mjs")
    root = folder / "backend"
    sources = {str(each.relative_to(root)): each.read_text(encoding="utf-8") for each in files}
    (folder / "sources.json").write_text(json.dumps(sources), encoding="utf-8")
    (tools / "files.json").write_text(
        json.dumps({"files": [str(each) for each in files]}), encoding="utf-8"
    )
    done = _run_node(["instrument.mjs", "files.json"], tools)
    if done.code != 0:
        raise _failed("the instrumenter", done)
    described: list[dict[str, Any]] = json.loads(done.output)["mutants"]
    return described


def _build(backend: Path, backend_dir: Path) -> None:
    """Build the copy of a checkout as the backend's own ``npm run build`` does."""
    tool = backend.joinpath(*_BUILD)
    if not tool.is_file():
        raise UsageFault(
            f"--backend-dir {backend_dir}: no @nestjs/cli in its node_modules, which builds the "
            "backend; run npm ci there, with the development dependencies"
        )
    # Mutants have types that their surroundings do not expect; the compiler complains and builds.
    done = _run_node([str(tool), "build"], backend)
    if not (backend / "dist" / "main.js").is_file():
        raise _failed("the build of the copy", done)


def _add_control(folder: Path) -> None:
    """Let the program of a copy load ``control.cjs`` first."""
    control = folder / "control" / "control.cjs"
    shutil.copyfile(INSTRUMENTER.lists / "control.cjs", control)
    main = folder / "backend" / "dist" / "main.js"
    before = main.read_text(encoding="utf-8")
    # Relative to the program, so that a copy of the copy has sockets of its own.
    main.write_text(f'require("../../control/{control.name}");\n{before}', encoding="utf-8")


def _run_node(arguments: Sequence[str], cwd: Path) -> Done:
    node = shutil.which("node")
    if node is None:
        raise EnvironmentFault("'node' is not on the PATH; install Node 20 or newer")
    env = {**node_environment(), "HOME": os.environ.get("HOME", str(cwd))}
    return run_command([node, *arguments], seconds=_SECONDS, env=env, cwd=cwd)


def _failed(what: str, done: Done) -> EnvironmentFault:
    lines = (done.errors or done.output).strip().splitlines()[-_LAST_LINES:]
    return EnvironmentFault(f"{what} failed:\n" + "\n".join(lines))
