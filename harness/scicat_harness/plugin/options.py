"""Options of a run, the same for ``pytest scenarios`` and ``scicat-harness run``."""

from __future__ import annotations

import math
import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.broker.address import parse_url
from scicat_harness.embedded.sabotage import CATALOGUE
from scicat_harness.errors import UsageFault
from scicat_harness.facility.facility import FacilityFiles
from scicat_harness.fixtures.profile import Profile
from scicat_harness.model.address import split_address
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.oracle.rule import Reading
from scicat_harness.plugin.kept import State
from scicat_harness.plugin.uses import OF_A_SETUP, refuse_unused, used_by

__all__ = [
    "MONGO_IMAGE",
    "NONE",
    "RABBITMQ_IMAGE",
    "USUAL",
    "Options",
    "report_folder",
    "tagged_release",
]

MONGO_IMAGE = "mongo:7.0"
RABBITMQ_IMAGE = "rabbitmq:4-alpine"
HARNESS_IMAGE = "scicat-harness"
"""What compose/harness.Dockerfile is built as by its own instructions."""
HOST, INSIDE = "host", "inside"
"""Where sinks are: on this machine, or in a container among the backends."""
NONE = "none"
"""Instead of an image: no such container."""
USUAL = {
    "deployment": "embedded",
    "profile": str(Profile.STANDARD),
    "expect": str(Reading.OBSERVED),
    "audit": 0.0,
    "mongo_image": MONGO_IMAGE,
    "rabbitmq_image": RABBITMQ_IMAGE,
    "sinks": HOST,
    "harness_image": HARNESS_IMAGE,
}
_NAMES = (
    *("deployment", "profile", "expect", "backend_version", "report_dir", "backend_dir", "kept"),
    *("scicatlive_dir", "backend_image", "mongo_image", "rabbitmq_image", "sinks"),
    *("harness_image", "mongo_uri", "url", "accounts", "backend_env", "broker", "audit", "defect"),
    *("ca_bundle", "client_cert"),
    *("job_config", "facility_env", "facility_accounts", "facility_templates"),
    *("facility_node_modules", "facility_file", "stand_in_templates"),
)
_FIELDS = {"backend_version": "release"}
"""Fields that are not called like their option."""
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+)(?![.\d]).*", re.ASCII)
"""A tag that names a release, such as ``v5.2.1`` or ``v5.2.1-alpine``."""
_LONGEST_AUDIT = 3600.0
_ENVIRONMENT_URI = "SCICAT_HARNESS_MONGO_URI"


