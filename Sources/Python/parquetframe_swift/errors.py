"""The exceptions of the package.

What has a natural home among Python's own exceptions derives from it as well, so that
`except ValueError`, `except KeyError` and so on work as people expect. A missing file, a
directory in place of a file or a refused permission raise Python's own `OSError` family.
"""

from __future__ import annotations


class Error(Exception):
    """Base of every error that the engine raises; `details` holds all that is known."""

    def __init__(self, message: str = "", details: dict | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details or {}

    def __str__(self) -> str:
        return self.message

    def __reduce__(self):
        return type(self), (self.message, self.details)


class FormatError(Error, ValueError):
    """The input breaks its format. `offset` is in bytes; what is not known is None."""

    @property
    def file(self) -> str | None:
        return self.details.get("file")

    @property
    def offset(self) -> int | None:
        return self.details.get("offset")

    @property
    def row_group(self) -> int | None:
        return self.details.get("row_group")

    @property
    def column(self) -> str | None:
        return self.details.get("column")

    @property
    def page(self) -> int | None:
        return self.details.get("page")


class CSVError(FormatError):
    """CSV that is not as the options say. Lines and records are counted from 1, the header is no
    record; what is not known is None."""

    @property
    def line(self) -> int | None:
        return self.details.get("line")

    @property
    def record(self) -> int | None:
        return self.details.get("record")

    @property
    def column_index(self) -> int | None:
        return self.details.get("column_index")

    @property
    def value(self) -> str | None:
        """The text of the field, cut where it is long."""
        return self.details.get("value")

    @property
    def expected(self) -> str | None:
        """The type that the field should have had."""
        return self.details.get("expected")

    @property
    def reason(self) -> str | None:
        """What is wrong, without the place."""
        return self.details.get("reason")


class AvroError(FormatError):
    """Avro that breaks its format. Blocks are counted from 0, the records of a block from 1; what is
    not known is None."""

    @property
    def block(self) -> int | None:
        return self.details.get("block")

    @property
    def record(self) -> int | None:
        """The record in its block."""
        return self.details.get("record")

    @property
    def message_index(self) -> int | None:
        """The message, from 0, among several that are no file."""
        return self.details.get("message_index")


class UnsupportedError(Error, NotImplementedError):
    """Legal input, or a legal request, that this version does not handle; `feature` names it."""

    @property
    def feature(self) -> str | None:
        return self.details.get("feature")


class LimitError(Error):
    """A limit of the options was passed."""


class CancelledError(Error):
    """A `CancellationToken` stopped the call."""


class StepError(Error):
    """A step of a workflow that the engine runs has failed, or its time was over."""


class UnknownColumnError(Error, KeyError):
    """No column has this `name`; `nearest` lists the names that are close."""

    @property
    def name(self) -> str | None:
        return self.details.get("name")

    @property
    def nearest(self) -> list:
        return self.details.get("nearest", [])


class OutOfRangeError(Error, IndexError):
    """A row group, column or batch index outside `0 ..< count`."""


class UnknownNodeError(Error, KeyError):
    """No node of the graph has this `label`."""

    @property
    def label(self):
        return self.details.get("label")


class ArgumentError(Error, ValueError):
    """An argument that no input could satisfy, such as a negative limit."""


class GraphError(Error, ValueError):
    """A question about a graph that has no answer: a cycle where there must be none, a negative weight,
    an iteration that did not converge. What does not apply is None."""

    @property
    def cycle(self) -> list | None:
        """The nodes of the cycle, in its order."""
        return self.details.get("cycle")

    @property
    def edge(self) -> tuple | None:
        """(source, target) of the edge that is at fault."""
        return (self.details["source"], self.details["target"]) if "source" in self.details else None

    @property
    def iterations(self) -> int | None:
        return self.details.get("iterations")


class EngineUnavailableError(Error, ImportError):
    """Neither the engine's shared library nor the library to fall back on can be used."""


# pf_status of Specs/parquetframe.h.
INVALID_ARGUMENT, INVALID_HANDLE, NOT_FOUND, PERMISSION_DENIED, IO = 1, 2, 3, 4, 5
MALFORMED, UNSUPPORTED, LIMIT_EXCEEDED, CANCELLED = 6, 7, 8, 9
UNKNOWN_COLUMN, INDEX_OUT_OF_RANGE, CALLBACK_FAILED, OUT_OF_MEMORY, NO_ANSWER = 10, 11, 12, 13, 14

_CLASSES = {
    INVALID_ARGUMENT: ArgumentError,
    MALFORMED: FormatError,
    UNSUPPORTED: UnsupportedError,
    LIMIT_EXCEEDED: LimitError,
    CANCELLED: CancelledError,
    UNKNOWN_COLUMN: UnknownColumnError,
    INDEX_OUT_OF_RANGE: OutOfRangeError,
    NO_ANSWER: GraphError,
}


def as_kind(problem: FormatError, kind: type) -> FormatError:
    """The same as an error of the format at hand."""
    return problem if isinstance(problem, kind) else kind(problem.message, problem.details)


def from_status(status: int, message: str, details: dict) -> BaseException:
    """The exception that stands for a failed call of the engine."""
    if status in (NOT_FOUND, PERMISSION_DENIED, IO):
        import errno
        import os

        usual = {NOT_FOUND: errno.ENOENT, PERMISSION_DENIED: errno.EACCES, IO: errno.EIO}
        number = details.get("errno") or (errno.EISDIR if "is_directory" in details else usual[status])
        # OSError picks its own subclass from the number; without a file the sentence says more.
        if "file" in details:
            return OSError(number, os.strerror(number), details["file"])
        return OSError(number, message)
    if status == OUT_OF_MEMORY:
        return MemoryError(message)
    return _CLASSES.get(status, Error)(message, details)
