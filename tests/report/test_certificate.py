"""Certificates: every way in which a run does not prove conformance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scicat_harness import secrets
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.levels import CORE, EXTENDED, LEVELS
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.certificate.certificate import (
    SCHEMA_ID,
    Certificate,
    Conclusion,
    certificate_of,
)
from scicat_harness.report.certificate.finding import GapKind
from scicat_harness.report.certificate.level import Level
from scicat_harness.report.certificate.page import certificate_page
from scicat_harness.report.rules import RULES
from scicat_harness.secrets import hide

from .folders import FINISHED, check, seen, write_run
from .test_page import HOSTILE, Elements

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(
    (ROOT / "harness/scicat_harness/report/certificate/certificate-1.schema.json").read_text(
        encoding="utf-8"
    )
)
DEVIATING: dict[str, Any] = {"verdict": Verdict.DEVIATING, "ledger": "v3-list-crash"}


def case_of(module: str) -> str:
    """A case of a scenario module."""
    folder, _, name = module.partition("/")
    return f"scenarios/{folder}/test_{name}.py::test_it"


@dataclass(frozen=True)
class Run:
    """A run that proves everything; tests take something away."""

    records: tuple[CheckRecord, ...]
    started: Mapping[str, Any]
    finished: Mapping[str, Any] | None

    def certified(self, folder: Path) -> Certificate:
        """Its certificate, which must obey the schema."""
        write_run(folder, *self.records, finished=self.finished, **self.started)
        found = certificate_of(folder, LEVELS, LEDGER)
        jsonschema.Draft202012Validator(SCHEMA).validate(found.to_json())
        return found

    def conclusions(self, folder: Path) -> tuple[str, str]:
        """What it says of core and extended."""
        core, extended = self.certified(folder).levels
        return core.conclusion, extended.conclusion

    def with_check(self, module: str, **changed: Any) -> Run:
        """With the check of a module changed."""
        records = [
            replace(each, **changed) if each.case == case_of(module) else each
            for each in self.records
        ]
        return replace(self, records=tuple(records))

    def having(self, **started: Any) -> Run:
        """With other words at its start."""
        return replace(self, started={**self.started, **started})

    def without(self, name: str) -> Run:
        """As a version of the harness that did not know this yet wrote it."""
        started = {key: value for key, value in self.started.items() if key != name}
        assert self.finished is not None
        finished = {key: value for key, value in self.finished.items() if key != name}
        return replace(self, started=started, finished=finished)


def complete() -> Run:
    """One check per module; the first of a level reaches all its rules."""
    core = tuple(sorted(rule.id for rule in RULES.values() if rule.table in CORE.tables))
    rest = tuple(sorted(set(RULES) - set(core)))
    rules = {"create/matrix": core, "actions/email": rest}
    records = tuple(
        check(seen(), case=case_of(module), rules=rules.get(module, ()))
        for module in sorted(EXTENDED.modules)
    )
    started = {"rules": sorted(RULES), "narrowed": [], "profile": "standard", "defect": None}
    finished = {**FINISHED, "collected": len(records)}
    return Run(records, started, finished)


def test_a_complete_run_without_deviations_conforms(tmp_path: Path) -> None:
    assert complete().conclusions(tmp_path) == (Conclusion.CONFORMANT, Conclusion.CONFORMANT)


def test_a_password_that_is_part_of_a_rule_id_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "_KNOWN", secrets._Known())
    hide("hidden", "standard", "passed")
    assert complete().conclusions(tmp_path) == (Conclusion.CONFORMANT, Conclusion.CONFORMANT)


def test_a_known_deviation_is_named_with_its_severity(tmp_path: Path) -> None:
    run = complete().with_check("create/v3", **DEVIATING)
    assert run.conclusions(tmp_path) == (Conclusion.WITH_DEVIATIONS,) * 2
    (named,) = run.certified(tmp_path).to_json()["levels"][0]["known_deviations"]
    assert (named["id"], named["severity"], named["checks"]) == ("v3-list-crash", "medium", 1)


def test_core_does_not_speak_of_effects(tmp_path: Path) -> None:
    run = complete().with_check("actions/email", verdict=Verdict.FAILED)
    assert run.conclusions(tmp_path) == (Conclusion.CONFORMANT, Conclusion.NOT_CONFORMANT)


@dataclass(frozen=True)
class Flaw:
    """What is taken away, and what is found then."""

    kind: GapKind
    change: Callable[[Run], Run]


def _dropped(run: Run, module: str) -> Run:
    """The module never ran, nor was it meant to."""
    records = tuple(each for each in run.records if each.case != case_of(module))
    return replace(run, records=records, finished={**FINISHED, "collected": len(records)})


FLAWS = {
    "failed": Flaw(GapKind.FAILED, lambda run: run.with_check("read/one", verdict=Verdict.FAILED)),
    "unknown": Flaw(
        GapKind.UNKNOWN, lambda run: run.with_check("read/one", verdict=Verdict.UNKNOWN)
    ),
    "not verifiable": Flaw(
        GapKind.NOT_VERIFIABLE,
        lambda run: run.with_check("read/one", verdict=Verdict.NOT_VERIFIABLE),
    ),
    "a module that never ran": Flaw(GapKind.NOT_RUN, lambda run: _dropped(run, "read/one")),
    "a case without a record": Flaw(
        GapKind.LOST,
        lambda run: replace(run, finished={**FINISHED, "collected": len(run.records) + 1}),
    ),
    "-k": Flaw(GapKind.NARROWED, lambda run: run.having(narrowed=["-k create"])),
    "--only": Flaw(GapKind.NARROWED, lambda run: run.having(narrowed=["only create"])),
    "smoke": Flaw(GapKind.NARROWED, lambda run: run.having(narrowed=["--profile smoke"])),
    "interrupted": Flaw(
        GapKind.INTERRUPTED,
        lambda run: replace(run, finished={**(run.finished or {}), "interrupted": True}),
    ),
    "killed": Flaw(GapKind.INTERRUPTED, lambda run: replace(run, finished=None)),
    "a release that was never observed": Flaw(
        GapKind.UNOBSERVED,
        lambda run: run.having(backend_version="v5.3.0", unobserved="v5.3.0 was never observed"),
    ),
    "an unobserved release in a folder that does not say so": Flaw(
        GapKind.UNOBSERVED, lambda run: run.having(backend_version="v5.3.0")
    ),
    "no release at all": Flaw(GapKind.UNOBSERVED, lambda run: run.having(backend_version="latest")),
    "an unreached rule": Flaw(
        GapKind.UNREACHED, lambda run: run.having(rules=[*sorted(RULES), "a.rule.of.tomorrow"])
    ),
    "a rule that only a failure reached": Flaw(
        GapKind.UNREACHED, lambda run: run.with_check("create/matrix", verdict=Verdict.FAILED)
    ),
    "no rules": Flaw(GapKind.UNNAMED, lambda run: run.having(rules=[])),
    "a planted defect": Flaw(GapKind.SABOTAGED, lambda run: run.having(defect="some.defect")),
    "an older folder": Flaw(GapKind.UNNAMED, lambda run: run.without("narrowed")),
    "a folder without numbers": Flaw(GapKind.UNNAMED, lambda run: run.without("collected")),
    "a deviation without an entry": Flaw(
        GapKind.UNNAMED, lambda run: run.with_check("read/one", verdict=Verdict.DEVIATING)
    ),
    "an entry that nothing showed": Flaw(
        GapKind.FAILED,
        lambda run: replace(
            run,
            records=(*run.records, check(case="ledger::v3-list-crash", verdict=Verdict.FAILED)),
        ),
    ),
    "an effect after its barrier": Flaw(
        GapKind.UNKNOWN,
        lambda run: replace(
            run, records=(*run.records, check(case="audit::late", verdict=Verdict.UNKNOWN))
        ),
    ),
}


@pytest.mark.parametrize("name", FLAWS)
def test_nothing_conforms_with(name: str, tmp_path: Path) -> None:
    flaw = FLAWS[name]
    for level in flaw.change(complete()).certified(tmp_path).levels:
        assert level.conclusion in (Conclusion.NOT_CONFORMANT, Conclusion.NOT_PROVEN)
        assert flaw.kind in {each.kind for each in level.findings}
        failed = GapKind.FAILED in {each.kind for each in level.findings}
        assert (level.conclusion is Conclusion.NOT_CONFORMANT) == failed
        assert level.exit_code == (1 if failed else 2)


@pytest.mark.parametrize("module", sorted(EXTENDED.modules))
def test_a_module_of_a_level_that_did_not_run_is_a_gap_of_it(module: str, tmp_path: Path) -> None:
    core, extended = _dropped(complete(), module).certified(tmp_path).levels
    assert extended.conclusion is Conclusion.NOT_PROVEN
    assert (core.conclusion is Conclusion.NOT_PROVEN) == (module in CORE.modules)


def test_a_run_in_which_nothing_passed_proves_nothing(tmp_path: Path) -> None:
    run = complete()
    records = tuple(replace(each, **DEVIATING) for each in run.records)
    assert replace(run, records=records).conclusions(tmp_path) == (Conclusion.NOT_PROVEN,) * 2


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("findings",), [{"kind": "lost", "sentence": "x", "count": 1, "examples": []}]),
        (("checks", "failed"), 1),
        (("checks", "unknown"), 1),
        (("checks", "not_verifiable"), 1),
        (("checks", "passed"), 0),
        (("checks", "deviating"), 1),
        (("conclusion",), "conformant with known deviations"),
        (("conclusion",), "not conformant"),
        (("conclusion",), "splendid"),
    ],
)
def test_the_schema_forbids_to_say_conformant_beside(
    path: tuple[str, ...], value: object, tmp_path: Path
) -> None:
    told = complete().certified(tmp_path).to_json()
    at: Any = told["levels"][0]
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(told)


def test_the_schema_is_itself_valid_and_has_its_versioned_name() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == SCHEMA_ID
    assert SCHEMA_ID.endswith("certificate-1.schema.json")


def test_the_certificate_names_the_events_it_rests_on(tmp_path: Path) -> None:
    told = complete().certified(tmp_path).to_json()
    digest = hashlib.sha256((tmp_path / "events.jsonl").read_bytes()).hexdigest()
    assert told["run"]["events_sha256"] == digest


def _scenarios() -> set[str]:
    folder = ROOT / "scenarios"
    return {
        f"{path.parent.name}/{path.stem.removeprefix('test_')}"
        for path in folder.rglob("test_*.py")
        # A facility's configuration and random sequences certify no release.
        if path.parent.name not in ("facility", "explore")
    }


def test_every_scenario_module_belongs_to_a_level() -> None:
    assert _scenarios() == EXTENDED.modules
    assert CORE.modules < EXTENDED.modules


def test_every_rule_belongs_to_a_level() -> None:
    assert {rule.table for rule in RULES.values()} == _tables(EXTENDED)
    assert _tables(CORE) < _tables(EXTENDED)


def _tables(level: Level) -> set[str]:
    return {rule.table for rule in RULES.values() if rule.table in level.tables}


def test_the_page_of_a_certificate_escapes_and_loads_nothing(tmp_path: Path) -> None:
    run = complete().having(deployment="embedded", image=HOSTILE, narrowed=[HOSTILE])
    run = run.with_check("create/v3", **DEVIATING | {"ledger": HOSTILE})
    page = Elements(certificate_page(run.certified(tmp_path)))
    assert page.open == []
    assert page.named("img") == page.named("script") == []
    assert all((each["href"] or "").startswith("#") for each in page.named("a"))


def test_the_page_of_a_certificate_says_it_in_words_and_names_deviations(tmp_path: Path) -> None:
    run = complete().with_check("create/v3", **DEVIATING)
    text = certificate_page(run.certified(tmp_path))
    for told in ("conformant with known deviations", "v3-list-crash", "medium", "no release"):
        assert told in text
