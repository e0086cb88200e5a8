"""Builds the wheel and the source distribution (PEP 517, PEP 660) with the standard library alone.

The shared library is built by the Swift toolchain. Where there is none, the wheel is pure Python
and works through its fallbacks. `PARQUETFRAME_SWIFT_LIBRARY` names a library to pack instead.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import time
import zipfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = "parquetframe_swift"
LIBRARY = "libparquetframe.dylib" if sys.platform == "darwin" else "libparquetframe.so"
# What the engine is built from, below the root of its package.
ENGINE_PARTS = ("Package.swift", "Sources", "Tests", "Benchmarks/Native", "Specs/parquetframe.h")
# glibc 2.34 moved libpthread and libdl into libc, which the Swift runtime was linked against.
OLDEST_GLIBC_MINOR = 34


# ---- Hooks ------------------------------------------------------------------------------------


def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_sdist = get_requires_for_build_wheel
get_requires_for_build_editable = get_requires_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    library = _library()
    wheel = _Wheel(wheel_directory, _tag(library))
    for path in _package_files():
        wheel.add_file(os.path.join(HERE, path), path)
    if library:
        wheel.add_file(library, f"{PACKAGE}/{LIBRARY}")
    return wheel.close()


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    library = _library()
    if library:
        _replace(library, os.path.join(HERE, PACKAGE, LIBRARY))
    wheel = _Wheel(wheel_directory, _tag(library))
    wheel.add(f"_{PACKAGE}_editable.pth", (HERE + "\n").encode())
    return wheel.close()


def build_sdist(sdist_directory, config_settings=None):
    project = _project()
    base = f"{_escaped(project['name'])}-{project['version']}"
    name = f"{base}.tar.gz"
    with tarfile.open(os.path.join(sdist_directory, name), "w:gz", format=tarfile.PAX_FORMAT) as archive:

        def add(data: bytes, path: str) -> None:
            entry = tarfile.TarInfo(f"{base}/{path}")
            entry.size, entry.mode, entry.mtime = len(data), 0o644, _epoch()
            archive.addfile(entry, io.BytesIO(data))

        add(_metadata().encode(), "PKG-INFO")
        own = ["pyproject.toml", "README.md", "_build/backend.py", "_build/exports.map", "_build/sections.ld"]
        for path in [*own, *_package_files()]:
            add(_read(os.path.join(HERE, path)), path)
        root = _engine_root()
        for path in _engine_files(root) if root else ():
            add(_read(os.path.join(root, path)), f"engine/{path}")
    return name


# ---- The library ------------------------------------------------------------------------------


def _engine_root():
    """Where Package.swift is: inside a source distribution, or two levels up in the repository."""
    for root in (os.path.join(HERE, "engine"), os.path.dirname(os.path.dirname(HERE))):
        if os.path.isfile(os.path.join(root, "Package.swift")):
            return root
    return None


def _engine_files(root):
    found = []
    for part in ENGINE_PARTS:
        if os.path.isfile(os.path.join(root, part)):
            found.append(part)
        for folder, folders, names in os.walk(os.path.join(root, part)):
            relative = os.path.relpath(folder, root)
            folders[:] = [name for name in folders if not name.startswith(".")]
            if relative == part:
                folders[:] = [name for name in folders if name != "Python"]
            found += [os.path.join(relative, name) for name in names if name.endswith((".swift", ".h", ".map"))]
    return sorted(found)


def _library():
    """The path of a fresh shared library, or None where none can be built here."""
    given = os.environ.get("PARQUETFRAME_SWIFT_LIBRARY")
    if given:
        return given
    root, swift = _engine_root(), shutil.which("swift")
    if not root or not swift:
        print("parquetframe_swift: no Swift toolchain; the wheel will be pure Python", file=sys.stderr)
        return None
    scratch = os.path.join(root, ".build", "python")
    command = [
        swift, "build", "-c", "release", "--product", "parquetframe", "--scratch-path", scratch]
    if sys.platform != "darwin":
        exports, sections = (os.path.join(HERE, "_build", name) for name in ("exports.map", "sections.ld"))
        # Without the implicit import of string processing its regex engine, a megabyte, stays out;
        # without that of concurrency its runtime and Dispatch: helpers are threads of our own.
        # A section for each function lets the linker drop those that nothing calls.
        for flag in ("-static-stdlib", "-use-ld=lld", "-Xfrontend",
                     "-disable-implicit-string-processing-module-import", "-Xfrontend",
                     "-disable-implicit-concurrency-module-import", "-Xfrontend", "-function-sections"):
            command += ["-Xswiftc", flag]
        # Two functions of the Swift runtime that nothing here calls: the C library's overlay mentions
        # hypotf, whose newest version alone would ask for glibc 2.35, and the names of Unicode's
        # characters (`Unicode.Scalar.Properties.name`) are half a megabyte.
        for flag in (f"--version-script={exports}", sections, "--no-eh-frame-hdr", "--gc-sections", "--icf=all",
                     "-s", "--defsym=hypotf=0", "--defsym=_swift_stdlib_getScalarName=0"):
            command += ["-Xlinker", flag]
    print("parquetframe_swift:", *command, file=sys.stderr)
    # Package.swift compiles some modules for size then.
    variables = {**os.environ, "PARQUETFRAME_SMALL": "1"}
    subprocess.run(command, cwd=root, check=True, stdout=sys.stderr, env=variables)
    where = subprocess.run(
        [*command, "--show-bin-path"], cwd=root, check=True, stdout=subprocess.PIPE, env=variables)
    return os.path.join(where.stdout.decode().strip(), LIBRARY)


def _tag(library) -> str:
    if library is None:
        return "py3-none-any"
    machine = platform.machine()
    if sys.platform == "darwin":
        return f"py3-none-macosx_13_0_{machine}"
    if platform.libc_ver()[0] != "glibc":
        return f"py3-none-linux_{machine}"
    needed = [int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", _read(library))]
    return f"py3-none-manylinux_2_{max([OLDEST_GLIBC_MINOR, *needed])}_{machine}"


# ---- Files and metadata -----------------------------------------------------------------------


def _package_files():
    found = []
    for folder, folders, names in os.walk(os.path.join(HERE, PACKAGE)):
        folders[:] = [name for name in folders if name != "__pycache__"]
        relative = os.path.relpath(folder, HERE)
        found += [f"{relative}/{name}" for name in names if name.endswith((".py", ".pyi", ".typed"))]
    return sorted(found)


def _read(path) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _replace(source, target) -> None:
    """Copies in one step: a process that has the old library open keeps it."""
    shutil.copyfile(source, target + ".new")
    os.replace(target + ".new", target)


def _epoch() -> int:
    return int(os.environ.get("SOURCE_DATE_EPOCH", "315532800"))  # 1980, the first that zip can hold


def _escaped(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def _tables() -> dict:
    """The tables of pyproject.toml. Python 3.9 has no TOML reader; ours are written so that each
    value is a Python literal too: strings and lists of strings.
    """
    tables: dict = {}
    current: dict = {}
    text = _read(os.path.join(HERE, "pyproject.toml")).decode()
    for head, key, value in re.findall(r"(?m)^\[(.+)\]$|^([\w-]+) = (\[[^]]*\n\]|.+)$", text):
        if head:
            current = tables.setdefault(head, {})
        else:
            current[key] = ast.literal_eval(value)
    return tables


def _project() -> dict:
    return _tables()["project"]


def _metadata() -> str:
    project = _project()
    lines = [
        "Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}",
        f"Summary: {project['description']}", f"Requires-Python: {project['requires-python']}",
        f"Keywords: {','.join(project['keywords'])}",
        *(f"Classifier: {classifier}" for classifier in project["classifiers"]),
    ]
    for extra, requirements in _tables()["project.optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f'Requires-Dist: {requirement} ; extra == "{extra}"' for requirement in requirements]
    lines += ["Description-Content-Type: text/markdown", ""]
    return "\n".join(lines) + "\n" + _read(os.path.join(HERE, project["readme"])).decode()


class _Wheel:
    """A wheel that is being written."""

    def __init__(self, directory, tag: str) -> None:
        project = _project()
        base = f"{_escaped(project['name'])}-{project['version']}"
        self.tag = tag
        self.info = f"{base}.dist-info"
        self.name = f"{base}-{tag}.whl"
        self.record: list = []
        self.archive = zipfile.ZipFile(os.path.join(directory, self.name), "w", zipfile.ZIP_DEFLATED)

    def add_file(self, source, path: str) -> None:
        self.add(path, _read(source), executable=bool(os.stat(source).st_mode & stat.S_IXUSR))

    def add(self, path: str, data: bytes, executable: bool = False) -> None:
        entry = zipfile.ZipInfo(path, time.gmtime(_epoch())[:6])
        entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.archive.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{path},sha256={digest},{len(data)}")

    def close(self) -> str:
        pure = "true" if self.tag.endswith("-any") else "false"
        self.add(f"{self.info}/METADATA", _metadata().encode())
        self.add(
            f"{self.info}/WHEEL",
            f"Wheel-Version: 1.0\nGenerator: parquetframe_swift\nRoot-Is-Purelib: {pure}\nTag: {self.tag}\n".encode())
        record = f"{self.info}/RECORD"
        self.record.append(f"{record},,")
        self.archive.writestr(
            zipfile.ZipInfo(record, (1980, 1, 1, 0, 0, 0)), "\n".join(self.record) + "\n")
        self.archive.close()
        return self.name
