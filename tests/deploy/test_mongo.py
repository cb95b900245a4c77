"""What is read from a database: fingerprints of collections, policies, owner groups and ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scicat_harness.deploy import mongo

URI = "mongodb://127.0.0.1:1/scicat"


class Collection:
    """Documents that a query finds, with the fields that it asks for."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = documents

    def find(self, _: dict[str, Any], fields: dict[str, int] | None = None) -> Iterator[Any]:
        for each in self.documents:
            wanted = {"_id", *fields} if fields else each.keys()
            yield {name: value for name, value in each.items() if name in wanted}


class Database(dict[str, Collection]):
    """Collections by name."""

    def list_collection_names(self) -> list[str]:
        return list(self)


Holding = Callable[..., None]


@pytest.fixture
def holding(monkeypatch: pytest.MonkeyPatch) -> Holding:
    """Let the database of URI hold these collections."""

    def hold(**collections: Collection) -> None:
        client = {"scicat": Database(collections)}
        monkeypatch.setattr(mongo, "_ask", lambda _uri, _deadline, ask: ask(client))

    return hold


def test_policies_by_id_with_their_owner_group(holding: Holding) -> None:
    holding(Policy=Collection({"_id": 7, "ownerGroup": "group3"}, {"_id": 8}))
    found = mongo.policies(URI)
    assert {name: each.owner_group for name, each in found.items()} == {"7": "group3", "8": "None"}


def test_a_policy_that_changed_has_another_fingerprint(holding: Holding) -> None:
    seen: list[mongo.StoredPolicy] = []
    for manager in ("a", "a", "b"):
        holding(Policy=Collection({"_id": 7, "ownerGroup": "group3", "manager": manager}))
        seen.append(mongo.policies(URI)["7"])
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]


def test_owner_groups_once_each_and_sorted(holding: Holding) -> None:
    groups = ("group3", "group1", "group3")
    holding(Dataset=Collection(*({"_id": n, "ownerGroup": g} for n, g in enumerate(groups))))
    assert mongo.owner_groups(URI) == ["group1", "group3"]


def test_ids(holding: Holding) -> None:
    holding(Job=Collection({"_id": "b", "type": "x"}, {"_id": "a"}))
    assert mongo.stored_ids(URI, "Job") == ["b", "a"]


def test_fingerprints_do_not_depend_on_an_order(holding: Holding) -> None:
    one, other = {"_id": 1, "a": 1}, {"a": 2, "_id": 2}
    holding(User=Collection(one, other), Job=Collection())
    before = mongo.fingerprints(URI, without=["Job"])
    holding(User=Collection({"_id": 2, "a": 2}, one), Job=Collection(one))
    assert mongo.fingerprints(URI, without=["Job"]) == before
    assert before.keys() == {"User"}
    holding(User=Collection(one))
    assert mongo.fingerprints(URI, without=["Job"]) != before
