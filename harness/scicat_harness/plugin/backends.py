"""Make the deployment that the options select."""

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
from scicat_harness.facility.instance import instance_deployment
from scicat_harness.plugin.options import NONE, Options

# The image that SciCat publishes for every release.
_REGISTRY = "ghcr.io/scicatproject/backend-next"

__all__ = ["make_deployment"]


def make_deployment(
    options: Options, folder: Path, run: str, shared: Mapping[str, Any] | None = None
) -> Deployment:
    """Return the selected deployment; no backend is started yet.

    ``folder`` gets the files and logs of backends. ``shared`` is set in a worker that starts
    backends of its own: the resources of the run's deployment, by ``SharedResources.to_json``.
    """
    if options.deployment == "embedded":
        modules = options.facility.node_modules if options.facility is not None else None
        return EmbeddedDeployment(folder, defect=options.defect, node_modules=modules)
    if options.deployment == "process":
        assert options.backend_dir is not None
        return ProcessDeployment(folder, options.backend_dir, options.mongo_uri, options.release)
    # With ``shared``, scicatlive is up already, and further backends are containers beside it.
    if options.deployment == "scicatlive" and shared is None:
        assert options.scicatlive_dir is not None
        return ScicatliveDeployment(
            folder, options.scicatlive_dir, Owner(run), options.backend_image, options.release
        )
    if options.deployment in ("containers", "scicatlive"):
        return _containers(options, folder, run, shared)
    # What is left is external.
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
        raise UsageFault(
            f"--backend-env {options.backend_env}: has no JWT_SECRET line; add it, or leave the "
            "option out"
        )
    return secret
