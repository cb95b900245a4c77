"""Which deployment the options ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scicat_harness.config.tls import Tls
from scicat_harness.deploy.containers import ContainerPlace, ContainersDeployment, Images
from scicat_harness.deploy.deployment import Deployment
from scicat_harness.deploy.embedded import EmbeddedDeployment
from scicat_harness.deploy.engine import Owner
from scicat_harness.deploy.external import ExternalDeployment, read_accounts, read_env_file
from scicat_harness.deploy.process import ProcessDeployment
from scicat_harness.deploy.scicatlive import ScicatliveDeployment
from scicat_harness.errors import UsageFault
from scicat_harness.facility.facility import instance_deployment
from scicat_harness.plugin.options import NONE, Options

_REGISTRY = "ghcr.io/scicatproject/backend-next"
"""Where SciCat publishes its releases."""

__all__ = ["make_deployment"]


def make_deployment(
    options: Options, folder: Path, run: str, shared: Mapping[str, Any] | None = None
) -> Deployment:
    """The deployment, without a backend yet.

    ``shared`` is what the deployment of the run told this process about itself (Shared).
    """
    if options.deployment == "embedded":
        return EmbeddedDeployment(folder, defect=options.defect)
    if options.deployment == "process":
        assert options.backend_dir is not None
        return ProcessDeployment(folder, options.backend_dir, options.mongo_uri, options.release)
    if options.deployment == "scicatlive" and shared is None:
        assert options.scicatlive_dir is not None
        return ScicatliveDeployment(
            folder, options.scicatlive_dir, Owner(run), options.backend_image, options.release
        )
    if options.deployment in ("containers", "scicatlive"):
        return _containers(options, folder, run, shared)
    if options.facility is not None and options.facility.on_instance:
        return instance_deployment(options.facility, options.release)
    assert options.url is not None
    assert options.accounts is not None
    return ExternalDeployment(
        options.url,
        read_accounts(options.accounts),
        _jwt_secret(options),
        tls=Tls.given(options.ca_bundle, options.client_cert),
    )


def _containers(
    options: Options, folder: Path, run: str, shared: Mapping[str, Any] | None
) -> Deployment:
    backend = options.backend_image or f"{_REGISTRY}:{options.release}"
    owner, place = Owner(run), None
    if shared is not None:
        backend = shared.get("image", backend)
        owner, place = Owner(**shared["owner"]), ContainerPlace(**shared["place"])
    mongo = options.mongo_image if options.mongo_image != NONE else None
    images = Images(backend, mongo, options.rabbitmq_image, options.harness_image)
    return ContainersDeployment(folder, images, owner, options.release, place)


def _jwt_secret(options: Options) -> str | None:
    if options.backend_env is None:
        return None
    secret = read_env_file(options.backend_env).get("JWT_SECRET")
    if not secret:
        raise UsageFault(f"--backend-env {options.backend_env}: has no JWT_SECRET line")
    return secret
