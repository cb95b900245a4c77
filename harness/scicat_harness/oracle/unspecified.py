"""The error for outcomes that nothing promises."""

from __future__ import annotations

__all__ = ["Unspecified"]


class Unspecified(Exception):
    """The outcome depends on an order that is not specified, so no outcome can be expected.

    Cases that raise it are left out of a run, or not verifiable; the text is the reason.
    """
