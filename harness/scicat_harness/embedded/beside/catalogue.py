"""All defects beside the rules, for the sabotage catalogue."""

from collections.abc import Iterator

from scicat_harness.embedded.beside.credentials import CREDENTIALS
from scicat_harness.embedded.beside.doors import DOORS
from scicat_harness.embedded.beside.effects import CALLS, DOCUMENTS, LOGS, MAILS, ROUTES
from scicat_harness.embedded.beside.lists import ROWS
from scicat_harness.embedded.beside.logins import LOGINS
from scicat_harness.embedded.beside.replies import REPLIES
from scicat_harness.embedded.beside.state import STATE
from scicat_harness.embedded.beside.table import Table
from scicat_harness.embedded.defects import Defect

__all__ = ["BESIDE"]

_TABLES: tuple[Table[object], ...] = (
    *(STATE, REPLIES, ROWS, MAILS, CALLS, DOCUMENTS, ROUTES, LOGS, CREDENTIALS, LOGINS, DOORS),
)


def _entries() -> Iterator[Defect]:
    for table in _TABLES:
        yield from table.entries()


BESIDE: tuple[Defect, ...] = tuple(_entries())
