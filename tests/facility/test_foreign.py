"""Actions of plugins in a facility: what is planned, and what is judged of a prediction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import EnvironmentFault
from scicat_harness.extension.probe import Contexts
from scicat_harness.facility.reading import read_types
from scicat_harness.facility.rendering import render_actions
from scicat_harness.model.action import Foreign
from scicat_harness.model.effect import Channel
from scicat_harness.model.text import Text

from ..extension.packages import probes
from .test_rendering import CONTEXTS, Simple

KAFKA = {"actionType": "kafka", "topic": "of {{job.id}}"}


def predicted(
    folder: Path, line: str, contexts: Contexts = CONTEXTS, renderer: Simple | None = None
) -> Foreign:
    """What is said of the action where the probe predicts so."""
    found = probes(folder, kafka=f"def predict(self, options, contexts, render): {line}")
    action = Foreign("kafka", {"topic": KAFKA["topic"]})
    (made,) = render_actions((action,), contexts, renderer, found)
    assert isinstance(made, Foreign)
    return made


def no_mail(file: str, key: str) -> str:
    """The body of a mail, where a configuration has none."""
    raise AssertionError(f"{key} asks for {file}")


def content(made: Foreign) -> dict[str, Any]:
    (effect,) = made.effects
    assert effect.channel is Channel.OTHER
    return dict(effect.content)


def test_one_with_a_probe_is_planned_with_something_that_comes_of_it(tmp_path: Path) -> None:
    jobs = [{"jobType": "a", "create": {"actions": [KAFKA]}, "update": {}}]
    document = {"configVersion": "1", "jobs": jobs}
    found = read_types(document, "file", no_mail, probes(tmp_path, kafka=""))
    (action,) = found.job_types[0].on_create
    assert isinstance(action, Foreign)
    assert action.options == {"topic": "of {{job.id}}"}
    assert content(action) == {"kind": "kafka"}
    assert found.unknown == {}
    assert read_types(document, "file", no_mail).unknown.keys() == {"a"}


def test_templates_and_names_are_known(tmp_path: Path) -> None:
    line = "return [{'topic': render(options['topic']), 'id': contexts.perform['job']['id']}]"
    made = content(predicted(tmp_path, line, renderer=Simple()))
    assert made.keys() == {"topic", "id", "kind"}
    assert isinstance(made["topic"], Text)
    assert made["topic"].means == "of ${id}"
    assert made["id"] == "$id"


def test_what_nobody_can_render_is_not_judged_as_a_whole(tmp_path: Path) -> None:
    line = "return [{'a': {'b': [render(options['topic'])]}, 'c': 1}]"
    made = content(predicted(tmp_path, line))
    assert isinstance(made["a"], Text)
    assert "handlebars.js is not available" in made["a"].unjudged
    assert made["c"] == 1


def test_a_template_that_fails_fails_the_action(tmp_path: Path) -> None:
    made = predicted(tmp_path, "return [{'a': render('{{nosuch b}}')}]", renderer=Simple())
    assert made.effects == ()
    assert made.fails is not None
    assert "nosuch" in made.fails


def test_a_probe_may_predict_a_failure(tmp_path: Path) -> None:
    line = "from scicat_harness.extension.probe import ActionFails; raise ActionFails('Error: no')"
    assert predicted(tmp_path, line).fails == "Error: no"


def test_nothing_is_asked_where_no_job_is_stored(tmp_path: Path) -> None:
    assert predicted(tmp_path, "raise OSError", Contexts({}, {})).effects == ()


@pytest.mark.parametrize("text", ["$nosuch", "5 $", "${id"])
def test_a_name_that_nobody_knows_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="write \\$\\$ for a dollar"):
        predicted(tmp_path, f"return [{{'a': [{text!r}]}}]")