@dataclass(frozen=True, slots=True)
class Options:
    """The options, checked."""

    deployment: str
    profile: Profile
    expect: Reading
    release: Release
    report_dir: Path | None
    backend_dir: Path | None
    mongo_uri: str | None
    url: str | None
    accounts: Path | None
    backend_env: Path | None
    defect: str | None
    broker: str
    audit: float
    kept: str | None = None
    scicatlive_dir: Path | None = None
    backend_image: str | None = None
    mongo_image: str = MONGO_IMAGE
    rabbitmq_image: str = RABBITMQ_IMAGE
    sinks: str = HOST
    harness_image: str = HARNESS_IMAGE
    facility: FacilityFiles | None = None
    ca_bundle: Path | None = None
    client_cert: Path | None = None

    @classmethod
    def of(cls, config: pytest.Config) -> Options:
        """Read them; combinations that make no sense are a UsageFault with the fix."""
        if _READ not in config.stash:
            config.stash[_READ] = cls.given(vars(config.option))
        return config.stash[_READ]

    @classmethod
    def given(cls, values: Mapping[str, Any]) -> Options:
        """The same for options that were not given to pytest; those left out are the usual.

        What a kept setup was started with takes the place of the usual, and of nothing else.
        """
        given = {name: values[name] for name in _NAMES if values.get(name) is not None}
        _refuse_empty(given)
        state = State.read(given["kept"]) if "kept" in given else None
        told = {**USUAL, **(_told_to(state) if state is not None else {})}
        options = cls._of({**told, **given})
        refuse_unused(given, {**told, **given, "broker": options.broker})
        options.check()
        if state is not None:
            _refuse_contradiction(given, options, cls._of(told))
        return options

    @classmethod
    def _of(cls, values: Mapping[str, Any]) -> Options:
        get = values.get
        return cls(
            deployment=values["deployment"],
            profile=Profile(values["profile"]),
            expect=Reading(values["expect"]),
            release=_release(get("backend_version"), get("backend_image")),
            report_dir=report_folder(get("report_dir")),
            backend_dir=_path(get("backend_dir")),
            mongo_uri=get("mongo_uri") or os.environ.get(_ENVIRONMENT_URI) or None,
            url=get("url"),
            accounts=_path(get("accounts")),
            backend_env=_path(get("backend_env")),
            ca_bundle=_path(get("ca_bundle")),
            client_cert=_path(get("client_cert")),
            defect=get("defect"),
            audit=values["audit"],
            kept=get("kept"),
            scicatlive_dir=_path(get("scicatlive_dir")),
            backend_image=get("backend_image"),
            mongo_image=values["mongo_image"],
            rabbitmq_image=values["rabbitmq_image"],
            sinks=values["sinks"],
            harness_image=values["harness_image"],
            broker=get("broker") or _usual_broker(values["deployment"]),
            facility=_facility(get),
        )

    def replay(self) -> str:
        """The options that make another run meet the same backend and cases, for a shell."""
        given = {
            "deployment": self.deployment if self.deployment != "embedded" else None,
            "profile": self.profile if self.profile is not Profile.STANDARD else None,
            "expect": self.expect if self.expect is not Reading.OBSERVED else None,
            "backend-version": self.release if self.release != CURRENT else None,
            "backend-dir": self.backend_dir,
            "scicatlive-dir": self.scicatlive_dir,
            "backend-image": self.backend_image,
            "mongo-image": self.mongo_image if self.mongo_image != MONGO_IMAGE else None,
            "rabbitmq-image": self.rabbitmq_image
            if self.rabbitmq_image != RABBITMQ_IMAGE
            else None,
            "sinks": self.sinks if self.sinks != HOST else None,
            "harness-image": self.harness_image if self.harness_image != HARNESS_IMAGE else None,
            "url": self.url,
            "accounts": self.accounts,
            "backend-env": self.backend_env,
            "ca-bundle": self.ca_bundle,
            "client-cert": self.client_cert,
            "kept": self.kept,
            "defect": self.defect,
            "broker": self.broker if self.broker != _usual_broker(self.deployment) else None,
            **(self.facility.options() if self.facility is not None else {}),
        }
        shown = (f"--{name}={value}" for name, value in given.items() if value is not None)
        return " ".join(shlex.quote(each) for each in shown)

    def _check_values(self) -> None:
        """Refuse values that are none, before anything is started."""
        if not (math.isfinite(self.audit) and 0 <= self.audit <= _LONGEST_AUDIT):
            raise UsageFault(f"--audit {self.audit:g}: give 0 to {_LONGEST_AUDIT:g} seconds")
        if self.url is not None:
            split_address(self.url, "--url", "give http://host:port")
        if self.deployment == "process" and self.mongo_uri is not None:
            # Imported late: no other deployment needs a client of MongoDB.
            from scicat_harness.deploy.mongo import check_uri

            check_uri(self.mongo_uri)

    def check(self) -> None:
        """Refuse what cannot work, alone or together."""
        self._check_values()
        if self.broker not in ("deployment", "embedded", "rabbitmq"):
            parse_url(self.broker)
        if self.deployment == "process" and self.backend_dir is None:
            raise UsageFault("--deployment process needs --backend-dir, a built backend checkout")
        if self.deployment == "scicatlive" and self.scicatlive_dir is None:
            raise UsageFault("--deployment scicatlive needs --scicatlive-dir, a checkout of it")
        given = self.facility is not None and self.facility.on_instance
        if self.deployment == "external" and not given and not (self.url and self.accounts):
            raise UsageFault(
                "--deployment external needs --url and --accounts (scicat-harness config DIR "
                "writes an accounts file to start the backend with)"
            )
        if self.defect is not None and self.defect not in {each.id for each in CATALOGUE}:
            raise UsageFault(
                f"--defect {self.defect!r}: not in the catalogue "
                "(scicat-harness sabotage --list shows it)"
            )
        if self.deployment == "embedded" and self.release != CURRENT:
            raise UsageFault(
                f"--backend-version {self.release}: the embedded backend behaves as {CURRENT}; "
                "leave it out, or give another --deployment"
            )


