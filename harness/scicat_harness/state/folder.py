"""The state folder: the one place where the harness keeps data between commands.

It belongs to one user, and nobody else may read or write it, so that its files can be trusted: a
file in ``/tmp`` can be planted by anybody on the machine, a file in this folder cannot.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from platformdirs import user_state_path

from scicat_harness.errors import EnvironmentFault

__all__ = ["is_private_folder", "private_folder", "state_folder"]

_PRIVATE = 0o700
_OTHERS = 0o077
_WRITABLE_BY_OTHERS = 0o022


def state_folder() -> Path:
    """Return the state folder of this user, made if it does not exist.

    It is ``$XDG_STATE_HOME/scicat-harness``, usually ``~/.local/state/scicat-harness``. Raises
    EnvironmentFault where it cannot be made, or is not this user's alone.
    """
    return private_folder(user_state_path("scicat-harness", appauthor=False))


def private_folder(path: Path) -> Path:
    """Make a folder that only this user may enter, or check an existing one; return it.

    Others may have read access, which is taken away; write access is refused. Raises
    EnvironmentFault naming the folder and the fix.
    """
    try:
        path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        # Of the link itself: one that somebody planted must not lead elsewhere.
        found = path.lstat()
    except OSError as error:
        raise EnvironmentFault(
            f"the state folder {path} cannot be made ({error.strerror}); set XDG_STATE_HOME to a "
            "folder that you may write to"
        ) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EnvironmentFault(
            f"the state folder {path} is not a folder of yours; remove it, or set XDG_STATE_HOME "
            "to a folder that you may write to"
        )
    if found.st_mode & _WRITABLE_BY_OTHERS:
        # Not corrected here: somebody may have written to it already.
        raise EnvironmentFault(
            f"others may write to the state folder {path}, so that it cannot be trusted; look "
            f"through it, then 'chmod -R go-rwx {path}'"
        )
    if found.st_mode & _OTHERS:
        path.chmod(_PRIVATE)
    return path


def is_private_folder(path: Path) -> bool:
    """Return whether this is a folder, not a link to one, that only this user may enter."""
    try:
        found = path.lstat()
    except OSError:
        return False
    mine = found.st_uid == os.geteuid()
    return stat.S_ISDIR(found.st_mode) and mine and not found.st_mode & _OTHERS
