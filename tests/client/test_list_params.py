"""Lists are asked in the words of every release at once."""

from __future__ import annotations

from scicat_harness.client.scicat import list_params

WHERE = {"jobParams.run": "run"}


def test_the_condition_stands_in_both_forms() -> None:
    assert list_params(WHERE) == {"filter": {"where": WHERE}, "fields": {"mode": WHERE}}


def test_so_do_the_limits() -> None:
    asked = list_params(WHERE, {"limit": 7})
    assert asked["filter"]["limits"] == asked["limits"] == {"limit": 7}
