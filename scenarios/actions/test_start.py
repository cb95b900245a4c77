"""Log lines at the start of a backend, and configurations that share their parts.

Source: documentation jobconfig.md (log: init); YAML 1.2 for anchors and merge keys. Configurations
that a backend must not start with are judged in ``startup/``.
"""

from __future__ import annotations

from scicat_harness.deploy.deployment import StartFiles
from scicat_harness.plugin.own_backends import OwnBackends

INIT = """
configVersion: "1"
jobs:
  - jobType: greeting
    create:
      auth: "#all"
      actions:
        - actionType: log
          init: "greetings: größe {{{perform}}}"
          perform: "performed"
    update:
      auth: "#all"
"""

ANCHORS = """
configVersion: "1"
jobs:
  - jobType: one
    create: &operation
      auth: "#all"
      actions:
        - &shared
          actionType: log
          init: "shared by two"
    update: *operation
  - jobType: another
    create:
      auth: "#all"
      actions:
        - <<: *shared
          init: "taken over: {{{perform}}}"
          perform: "merged"
        - *shared
    update:
      auth: "#all"
"""


def test_init(own_backends: OwnBackends) -> None:
    """The text of init is written at the start, with the action's options."""
    own_backends.must_start(StartFiles(INIT), r"LogJobAction.*greetings: größe performed")


def test_anchors(own_backends: OwnBackends) -> None:
    """Two job types share actions by anchor, alias and merge key; each of them is set up."""
    printed = r"shared by two[\s\S]*taken over: merged[\s\S]*shared by two"
    own_backends.must_start(StartFiles(ANCHORS), printed)
