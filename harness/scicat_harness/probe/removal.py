"""Removal of the objects that a run made in a backend that is not its own, and of nothing else.

Each job and each dataset is read before it is removed, one by one, and must pass two tests: it
carries the marker of the run, and it stands in the list of what the run made (probe.made).
A query that returns what was not asked for ends the removal: such a backend cannot be trusted with
a DELETE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.identity import Identity
from scicat_harness.probe.made import MadeList, MadeObjects, is_unknown_job, marker_of
from scicat_harness.probe.prepared import PreparedBackend, open_client

__all__ = ["Removal", "remove_made"]

# Ids in a message, and characters of a reply in it.
_SHOWN = 5
_LONGEST = 200
# Seconds for one request.
_DEADLINE = 10.0
Document = Mapping[str, Any]


@dataclass(slots=True)
class Removal:
    """The result of a removal, as sentences.

    ``left`` are objects that still exist, with the reason; ``findings`` are replies in which the
    backend behaved incorrectly.
    """

    left: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def remove_made(
    prepared: PreparedBackend, janitor: Identity, enough: Callable[[], bool] = lambda: False
) -> Removal:
    """Remove every job and dataset that the run of ``prepared`` made.

    The removal stops before the next object once ``enough`` returns True. No reply of the backend,
    nor a missing one, raises: objects that remain are in ``Removal.left``.
    """
    assert prepared.made is not None
    removal = Removal()
    listed = MadeList(prepared.made)
    # Without a janitor there is no guard: the removal reads each object itself before it deletes
    # it. The deadline is short, since the end of a run must not wait long for a silent backend.
    client = open_client(replace(prepared, janitor=""), deadline=_DEADLINE)
    try:
        _Remover(client, prepared, janitor, listed, removal, enough).remove()
    except EnvironmentFault as error:
        removal.left.append(f"{_count(listed.read())}: {error}")
    except _CutShort:
        removal.left.append(f"{_count(listed.read())}: the removal was cut short")
    finally:
        client.transport.close()
    return removal


class _CutShort(Exception):
    """The caller cannot wait any longer."""


class _Remover:
    def __init__(
        self,
        client: SciCat,
        prepared: PreparedBackend,
        janitor: Identity,
        listed: MadeList,
        removal: Removal,
        enough: Callable[[], bool],
    ) -> None:
        self._client = client
        self._run = prepared.run
        self._janitor = janitor
        self._listed = listed
        self._removal = removal
        self._enough = enough

    def remove(self) -> None:
        made = self._listed.read()
        if not made:
            return
        marked = self._marked()
        strange = [each for each in marked if marker_of(each) != self._run]
        if strange:
            self._stop(strange, made)
            return
        self._remove_jobs(made, {str(each.get("id")): each for each in marked})
        for pid in sorted(made.pids):
            if not self._remove_dataset(pid, made):
                return

    def _marked(self) -> list[dict[str, Any]]:
        return self._client.find_jobs(self._janitor, {"jobParams.run": self._run})

    def _stop(self, strange: list[dict[str, Any]], made: MadeObjects) -> None:
        """Record that nothing is removed, because a query returned objects that do not match it."""
        ids = ", ".join(str(each.get("id")) for each in strange[:_SHOWN])
        self._removal.findings.append(
            f"a query for jobParams.run = {self._run!r} returned {len(strange)} objects without it "
            f"(such as {ids}): nothing was removed, because this backend cannot be relied on"
        )
        self._removal.left.append(f"{_count(made)}: the removal was stopped")

    def _remove_jobs(self, made: MadeObjects, marked: Mapping[str, Document]) -> None:
        ours = set(made.jobs) | self._proven_by_token(made, marked)
        left = [self._remove_job(each, each in marked) for each in sorted(ours)]
        strangers = sorted(marked.keys() - ours)
        if strangers:
            self._removal.left.append(
                f"{len(strangers)} jobs quote the marker of this run, and are not in the list of "
                f"what it made: left alone ({', '.join(strangers[:_SHOWN])})"
            )
        reasons = Counter(each for each in left if each)
        self._removal.left += [f"{count} jobs: {why}" for why, count in reasons.items()]
        if not reasons and self._are_gone(ours):
            self._listed.gone("jobs")

    def _proven_by_token(self, made: MadeObjects, marked: Mapping[str, Document]) -> set[str]:
        """Return the ids of marked jobs that no reply named, but that are proven to be of the run.

        The proof is a correlation that only this one job has, and its ``createdBy``, which only
        the backend writes.
        """
        tokens = Counter(_correlation(each) for each in marked.values())
        return {
            job_id
            for job_id, job in marked.items()
            # A quoted correlation would be there twice; a default that equals nothing refuses
            # correlations that are not in the list.
            if tokens[_correlation(job)] == 1
            and job.get("createdBy") == made.asked.get(_correlation(job), object())
        }

    def _are_gone(self, removed: set[str]) -> bool:
        """Return whether the backend has removed these jobs; those that it still lists stay listed.

        A DELETE that is answered 200 is no proof.
        """
        if not removed:
            return True
        still = sorted({str(each.get("id")) for each in self._marked()} & removed)
        if still:
            self._removal.findings.append(
                f"{len(still)} jobs are listed after DELETE was answered 200 (such as {still[0]})"
            )
            self._removal.left.append(f"{len(still)} jobs: DELETE did not remove them")
            for job_id in still:
                self._listed.there("jobs", job_id)
        return not still

    def _remove_job(self, job_id: str, is_listed: bool) -> str:
        """Remove a job; return "" once it is gone, else the reason why it is not."""
        if self._enough():
            raise _CutShort
        reply = self._client.read(self._janitor, job_id)
        # A job that the query listed exists, whatever reading it answers.
        if is_unknown_job(reply) and not is_listed:
            self._listed.gone("jobs", job_id)
            return ""
        job = reply.json if isinstance(reply.json, dict) else {}
        if reply.status != 200 or job.get("id") != job_id or marker_of(job) != self._run:
            return f"reading them answers otherwise than it must ({reply.summary()[:_LONGEST]})"
        done = self._client.delete(self._janitor, job_id)
        if done.status != 200:
            return f"{self._janitor.name} cannot delete them ({done.summary()[:_LONGEST]})"
        self._listed.gone("jobs", job_id)
        return ""

    def _remove_dataset(self, pid: str, made: MadeObjects) -> bool:
        """Remove a dataset with its origdatablocks; return whether the removal may go on."""
        if self._enough():
            raise _CutShort
        path = f"/api/v3/datasets/{quote(pid, safe='')}"
        found = self._client.send(self._janitor, "GET", path)
        document = found.json if isinstance(found.json, dict) else None
        if _is_no_dataset(found):
            self._gone(pid, made)
            return True
        if found.status != 200 or document is None:
            self._removal.left.append(f"dataset {pid} ({found.summary()[:_LONGEST]})")
            return True
        if not self._is_our_dataset(document, pid):
            self._removal.findings.append(
                f"GET {path} does not return the dataset {pid!r} that this run made: it is left "
                f"alone, and so is everything else ({found.summary()[:_LONGEST]})"
            )
            self._removal.left.append(_count(self._listed.read()))
            return False
        # Before the dataset: its blocks are found through it.
        self._remove_blocks(pid, path, made)
        done = self._client.send(self._janitor, "DELETE", path)
        if done.status != 200:
            self._removal.left.append(f"dataset {pid} ({done.summary()[:_LONGEST]})")
        elif not _is_no_dataset(self._client.send(self._janitor, "GET", path)):
            self._removal.findings.append(f"{pid} is there after DELETE was answered 200")
            self._removal.left.append(f"dataset {pid}: DELETE did not remove it")
        else:
            self._gone(pid, made)
        return True

    def _is_our_dataset(self, document: Document, pid: str) -> bool:
        """Return whether a document is that of a dataset of the run.

        Its pid begins with the name of the run, and ``createdBy``, which only the backend writes,
        is the janitor.
        """
        named = pid.startswith(f"{self._run}/") and document.get("pid") == pid
        return named and document.get("createdBy") == self._janitor.name

    def _remove_blocks(self, pid: str, path: str, made: MadeObjects) -> None:
        blocks = self._client.send(self._janitor, "GET", f"{path}/origdatablocks").json
        for block in blocks if isinstance(blocks, list) else []:
            block_id = str(block.get("_id")) if isinstance(block, dict) else ""
            if made.blocks.get(block_id) != pid or block.get("datasetId") != pid:
                continue
            where = f"/api/v3/origdatablocks/{quote(block_id, safe='')}"
            if self._client.send(self._janitor, "DELETE", where).status != 200:
                self._removal.left.append(f"origdatablock {block_id} of {pid}")

    def _gone(self, pid: str, made: MadeObjects) -> None:
        """Write down that a dataset is gone, and its origdatablocks with it.

        A block that could not be removed is in ``Removal.left``.
        """
        self._listed.gone("datasets", pid)
        for block, of in made.blocks.items():
            if of == pid:
                self._listed.gone("origdatablocks", block)


def _is_no_dataset(reply: Exchange) -> bool:
    """Return whether a reply says that there is no such dataset.

    Some releases answer 200 with an empty body, or null.
    """
    empty = reply.text.strip() in ("", "null", "{}")
    return reply.status == 404 or (reply.status == 200 and empty)


def _correlation(job: Document) -> str:
    params = job.get("jobParams")
    found = params.get("correlation") if isinstance(params, dict) else None
    return found if isinstance(found, str) else ""


def _count(made: MadeObjects) -> str:
    unsure = f", and up to {len(made.asked)} jobs whose ids no reply named" if made.asked else ""
    return f"{len(made.jobs)} jobs and {len(made.pids)} datasets of this run{unsure}"
