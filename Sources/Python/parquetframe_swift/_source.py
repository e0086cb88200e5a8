"""What a reader is given: paths, bytes and file objects, one or many."""

from __future__ import annotations

import _thread
import ctypes
import itertools
import os

from . import _cancel, _ffi, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class File:
    """An open file of the engine, or several that are one table."""

    __slots__ = ("handle", "name", "_objects")
    # What functions of the engine call the format, and what a file that breaks it raises.
    format, format_error = "parquet", errors.FormatError

    def __init__(self, handle: _ffi.Handle, name: str, objects: _FileObject | None = None) -> None:
        self.handle = handle
        self.name = name
        self._objects = objects

    @property
    def reads_python_object(self) -> bool:
        """Whether reading calls back into Python."""
        return self._objects is not None

    @property
    def cancel(self):
        """The token that stops the reads of a file object, or None."""
        return None if self._objects is None else self._objects.cancel

    def call(self, name: str, *arguments) -> None:
        """`_ffi.call`, where a failed callback raises what the file object itself raised."""
        try:
            if self._objects is None:
                _ffi.call_in(self.handle.engine, name, self.handle.value, *arguments)
            else:
                self._objects.run(lambda: _ffi.call(name, self.handle.value, *arguments))
        except Exception as problem:
            self.raise_own(problem)
            if isinstance(problem, errors.FormatError):
                raise errors.as_kind(problem, self.format_error) from None
            raise

    def create(self, name: str, *arguments) -> _ffi.Handle:
        """As `call`, for functions that give a handle."""
        value = ctypes.c_uint64()
        self.call(name, *arguments, ctypes.byref(value))
        return _ffi.Handle(value.value, self.handle.engine)

    def raise_own(self, problem: BaseException) -> None:
        """Raises what the file object raised, if it did, in place of the engine's `problem`."""
        own = None if self._objects is None else self._objects.take_problem()
        if own is not None:
            raise own from None

    def counts(self) -> tuple:
        """(rows, row groups, columns, uncompressed bytes)"""
        return self._counts(4)

    def shape(self) -> tuple:
        """(rows, row groups, columns), for which no row group is decoded"""
        return self._counts(3)

    def _counts(self, wanted: int) -> tuple:
        out = [ctypes.c_int64() for _ in range(wanted)]
        self.call("pf_parquet_counts", *map(ctypes.byref, out), *[None] * (4 - wanted))
        return tuple(count.value for count in out)


def open_file(
        source, *, memory_map: bool = False, cancel=None, format: str = "parquet", place: str = "") -> File:
    """Opens one source: a path, bytes-like data, or a binary file object, whose reads `cancel` stops.

    `place` tells it from others in the names that messages have.
    """
    options = _ffi.options(memory_map=True) if memory_map else None
    if isinstance(source, Paths):
        return _open_dataset(source, memory_map, format)
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        return File(_ffi.create(f"pf_{format}_open_path", os.fsencode(path), options), os.fsdecode(path))
    if hasattr(source, "read") and hasattr(source, "seek"):
        return _open_object(source, options, cancel, format, place)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _open_memory(source, format, place)
    raise TypeError(
        "source must be a path, bytes, a memoryview or a binary file object with read and seek, "
        f"not {type(source).__name__}")


def _open_dataset(paths: Paths, memory_map: bool, format: str) -> File:
    import json

    options = _ffi.options(
        memory_map=True if memory_map else None,
        hive_partitioning=False if format == "parquet" and not paths.hive_partitioning else None)
    sources = json.dumps(paths.sources).encode()
    return File(_ffi.create(f"pf_{format}_open_dataset", sources, options), os.fspath(paths))


class Paths:
    """Files, directories and patterns that are read as one table."""

    __slots__ = ("sources", "hive_partitioning")

    def __init__(self, sources: list, hive_partitioning: bool) -> None:
        self.sources = [os.fsdecode(source) for source in sources]
        self.hive_partitioning = hive_partitioning

    def __fspath__(self) -> str:
        return self.sources[0] if len(self.sources) == 1 else f"{self.sources[0]} and more"


class Many:
    """Sources of any kind that are read as one table, in their order."""

    __slots__ = ("sources",)

    def __init__(self, sources: list) -> None:
        self.sources = [part for source in sources for part in expand(source, False)]


