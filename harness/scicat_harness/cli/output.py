"""Write what a command makes into the file of ``--output``."""

from __future__ import annotations

from pathlib import Path

from scicat_harness.errors import EnvironmentFault, HarnessError

__all__ = ["write_output"]


def write_output(text: str, output: Path, fault: type[HarnessError] = EnvironmentFault) -> None:
    """Write a text as UTF-8; raise ``fault`` when the file cannot be written."""
    try:
        # A configuration or a reply may have lone surrogates, which UTF-8 cannot encode.
        output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise fault(f"--output {output}: cannot be written ({error.strerror})") from None
