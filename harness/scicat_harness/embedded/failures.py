"""The exceptions of the embedded backend: HTTP errors, startup errors and JavaScript errors.

See specification: reply (shapes A to D of an error body), start.errors.

    HttpFailure     an HTTP error; its reply has a status and a JSON body
    BootFailure     a startup error; its text is the one in the log
      BootCrash     a startup error that Node reports as an unhandled rejection
    Thrown          a JavaScript error that is no HTTP error
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

# The reason phrases of shape A; any other status has the phrase "Error".
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
    """A startup error; the text is the message of the real backend.

    See specification: start.errors. Texts that name the embedded backend are our own: they refuse
    a configuration that the real backend accepts but this one would interpret differently.
    """


class BootCrash(BootFailure):
    """A startup error that no handler catches, such as one inside a switch."""


class Thrown(Exception):
    """A JavaScript error with its name and text, such as ``TypeError: fetch failed``.

    In the validate phase it is swallowed; in the perform phase it becomes 400 with name and text
    in the message (specification: actions.failures).
    """

    def __init__(self, text: str, name: str = "Error") -> None:
        super().__init__(text)
        self.name = name

    @property
    def shown(self) -> str:
        """The name and the text, as JavaScript prints an error."""
        return f"{self.name}: {self}"


class HttpFailure(Exception):
    """An HTTP error: a status and a JSON body.

    ``delay`` is the number of turns of the real backend's event loop until an action refuses. If
    several actions refuse one request, the reply is that of the smallest delay (specification:
    actions.phases).
    """

    def __init__(self, status: int, body: object) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.delay = 0


def denial(status: int, message: str) -> HttpFailure:
    """Return an error of shape A: message, reason phrase and status code.

    Example: ``denial(403, "Forbidden resource")`` has the body ``{"message": "Forbidden
    resource", "error": "Forbidden", "statusCode": 403}``.
    """
    return HttpFailure(
        status, {"message": message, "error": _REASONS.get(status, "Error"), "statusCode": status}
    )


def field_errors(messages: Sequence[str], status: int = 400) -> HttpFailure:
    """Return an error of shape A with a list of messages, as body validation does."""
    return HttpFailure(
        status,
        {"message": list(messages), "error": _REASONS.get(status, "Error"), "statusCode": status},
    )


def rejection(message: str, status: int = 400) -> HttpFailure:
    """Return an error of shape B: status and message."""
    return HttpFailure(status, {"status": status, "message": message})


def dataset_list_failure(message: str, details: str, status: int = 422) -> HttpFailure:
    """Return an error of shape C: message, and details as JSON text; no status in the body."""
    return HttpFailure(status, {"message": message, "error": details})


def crash() -> HttpFailure:
    """Return an error of shape D: status 500 for every exception that is no HTTP error."""
    return HttpFailure(500, "Internal server error")
