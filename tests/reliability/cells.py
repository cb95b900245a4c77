"""What happens when something fails at some stage: the table of docs/reliability.md, as data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CELLS", "STAGES", "Cell", "table"]

STAGES = ("start", "seeding", "checks", "settling", "clean-up", "reports")
"""While backends start; datasets are made; requests are made; a batch is settled; things are
removed; reports are written."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How a run ends with a fault in it.

    ``says`` is a pattern of what is on the terminal or in the reasons of checks; ``left``: whether
    something is left until the next start, which removes it.
    """

    fault: str
    stage: str
    code: int
    says: str
    left: bool = False


def _row(fault: str, *cells: tuple[int, str], left: tuple[str, ...] = ()) -> list[Cell]:
    """The cells of a fault, by stage; what has ended before the reports cannot fail then."""
    return [
        Cell(fault, stage, code, says, stage in left)
        for stage, (code, says) in zip(STAGES[: len(cells)], cells, strict=True)
    ]


_GONE = (2, r"no reply from http://127\.0\.0\.1:\d+")
_SILENT = (2, r"no whole reply from http://127\.0\.0\.1:\d+ within 3 s")
_SINKS = (2, r"the sinks at \S+ did not answer")
# A run starts backends that need no sinks at the same time.
_NO_SINKS = (2, r"the sinks (at \S+ did not answer|ended with exit code -9)")
_BROKER = (
    2,
    r"Cannot connect to RabbitMQ|no reply from|no whole reply from|the broker|was not healthy|"
    r"did not answer|barrier|ECONNREFUSED",
)
_DONE = (0, r"^pass ")
_STOPPED = (2, r"interrupted before the first check")
_CUT = (2, r"^unknown ")
_HELD = (2, r"cleaning up; interrupt again to stop that")
_UNWRITTEN = (2, r"the reports of the run cannot be written")
_KILLED = (-9, r"")

CELLS: tuple[Cell, ...] = (
    *_row(
        "backend-killed",
        *((2, r"ended with exit code -9"), _GONE, _GONE, _GONE, _DONE),
    ),
    *_row(
        "backend-stopped",
        *((2, r"was not healthy within"), _SILENT, _SILENT, _SILENT, _DONE),
    ),
    *_row("broker-killed", _BROKER, _BROKER, _BROKER, _BROKER, _DONE),
    *_row("broker-stopped", _BROKER, _BROKER, _BROKER, _BROKER, _DONE),
    *_row("sinks-killed", _NO_SINKS, _SINKS, _SINKS, _SINKS, _DONE),
    *_row("sinks-stopped", _SINKS, _SINKS, _SINKS, _SINKS, _DONE),
    *_row("SIGINT", _STOPPED, _STOPPED, _CUT, _CUT, _HELD, _DONE),
    *_row("SIGTERM", _STOPPED, _STOPPED, _CUT, _CUT, _HELD, _DONE),
    *_row("SIGHUP", _STOPPED, _STOPPED, _CUT, _CUT, _HELD, _DONE),
    *_row(
        "SIGKILL",
        *(_KILLED, _KILLED, _KILLED, _KILLED, _KILLED, _KILLED),
        left=STAGES[:-1],
    ),
    *_row(
        "disk-full",
        *((2, r"cannot write into \S+"), _UNWRITTEN, _UNWRITTEN, _UNWRITTEN),
        *(_UNWRITTEN, _UNWRITTEN),
    ),
)
"""For the embedded deployment; what is the same for a real backend is tried there as well."""

WITH_MONGO: tuple[Cell, ...] = (
    *_row(
        "mongo-killed",
        *((2, r""), (2, r""), (2, r""), (2, r""), (0, r"left behind: the database"), _DONE),
        left=STAGES[:-1],
    ),
    *_row(
        "mongo-stopped",
        *((2, r""), (2, r""), (2, r""), (2, r""), (0, r"left behind: the database"), _DONE),
        left=STAGES[:-1],
    ),
)
"""A database server that was given, for the process deployment."""


def table() -> str:
    """The table of docs/reliability.md."""
    lines = ["| fault | stage | exit code | message | left until the next start |"]
    lines.append("|---|---|---|---|---|")
    for cell in (*CELLS, *WITH_MONGO):
        says = f"`{cell.says}`".replace("|", "\\|") if cell.says else ""
        left = "what it made" if cell.left else "nothing"
        lines.append(f"| {cell.fault} | {cell.stage} | {cell.code} | {says} | {left} |")
    return "\n".join(lines)
