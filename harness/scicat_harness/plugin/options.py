"""Options of a run with their defaults, for ``pytest scenarios`` and ``scicat-harness run``."""

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
from scicat_harness.plugin.uses import OF_A_SETUP, option_name, refuse_unused, used_by

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
"""The tag that the instructions in compose/harness.Dockerfile give to its image."""
HOST, INSIDE = "host", "inside"
"""Values of ``--sinks``: on this machine, or in a container next to the backends."""
NONE = "none"
"""Value of ``--mongo-image``: start no such container."""
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
# Fields of Options whose name is not that of the option.
_FIELDS = {"backend_version": "release"}
# A tag such as "v5.2.1" or "v5.2.1-alpine"; "5.2.1.7" is none of a release.
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+)(?![.\d]).*", re.ASCII)
# Seconds.
_LONGEST_AUDIT = 3600.0
_ENVIRONMENT_URI = "SCICAT_HARNESS_MONGO_URI"


@dataclass(frozen=True, slots=True)
class Options:
    """The validated options of a run.

    ``of`` reads them from pytest, ``given`` from a command. Paths are as given, except that the
    commands make them absolute.
    """

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
        """Return the options of a pytest session, read once.

        Raises ``UsageFault`` with the fix for values and combinations that cannot work.
        """
        if _READ not in config.stash:
            config.stash[_READ] = cls.given(vars(config.option))
        return config.stash[_READ]

    @classmethod
    def given(cls, values: Mapping[str, Any]) -> Options:
        """Return the options of a mapping from internal names to values.

        Missing options have their defaults, or with ``kept`` the values of that setup. Raises
        ``UsageFault`` as ``of`` does, also for an option that contradicts the kept setup.
        """
        given = {name: values[name] for name in _NAMES if values.get(name) is not None}
        _refuse_empty(given)
        state = State.read(given["kept"]) if "kept" in given else None
        defaults = {**USUAL, **(_options_of(state) if state is not None else {})}
        options = cls._of({**defaults, **given})
        # The broker's default depends on the deployment, so only now its value is known.
        refuse_unused(given, {**defaults, **given, "broker": options.broker})
        options.check()
        if state is not None:
            _refuse_contradiction(given, options, cls._of(defaults))
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
        """Return the options, quoted for a shell, that repeat a check on the same backend.

        Options with their default value are left out. ``--mongo-uri`` is never among them.
        """
        given = {
            "deployment": self.deployment if self.deployment != "embedded" else None,
            "profile": self.profile if self.profile is not Profile.STANDARD else None,
            "expect": self.expect if self.expect is not Reading.OBSERVED else None,
            "release": self.release if self.release != CURRENT else None,
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
        shown = (
            f"--{name}={each}"
            for name, value in given.items()
            for each in (value if isinstance(value, tuple) else (value,))
            if each is not None
        )
        return " ".join(shlex.quote(each) for each in shown)

    def _check_values(self) -> None:
        """Raise ``UsageFault`` for a wrong value, before anything is started."""
        # NaN and infinity are floats for the parser, but no time to wait.
        if not (math.isfinite(self.audit) and 0 <= self.audit <= _LONGEST_AUDIT):
            raise UsageFault(f"--audit {self.audit:g}: give 0 to {_LONGEST_AUDIT:g} seconds")
        if self.url is not None:
            split_address(self.url, "--url", "give http://host:port")
        if self.deployment == "process" and self.mongo_uri is not None:
            # Imported late: no other deployment needs a client of MongoDB.
            from scicat_harness.deploy.mongo import check_uri

            check_uri(self.mongo_uri)

    def check(self) -> None:
        """Raise ``UsageFault`` for options that cannot work, alone or together."""
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
                f"--release {self.release}: the embedded backend behaves as {CURRENT}; "
                "leave it out, or give another --deployment"
            )


_READ = pytest.StashKey[Options]()


def _usual_broker(deployment: str) -> str:
    """Return the default broker of a deployment.

    The embedded backend has the embedded broker, so that a run needs nothing installed. Real
    backends are judged with RabbitMQ.
    """
    own = {"embedded": "embedded", "containers": "deployment", "scicatlive": "deployment"}
    return own.get(deployment, "rabbitmq")


def _release(version: str | None, image: str | None) -> Release:
    """Return the release of ``--release``, else of the image's tag, else the current."""
    if version is not None:
        return Release.parse(version, "--release")
    return tagged_release(image) or CURRENT


def tagged_release(image: str | None) -> Release | None:
    """Return the release that the tag of an image names, None if it names none.

    ``ghcr.io/scicatproject/backend-next:v5.2.1-alpine`` is v5.2.1.
    """
    # A digest follows "@"; a colon before the last "/" is that of the registry's port.
    tag = (image or "").partition("@")[0].rpartition("/")[2].partition(":")[2]
    named = _VERSION.fullmatch(tag)
    return Release.parse(named[1], "--backend-image: tag") if named else None


def _refuse_empty(given: Mapping[str, Any]) -> None:
    """Raise ``UsageFault`` for an empty value; Python takes an empty path for ``.``."""
    for name, value in given.items():
        if value == "":
            raise UsageFault(f"{option_name(name)} is empty; give a value, or leave it out")


def _options_of(state: State) -> dict[str, Any]:
    """Return the options of a kept setup that had an effect on it."""
    deployment = state.options.get("deployment", USUAL["deployment"])
    return {
        option: state.options[option]
        for option in (*OF_A_SETUP, "profile")
        if option in state.options and used_by(deployment, option)
    }


def _refuse_contradiction(given: Mapping[str, Any], options: Options, kept: Options) -> None:
    """Raise ``UsageFault`` for an option that differs from that of the kept setup.

    Repeating the same value is allowed, since a replay line does.
    """
    for name in (each for each in OF_A_SETUP if each in given):
        field = _FIELDS.get(name, name)
        asked, started = getattr(options, field), getattr(kept, field)
        if asked != started:
            # A URL is not quoted, since it may have a password.
            secret = "://" in f"{asked}{started}"
            how = "with another value" if secret else f"with {started or 'none'}"
            raise UsageFault(
                f"{option_name(name)} has no effect with --kept {options.kept}, which was "
                f"started {how}; leave it out"
            )


def _facility(get: Callable[[str], Any]) -> FacilityFiles | None:
    """Return the files of a facility, None without ``--job-config``.

    Raises ``UsageFault`` for other facility options without it.
    """
    config = _path(get("job_config"))
    given = {
        name: _path(get(f"facility_{name}"))
        for name in ("accounts", "templates", "node_modules", "file")
    }
    env = tuple(Path(each) for each in get("facility_env") or ())
    if config is not None:
        accounts, templates, modules, file = given.values()
        on_instance = file is not None and get("deployment") == "external"
        stand_in = bool(get("stand_in_templates"))
        # Without --deployment the twin is the embedded backend.
        embedded = (get("deployment") or "embedded") == "embedded"
        return FacilityFiles(
            *(config, env, accounts, templates, stand_in, modules, file, on_instance, embedded)
        )
    if any(given.values()) or env or get("stand_in_templates"):
        raise UsageFault("options of a facility need its job configuration; add --job-config FILE")
    return None


def report_folder(value: str | None) -> Path | None:
    """Return the folder of ``--report-dir``; raise ``UsageFault`` if the value is blank."""
    if value is not None and not value.strip():
        raise UsageFault(f"--report-dir {value!r}: is empty; give a folder, or leave it out")
    return _path(value)


def _path(value: str | None) -> Path | None:
    return Path(value) if value is not None else None
