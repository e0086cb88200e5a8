"""The Arrow C Data and C Stream interfaces, and the capsules that carry them between packages."""

from __future__ import annotations

import ctypes
from _functools import partial
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p

from . import _ffi, errors


class ArrowSchema(ctypes.Structure):
    """`struct ArrowSchema`."""

    _fields_ = [
        ("format", c_char_p), ("name", c_char_p), ("metadata", c_void_p), ("flags", c_int64),
        ("n_children", c_int64), ("children", POINTER(c_void_p)), ("dictionary", c_void_p),
        ("release", c_void_p), ("private_data", c_void_p),
    ]


class ArrowArray(ctypes.Structure):
    """`struct ArrowArray`."""

    _fields_ = [
        ("length", c_int64), ("null_count", c_int64), ("offset", c_int64), ("n_buffers", c_int64),
        ("n_children", c_int64), ("buffers", POINTER(c_void_p)), ("children", POINTER(c_void_p)),
        ("dictionary", c_void_p), ("release", c_void_p), ("private_data", c_void_p),
    ]


class ArrowArrayStream(ctypes.Structure):
    """`struct ArrowArrayStream`."""

    _fields_ = [
        ("get_schema", c_void_p), ("get_next", c_void_p), ("get_last_error", c_void_p),
        ("release", c_void_p), ("private_data", c_void_p),
    ]


_release = CFUNCTYPE(None, c_void_p)
_get = CFUNCTYPE(c_int, c_void_p, c_void_p)
_last_error = CFUNCTYPE(c_char_p, c_void_p)


# The defaults keep the functions while the interpreter takes its modules apart.
def _release_content(struct, _release=_release, _addressof=ctypes.addressof) -> None:
    if struct.release:
        _release(struct.release)(_addressof(struct))


class _Owner:
    """Owns one struct of the interface: an empty one at first, released when collected."""

    __slots__ = ("struct", "_free", "__weakref__")
    _kind: type
    _name: str

    def __init__(self) -> None:
        try:
            engine = _ffi.library()
        except errors.EngineUnavailableError:
            self.struct = self._kind()
            self._free = partial(_release_content, self.struct)
        else:
            address = getattr(engine, f"pf_arrow_{self._name}_new")()
            self.struct = self._kind.from_address(address)
            self._free = partial(getattr(engine, f"pf_arrow_{self._name}_free"), address)

    __del__ = _ffi.native_del

    @property
    def address(self) -> int:
        return ctypes.addressof(self.struct)

    def release(self) -> None:
        """Releases the content, where there is one."""
        _release_content(self.struct)

    def move_to(self, target: int) -> None:
        """Moves the content to another struct of the kind, as the interface allows."""
        ctypes.memmove(target, self.address, ctypes.sizeof(self.struct))
        self.struct.release = None

    def move_from(self, source: int) -> None:
        """Takes the content of the struct at `source`, which is marked as released."""
        struct = self._kind.from_address(source)
        if not struct.release:
            raise errors.ArgumentError("the Arrow object was consumed already")
        ctypes.memmove(self.address, source, ctypes.sizeof(self.struct))
        struct.release = None


class OwnedSchema(_Owner):
    """Owns an `ArrowSchema`."""

    __slots__ = ()
    _kind = ArrowSchema
    _name = "schema"


class OwnedArray(_Owner):
    """Owns an `ArrowArray`."""

    __slots__ = ()
    _kind = ArrowArray
    _name = "array"


class OwnedStream(_Owner):
    """Owns an `ArrowArrayStream`."""

    __slots__ = ()
    _kind = ArrowArrayStream
    _name = "stream"

    def get_schema(self, target: int) -> None:
        self._check(_get(self.struct.get_schema)(self.address, target))

    def next(self) -> OwnedArray | None:
        """The next array, or None at the end."""
        array = OwnedArray()
        self._check(_get(self.struct.get_next)(self.address, array.address))
        return array if array.struct.release else None

    def _check(self, number: int) -> None:
        if number:
            text = _last_error(self.struct.get_last_error)(self.address)
            raise stream_error(number, (text or b"the stream failed").decode("utf-8", "replace"))


def stream_error(number: int, message: str) -> BaseException:
    """The exception for an errno and a sentence, all that an Arrow stream tells of a failure."""
    import errno

    if number == errno.ENOMEM:
        return MemoryError(message)
    kinds = {
        errno.EINVAL: errors.FormatError, errno.ENOSYS: errors.UnsupportedError,
        errno.ENOTSUP: errors.UnsupportedError, errno.ECANCELED: errors.CancelledError,
    }
    if number in kinds:
        return kinds[number](message)
    return OSError(number, message)


# ---- Capsules ---------------------------------------------------------------------------------

