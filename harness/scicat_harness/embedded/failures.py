"""What goes wrong: answers other than success, and reasons not to start.

See specification: reply (the error body shapes A to D) and specification: start.errors.

    Failure       an HTTP answer other than success, raised anywhere while a request is handled
    BootFailure   the backend cannot start; its text is what the log shows
    BootCrash     it dies while starting, outside the ordinary order of start-up
    Thrown        an error of the real backend's language that is no HTTP answer
"""

from collections.abc import Sequence

__all__ = [
    "BootCrash",
    "BootFailure",
    "HttpFailure",
    "Thrown",
    "crash",
    "dataset_list_failure",
    "denial",
    "field_errors",
    "rejection",
]

_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    422: "Unprocessable Entity",
    500: "Internal Server Error",
}


class BootFailure(Exception):
    """The configuration is unusable; the text is the documented message."""


class BootCrash(BootFailure):
    """An error that nobody handles ends the process while it starts."""


class Thrown(Exception):
    """An error with a JavaScript name and text; what it becomes depends on the phase."""

    def __init__(self, text: str, name: str = "Error") -> None:
        super().__init__(text)
        self.name = name

    @property
    def shown(self) -> str:
        """Name and text, as the real backend prints them."""
        return f"{self.name}: {self}"


class HttpFailure(Exception):
    """An HTTP answer other than success: a status and a JSON body.

    Of the actions that refuse one request the one with the least ``delay`` is told: the number of
    turns of the real backend's event loop until it refuses.
    """

    def __init__(self, status: int, body: object) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.delay = 0


def denial(status: int, message: str) -> HttpFailure:
    """Shape A: message, reason phrase and status code."""
    return HttpFailure(
        status, {"message": message, "error": _REASONS.get(status, "Error"), "statusCode": status}
    )


def field_errors(messages: Sequence[str], status: int = 400) -> HttpFailure:
    """Shape A with a list of messages, as the validation of a body answers."""
    return HttpFailure(
        status,
        {"message": list(messages), "error": _REASONS.get(status, "Error"), "statusCode": status},
    )


def rejection(message: str, status: int = 400) -> HttpFailure:
    """Shape B: status and message."""
    return HttpFailure(status, {"status": status, "message": message})


def dataset_list_failure(message: str, details: str, status: int = 422) -> HttpFailure:
    """Shape C: message and details as a JSON string, without any status field."""
    return HttpFailure(status, {"message": message, "error": details})


def crash() -> HttpFailure:
    """Shape D: what every unforeseen exception of the backend becomes."""
    return HttpFailure(500, "Internal server error")
