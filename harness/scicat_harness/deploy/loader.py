"""The loader: the part of a backend that reads the job configuration, asked without a start.

A start of a whole backend takes seconds; one process with the modules of a built checkout loads a
hundred configurations in the same time (specification: start.errors).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from scicat_harness.deploy.deployment import Attempt
from scicat_harness.javascript.child import AnsweringProcess
from scicat_harness.javascript.failure import EngineFault

__all__ = ["Loader", "of_checkout"]

_SCRIPT = Path(__file__).with_name("loader.js")
# The first request waits until the modules of the backend are loaded.
_DEADLINE = 60.0
_EMPTY = 'configVersion: "1"\njobs: []\n'


def of_checkout(node: Path, backend_dir: Path) -> list[str]:
    """Return the command that loads with the modules of a built checkout."""
    return [str(node), str(_SCRIPT), str(backend_dir)]


class Loader:
    """Owns a process that loads job configurations; ``folder`` gets the files of a control.

    ``usable`` says whether it can: a checkout may have its modules in other places than those where
    they are looked for. The releases v4.20.2 to v5.2.1 have them there::

        loader = Loader(of_checkout(Path("/usr/bin/node"), Path("backend")), {}, Path("work"))
        if loader.usable():
            loader.load(folder, {"JOB_CONFIGURATION_FILE": f"{folder}/jobConfig.yaml"})
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._folder = folder
        self._child = AnsweringProcess(command, environment, "the loader")
        self._usable: bool | None = None
        self._asked = 0

    def usable(self) -> bool:
        """Return whether it loads a configuration without job types, which every backend takes."""
        if self._usable is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._folder / "empty.yaml"
            file.write_text(_EMPTY, encoding="utf-8")
            try:
                environment = {"JOB_CONFIGURATION_FILE": str(file.resolve())}
                self._usable = self.load(self._folder, environment).healthy
            except EngineFault:
                self._usable = False
        return self._usable

    def load(self, folder: Path, environment: Mapping[str, str]) -> Attempt:
        """Load the job configuration that this environment names, in this working folder.

        The result has the form of a start that ended: exit code 1 where it does not load. Raises
        EngineFault if the process ends or takes longer than a minute.
        """
        self._asked += 1
        request = {
            "id": self._asked,
            "folder": str(folder.resolve()),
            "environment": {**environment, "NO_COLOR": "1"},
        }
        answer = self._child.ask(request, _DEADLINE)
        if not isinstance(answer, dict) or answer.get("id") != self._asked:
            self.close()
            raise EngineFault("the loader answered another question than the one that was asked")
        loaded = bool(answer["loaded"])
        return Attempt(loaded, None if loaded else 1, str(answer["output"]))

    def close(self) -> None:
        """End the process; safe to call twice."""
        self._child.close()