def whole(source):
    """The single thing that a source is for an engine that joins files itself: one, or `Many`."""
    sources = expand(source, False)
    return sources[0] if len(sources) == 1 else Many(sources)


def open_whole(source, kind: type, *, memory_map: bool = False, cancel=None) -> File:
    """Opens what `whole` gave, as a file of a kind."""
    try:
        if isinstance(source, Many):
            file = open_many(source, kind.format, memory_map=memory_map, cancel=cancel)
        else:
            file = open_file(source, memory_map=memory_map, cancel=cancel, format=kind.format)
    except errors.FormatError as problem:
        raise errors.as_kind(problem, kind.format_error) from None
    return kind(file.handle, file.name, file._objects)


def read_whole(file: File, chosen: dict, cancel, *, long: bool):
    """The table of what `open_whole` opened, with its rejects."""
    from . import _table

    options = _ffi.options(**chosen)
    out = [ctypes.c_uint64(), ctypes.c_uint64(), ctypes.c_int64()]
    _cancel.run(
        lambda handle: file.call(f"pf_{file.format}_read", options, handle, *map(ctypes.byref, out)),
        file.cancel or cancel, long=long)
    table, rejects, count = out
    made = _table.Table._of_handle(_ffi.Handle(table.value))
    made._rejects = _table.Table._of_handle(_ffi.Handle(rejects.value))
    made._reject_count = count.value
    return made


def is_long(source, file: File, byte_count: int) -> bool:
    """Whether a read may take so long that people would press Ctrl-C: of more than these bytes."""
    if file.reads_python_object or isinstance(source, (Paths, Many)):
        return True
    if isinstance(source, (str, os.PathLike)):
        try:
            return os.path.getsize(source) > byte_count
        except OSError:
            return True
    return memoryview(source).nbytes > byte_count


def open_many(many: Many, format: str, *, memory_map: bool = False, cancel=None) -> File:
    """Opens sources of any kind as one table."""
    cancel = _cancel.CancellationToken() if cancel is None else cancel
    files = [
        open_file(source, memory_map=memory_map, cancel=cancel, format=format, place=f" {index}")
        for index, source in enumerate(many.sources)]
    handles = (ctypes.c_uint64 * len(files))(*[file.handle.value for file in files])
    objects = [file._objects for file in files if file._objects is not None]
    return File(
        _ffi.create(f"pf_{format}_join", handles, len(files)), f"{files[0].name} and more",
        _FileObjects(objects) if objects else None)


def expand(source, hive_partitioning: bool = True) -> list:
    """What is opened one by one for a source: paths that make one table count as one."""
    if isinstance(source, (list, tuple)):
        if not source:
            raise errors.ArgumentError("the list of sources is empty")
        if all(isinstance(item, (str, os.PathLike)) for item in source):
            return [Paths(list(source), hive_partitioning)]
        return list(source)
    if isinstance(source, (str, os.PathLike)):
        path = os.fsdecode(source)
        if os.path.isdir(path) or _is_pattern(path) and not os.path.exists(path):
            return [Paths([path], hive_partitioning)]
    return [source]


def _is_pattern(path: str) -> bool:
    return "*" in path or "?" in path or "[" in path


def open_each(source) -> Iterable[File]:
    """Opens what is opened one by one for a source, as `expand` tells.

    Of a plain path the engine itself finds out whether it is a directory: to ask before would be a
    third of the time of a row count.
    """
    file = open_plain(source)
    if file is not None:
        return [file]
    return map(open_file, expand(source))


def open_plain(source) -> File | None:
    """Opens a path that is no pattern and no directory; nothing else."""
    if isinstance(source, (str, os.PathLike)) and not _is_pattern(os.fsdecode(source)):
        try:
            return open_file(source)
        except IsADirectoryError:
            pass
    return None


def open_first(source) -> File:
    """Opens the first of the files that a source stands for."""
    file = open_plain(source)
    if file is not None:
        return file
    first = expand(source)[0]
    if not isinstance(first, Paths):
        return open_file(first)
    import json

    text = ctypes.c_void_p()
    open_file(first).call("pf_parquet_paths", ctypes.byref(text))
    return open_file(json.loads(_ffi.take_string(text))[0])