_READ = pytest.StashKey[Options]()


def _usual_broker(deployment: str) -> str:
    """The embedded backend needs nothing installed; a real one is judged with a real broker."""
    own = {"embedded": "embedded", "containers": "deployment", "scicatlive": "deployment"}
    return own.get(deployment, "rabbitmq")


def _release(version: str | None, image: str | None) -> Release:
    """The release that is given, or the one an image is tagged with."""
    if version is not None:
        return Release.parse(version, "--backend-version")
    return tagged_release(image) or CURRENT


def tagged_release(image: str | None) -> Release | None:
    """The release that the tag of an image names; None where it names none."""
    tag = (image or "").partition("@")[0].rpartition("/")[2].partition(":")[2]
    named = _VERSION.fullmatch(tag)
    return Release.parse(named[1], "--backend-image: tag") if named else None


def _refuse_empty(given: Mapping[str, Any]) -> None:
    """An empty path is the current folder to Python, and meant by nobody."""
    for name, value in given.items():
        if value == "":
            raise UsageFault(f"--{name.replace('_', '-')} is empty; give a value, or leave it out")


def _told_to(state: State) -> dict[str, Any]:
    """What a kept setup was started with, as far as it mattered."""
    deployment = state.options.get("deployment", USUAL["deployment"])
    return {
        option: state.options[option]
        for option in (*OF_A_SETUP, "profile")
        if option in state.options and used_by(deployment, option)
    }


def _refuse_contradiction(given: Mapping[str, Any], options: Options, kept: Options) -> None:
    """An option beside ``kept`` may repeat what the setup was told, as a replay does."""
    for name in (each for each in OF_A_SETUP if each in given):
        field = _FIELDS.get(name, name)
        asked, started = getattr(options, field), getattr(kept, field)
        if asked != started:
            # Addresses may have passwords in them.
            secret = "://" in f"{asked}{started}"
            how = "otherwise" if secret else f"with {started or 'none'}"
            raise UsageFault(
                f"--{name.replace('_', '-')} has no effect with --kept {options.kept}, which was "
                f"started {how}; leave it out"
            )


def _facility(get: Callable[[str], Any]) -> FacilityFiles | None:
    """The files of a facility; all of its options are about one job configuration."""
    config = _path(get("job_config"))
    given = {
        name: _path(get(f"facility_{name}"))
        for name in ("env", "accounts", "templates", "node_modules", "file")
    }
    if config is not None:
        env, accounts, templates, modules, file = given.values()
        on_instance = file is not None and get("deployment") == "external"
        stand_in = bool(get("stand_in_templates"))
        return FacilityFiles(
            *(config, env, accounts, templates, stand_in, modules, file, on_instance)
        )
    if any(given.values()) or get("stand_in_templates"):
        raise UsageFault("options of a facility need its job configuration, --job-config FILE")
    return None


def report_folder(value: str | None) -> Path | None:
    """The folder of ``--report-dir``; an empty one, of a variable that is not set, is refused."""
    if value is not None and not value.strip():
        raise UsageFault(f"--report-dir {value!r}: is empty; give a folder, or leave it out")
    return _path(value)


def _path(value: str | None) -> Path | None:
    return Path(value) if value is not None else None