_NAMES = {"schema": b"arrow_schema", "array": b"arrow_array", "stream": b"arrow_array_stream"}
_set_up: set = set()


def new_capsule(kind: str, fill):
    """A capsule of `kind` (schema, array, stream) whose struct `fill(address)` has filled.

    Struct and destructor are the engine's: a capsule that nobody consumes frees what it holds, at
    any time and without Python code.
    """
    engine = _ffi.library()
    if engine not in _set_up:
        get_pointer = ctypes.cast(ctypes.pythonapi.PyCapsule_GetPointer, c_void_p)
        _ffi.call("pf_capsule_setup", get_pointer)
        _set_up.add(engine)
    address = getattr(engine, f"pf_arrow_{kind}_new")()
    if not address:
        raise MemoryError
    try:
        fill(address)
        destructor = ctypes.cast(getattr(engine, f"pf_capsule_destroy_{kind}"), c_void_p)
        make = ctypes.pythonapi.PyCapsule_New
        make.restype = ctypes.py_object
        make.argtypes = (c_void_p, c_char_p, c_void_p)
        # A capsule keeps the address of its name, so the name must live as long as the process.
        return make(address, _NAMES[kind], destructor)
    except BaseException:
        getattr(engine, f"pf_arrow_{kind}_free")(address)
        raise


def capsule_address(capsule, kind: str) -> int:
    """The struct inside a capsule; ValueError where it is of another kind."""
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype = c_void_p
    get_pointer.argtypes = (ctypes.py_object, c_char_p)
    return get_pointer(capsule, _NAMES[kind])


# ---- Streams that Python makes ----------------------------------------------------------------


class CarriedStream:
    """A stream over arrays that Python produces, in the engine's own stream `carrier`.

    The carrier keeps its schema and its release: consumers may release a stream while a Python
    exception is on its way, when no Python code can run. So Python hears nothing of that release,
    and an entry of a stream that was not read to its end stays until the address of its private
    data is used again.
    """

    def __init__(self, carrier: OwnedStream, arrays) -> None:
        self.carrier = carrier
        self.arrays = iter(arrays)
        self.message = None

    def export(self, address: int) -> None:
        """Fills the stream struct at `address`."""
        self.carrier.move_to(address)
        struct = ArrowArrayStream.from_address(address)
        _streams[struct.private_data] = self
        struct.get_next = ctypes.cast(_get_next, c_void_p)
        struct.get_last_error = ctypes.cast(_get_last_error, c_void_p)

    def fail(self, problem: BaseException) -> int:
        import errno

        # Kept here: the consumer may read the text until its next call.
        self.message = ctypes.create_string_buffer(str(problem).encode("utf-8", "replace"))
        return getattr(problem, "errno", None) or errno.EIO


_streams: dict = {}


def _stream_at(address: int) -> CarriedStream:
    return _streams[ArrowArrayStream.from_address(address).private_data]


@_get
def _get_next(address, target):
    stream = _stream_at(address)
    try:
        array = next(stream.arrays, None)
        if array is None:
            ArrowArray.from_address(target).release = None
        else:
            array.move_to(target)
        return 0
    except BaseException as problem:
        return stream.fail(problem)


@CFUNCTYPE(c_void_p, c_void_p)
def _get_last_error(address):
    message = _stream_at(address).message
    return None if message is None else ctypes.addressof(message)


# ---- One column of a stream -------------------------------------------------------------------

# The engine's own functions behind its table streams, which are the same for all of them.
_native: dict = {}


def narrow_to_first_column(address: int) -> None:
    """Turns the engine's stream of one-column struct arrays into a stream of that column.

    Only the functions that give something are replaced, and these keep no state: the release stays
    the engine's own.
    """
    struct = ArrowArrayStream.from_address(address)
    _native["schema"], _native["next"] = _get(struct.get_schema), _get(struct.get_next)
    struct.get_schema = ctypes.cast(_get_column_schema, c_void_p)
    struct.get_next = ctypes.cast(_get_column, c_void_p)


def move_first_child(parent, target: int) -> None:
    """Moves the first child out; the interface lets it live on when its parent is released."""
    source = parent.children[0]
    kind = type(parent)
    ctypes.memmove(target, source, ctypes.sizeof(kind))
    kind.from_address(source).release = None


@_get
def _get_column_schema(address, target):
    whole = OwnedSchema()
    number = _native["schema"](address, whole.address)
    if not number:
        move_first_child(whole.struct, target)
    return number


@_get
def _get_column(address, target):
    whole = OwnedArray()
    number = _native["next"](address, whole.address)
    if not number:
        if whole.struct.release:
            move_first_child(whole.struct, target)
        else:
            ArrowArray.from_address(target).release = None
    return number