# What the engine may still call back into, by the number that travels as the C context. The
# callbacks themselves are made once and never freed: the engine may be inside one when its owner
# goes away.
_live: dict = {}
_keys = itertools.count(1)


class _PyBuffer(ctypes.Structure):
    """`Py_buffer` of CPython's stable ABI."""

    _fields_ = [
        ("buf", ctypes.c_void_p), ("obj", ctypes.c_void_p), ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p),
    ]


class _Memory:
    """Bytes that stay where they are until the engine releases them."""

    def __init__(self, data) -> None:
        # The view pins the bytes; the buffer only tells where they are.
        self.view = memoryview(data)
        buffer = _PyBuffer()
        # Flag 0 is PyBUF_SIMPLE: contiguous bytes, or BufferError.
        ctypes.pythonapi.PyObject_GetBuffer(
            ctypes.py_object(self.view), ctypes.byref(buffer), 0)
        self.address, self.byte_count = buffer.buf, buffer.len
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))


class _FileObject:
    """Reads ranges of a Python file object, one at a time."""

    def __init__(self, file, cancel) -> None:
        self.file = file
        # Ctrl-C stops the reads too, so there always is one.
        self.cancel = _cancel.CancellationToken() if cancel is None else cancel
        self.lock = _thread.allocate_lock()
        self.problem: BaseException | None = None
        self.byte_count = file.seek(0, os.SEEK_END)
        if self.byte_count is None:  # some file objects return nothing from seek
            self.byte_count = file.tell()

    def run(self, work):
        """`work()`, which reads this file.

        Not on the main thread: Python may raise KeyboardInterrupt there before a callback has begun,
        where nothing catches it, and the engine would take what was not read for read.
        """
        return _cancel.run(lambda _: work(), self.cancel, long=True)

    def read(self, offset: int, count: int, target: int) -> int:
        try:
            with self.lock:
                self.file.seek(offset)
                done = 0
                while done < count:
                    if self.cancel.is_cancelled():
                        raise errors.CancelledError("cancelled")
                    data = self.file.read(count - done)
                    if not isinstance(data, (bytes, bytearray, memoryview)):
                        raise TypeError("the file object must be opened in binary mode")
                    if not data:
                        raise EOFError(f"the file object ended at byte {offset + done}")
                    data = bytes(data)
                    if len(data) > count - done:
                        raise OSError(f"read({count - done}) of the file object gave {len(data)} bytes")
                    ctypes.memmove(target + done, data, len(data))
                    done += len(data)
            return 0
        except BaseException as problem:
            self.problem = problem
            return 1

    def take_problem(self) -> BaseException | None:
        problem, self.problem = self.problem, None
        return problem


class _FileObjects:
    """Several file objects, which one token stops."""

    def __init__(self, objects: list) -> None:
        self.objects = objects
        self.cancel = objects[0].cancel

    def run(self, work):
        return self.objects[0].run(work)

    def take_problem(self) -> BaseException | None:
        problems = [each.take_problem() for each in self.objects]
        return next((problem for problem in problems if problem is not None), None)


@_ffi.READ_FUNCTION
def _read(context, offset, count, target):
    return _live[context].read(offset, count, target)


@_ffi.RELEASE_FUNCTION
def _release(context):
    _live.pop(context)


RELEASE = _release


def lend(memory: object) -> int:
    """Keeps what holds memory until `RELEASE` is called with what this returns."""
    key = next(_keys)
    _live[key] = memory
    return key


def _open_memory(data, format: str, place: str) -> File:
    memory = _Memory(data)
    key = lend(memory)
    options = _ffi.options(name=f"<{type(data).__name__}{place}>") if place else None
    handle = _ffi.create(
        f"pf_{format}_open_memory", memory.address, memory.byte_count, options, _release, key)
    return File(handle, "<memory>")


def _open_object(source, options, cancel, format: str, place: str) -> File:
    objects = _FileObject(source, cancel)
    name = getattr(source, "name", None)
    name = name if isinstance(name, str) else f"<{type(source).__name__}{place}>"
    key = next(_keys)
    _live[key] = objects
    try:
        handle = objects.run(lambda: _ffi.create(
            f"pf_{format}_open_callback", _read, objects.byte_count, os.fsencode(name), options,
            _release, key))
    except Exception:
        own = objects.take_problem()
        if own is not None:
            raise own from None
        raise
    return File(handle, name, objects)
