"""List views: the endpoints that list jobs, and the rows that their replies must have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scicat_harness.judge.stored import shown_differences
from scicat_harness.model.difference import Difference
from scicat_harness.model.release import Release
from scicat_harness.model.request import Api
from scicat_harness.oracle.replies import Form

__all__ = ["ListView", "list_differences"]

Document = Mapping[str, Any]
Rows = Sequence[Document]


@dataclass(frozen=True, slots=True)
class ListView:
    """An endpoint that lists jobs, and the form of its reply.

    ``params`` makes the query from the name of the run; ``path`` is below ``/api``. ``rows`` makes
    the listed jobs from a parsed reply, each with an ``id``; None where it is no list of jobs. They
    are ``whole`` if they show all fields of a job. ``datasets`` is the key under which they show
    the datasets of the job, "" without.
    """

    name: str
    api: Api
    path: str
    params: Callable[[str], Mapping[str, Any]]
    rows: Callable[[Any], Rows | None]
    whole: bool = True
    datasets: str = ""
    since: Release | None = None
    """The first release that has the endpoint; None if all have it."""

    def shows(self, reply: Any, job_id: str) -> bool | None:
        """Return whether a parsed reply shows a job; None where it is no list of jobs."""
        rows = self.rows(reply)
        return None if rows is None else any(each.get("id") == job_id for each in rows)


def list_differences(
    view: ListView,
    rows: Rows,
    job_id: str,
    known: Mapping[str, Document],
    pids: Sequence[str],
    form: Form,
) -> Iterator[Difference]:
    """Yield what is wrong with the row of a job, and with a list as a whole.

    ``known`` are the documents of all jobs that the condition of the list meets, by id, in the
    order of their creation, ``form`` turns one into a row; ``pids`` are the datasets of the job
    that the caller may read. Paths: ``reply.rows`` (a job too many), ``reply.order``,
    ``reply.FIELD`` of the row.
    """
    ids = [str(each.get("id")) for each in rows]
    for each in ids:
        if each not in known:
            yield Difference("reply.rows", None, each)
    own = [each for each in rows if each.get("id") == job_id]
    if len(own) > 1:
        yield Difference("reply.rows", 1, len(own))
    if not view.whole:
        return
    times = [str(known[each].get("createdAt")) for each in ids if each in known]
    if times != sorted(times):
        yield Difference("reply.order", "the order of creation", ids)
    if own and job_id in known:
        row = {key: value for key, value in own[0].items() if key != view.datasets}
        for difference in shown_differences(form(known[job_id]), row):
            yield difference.below("reply")
    if own and view.datasets:
        listed = own[0].get(view.datasets)
        found = _pids(listed) if isinstance(listed, list) else listed
        if found != list(pids):
            yield Difference(f"reply.{view.datasets}", list(pids), found)


def _pids(datasets: Sequence[Any]) -> list[str]:
    """Return the pids of datasets in ascending order; their order in a reply is not promised."""
    return sorted(str(each.get("pid")) for each in datasets if isinstance(each, Mapping))
