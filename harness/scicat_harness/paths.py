"""The folders of the package and of the scenarios, in a checkout and installed.

A checkout keeps fixtures and scenarios beside the package and links them into it; an installed
package has them as folders of its own. The names of checks start with ``scenarios/`` in both.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["IMPORT_ROOT", "PACKAGE", "SCENARIOS", "SCENARIO_ROOT"]

PACKAGE = Path(__file__).resolve().parent
"""The folder of ``scicat_harness``."""
IMPORT_ROOT = PACKAGE.parent
"""The folder that ``PYTHONPATH`` must contain for a child process to import the package."""
# In a checkout this is a link to the folder beside the package.
SCENARIOS = (PACKAGE / "scenarios").resolve()
"""The folder of the scenarios."""
SCENARIO_ROOT = SCENARIOS.parent
"""The folder that the names of checks are relative to."""
