"""The header, the library's symbols and the Python declarations say the same."""

import ctypes
import re
import shutil
import subprocess

from conftest import ROOT

from parquetframe_swift import _arrow, _ffi

HEADER = re.sub(r"/\*.*?\*/", "", (ROOT / "Specs" / "parquetframe.h").read_text(), flags=re.S)


def prototypes() -> dict:
    """name: (result, arguments) of each function in the header, in C."""
    found = {}
    for result, name, arguments in re.findall(r"^([\w ]+?[ *]+)(pf_\w+)\(([^)]*)\);", HEADER, re.M):
        parts = [] if arguments.strip() == "void" else arguments.split(",")
        found[name] = (result.strip(), [" ".join(part.split()) for part in parts])
    return found


def in_c(kind) -> set:
    """What a declared ctypes type may stand for in the header."""
    pointer = {"pointer"}
    return {
        None: {"void"}, ctypes.c_int32: {"int32_t"}, ctypes.c_int64: {"int64_t"},
        ctypes.c_uint64: {"pf_handle"}, ctypes.c_double: {"double"}, ctypes.c_char_p: pointer, ctypes.c_void_p: pointer,
        _ffi.READ_FUNCTION: {"pf_read_function"}, _ffi.WRITE_FUNCTION: {"pf_write_function"},
        _ffi.RELEASE_FUNCTION: {"pf_release_function"}, _ffi.LOG_FUNCTION: {"pf_log_function"},
        _ffi.PROGRESS_FUNCTION: {"pf_progress_function"}, _ffi.BOUND_FUNCTION: {"pf_bound_function"},
    }.get(kind, pointer)


def kind_of(declaration: str) -> str:
    return "pointer" if "*" in declaration else declaration.split()[0]


def test_every_function_of_the_header_is_declared_and_no_other():
    assert [name for name, _, _ in _ffi.DECLARATIONS] == list(prototypes())


def test_declared_types_match_the_header():
    written = prototypes()
    for name, result, arguments in _ffi.DECLARATIONS:
        c_result, c_arguments = written[name]
        assert kind_of(c_result) in in_c(result), name
        assert len(arguments) == len(c_arguments), name
        for declared, in_header in zip(arguments, c_arguments):
            assert kind_of(in_header) in in_c(declared), f"{name}: {in_header}"


def test_integer_pointers_have_the_width_of_the_header():
    widths = {"int32_t": ctypes.c_int32, "int64_t": ctypes.c_int64, "pf_handle": ctypes.c_uint64}
    written = prototypes()
    for name, _, arguments in _ffi.DECLARATIONS:
        for declared, in_header in zip(arguments, written[name][1]):
            word = in_header.replace("const ", "").split()[0]
            if word in widths and "*" in in_header:
                assert declared is ctypes.POINTER(widths[word]), f"{name}: {in_header}"


def test_the_library_exports_these_functions_alone():
    nm = shutil.which("nm") or shutil.which("llvm-nm")
    listing = subprocess.run(
        [nm, "-D", "--defined-only", _ffi.library_path()], check=True, stdout=subprocess.PIPE)
    symbols = {line.split()[-1] for line in listing.stdout.decode().splitlines()}
    assert symbols == set(prototypes())


def test_structs_have_the_fields_of_the_header():
    for kind in (_arrow.ArrowSchema, _arrow.ArrowArray, _arrow.ArrowArrayStream):
        body = re.search(rf"struct {kind.__name__} \{{(.*?)\n\}};", HEADER, re.S).group(1)
        names = re.findall(r"\(\*(\w+)\)|(\w+);", body)
        assert [a or b for a, b in names] == [name for name, _ in kind._fields_]
