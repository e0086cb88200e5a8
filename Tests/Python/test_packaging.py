"""The build backend: wheels, the source distribution, metadata."""

import base64
import email
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest
from conftest import ROOT, SOURCES

from parquetframe_swift import __version__, _ffi


@pytest.fixture(scope="module")
def backend():
    spec = importlib.util.spec_from_file_location("backend", SOURCES / "_build" / "backend.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def wheel(backend, tmp_path, monkeypatch):
    """A wheel around the library that the tests run with."""
    monkeypatch.setenv("PARQUETFRAME_SWIFT_LIBRARY", _ffi.library_path())
    return tmp_path / backend.build_wheel(str(tmp_path))


@pytest.fixture
def pure(backend, tmp_path, monkeypatch):
    """A wheel of a machine without Swift."""
    monkeypatch.delenv("PARQUETFRAME_SWIFT_LIBRARY", raising=False)
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    return tmp_path / backend.build_wheel(str(tmp_path))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
def test_pyproject_is_read_as_a_toml_reader_reads_it(backend):
    import tomllib

    tables = tomllib.loads((SOURCES / "pyproject.toml").read_text())
    extras = tables["project"].pop("optional-dependencies")
    assert backend._tables()["project"] == tables["project"]
    assert backend._tables()["project.optional-dependencies"] == extras
    assert tables["build-system"]["requires"] == []


def test_one_version(backend):
    assert backend._project()["version"] == __version__


def test_record_lists_every_file_with_its_hash(wheel):
    with zipfile.ZipFile(wheel) as archive:
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        lines = dict(line.split(",", 1) for line in archive.read(record).decode().splitlines())
        assert set(lines) == set(archive.namelist())
        for name, rest in lines.items():
            if name == record:
                assert rest == ","
                continue
            data = archive.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert rest == f"sha256={digest},{len(data)}"


def test_the_wheel_holds_the_package_and_the_library(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert f"parquetframe_swift/{_ffi.LIBRARY_NAME}" in names
        assert {"parquetframe_swift/__init__.py", "parquetframe_swift/py.typed"} <= set(names)
        assert not [name for name in names if "__pycache__" in name or name.endswith(".new")]
        modules = (SOURCES / "parquetframe_swift").rglob("*.py")
        assert {path.relative_to(SOURCES).as_posix() for path in modules} <= set(names)
        facts = archive.read(next(name for name in names if name.endswith("/WHEEL"))).decode()
    assert "Root-Is-Purelib: false" in facts
    if sys.platform == "linux":
        assert "py3-none-manylinux_2_34_" in wheel.name and "Tag: py3-none-manylinux_2_34_" in facts


def test_metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()
    metadata = email.message_from_string(text)
    assert metadata["Name"] == "parquetframe-swift" and metadata["Version"] == __version__
    assert metadata["Requires-Python"] == ">=3.9"
    assert {"pandas", "pyarrow", "polars", "yaml", "rich"} <= set(metadata.get_all("Provides-Extra"))
    assert all("extra ==" in line for line in metadata.get_all("Requires-Dist"))


def test_wheels_are_reproducible(backend, wheel, tmp_path):
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / backend.build_wheel(str(tmp_path / "again"))
    assert again.read_bytes() == wheel.read_bytes()


def test_without_swift_the_wheel_is_pure_and_works(pure, flat_path):
    assert pure.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(pure) as archive:
        assert not [name for name in archive.namelist() if name.endswith((".so", ".dylib"))]
        archive.extractall(pure.parent / "installed")
    code = f"import parquetframe_swift as p; print(p.is_available(), p.row_count({flat_path!r}), p.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(pure.parent / "installed")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.PIPE)
    assert done.stdout.decode().split() == [
        "False", "1000", str(pure.parent / "installed" / "parquetframe_swift" / "__init__.py")]


def test_the_source_distribution_carries_the_engine(backend, tmp_path):
    name = backend.build_sdist(str(tmp_path))
    with tarfile.open(tmp_path / name) as archive:
        names = {entry.split("/", 1)[1] for entry in archive.getnames()}
    assert {"PKG-INFO", "pyproject.toml", "_build/backend.py", "_build/sections.ld", "engine/Package.swift",
            "engine/Specs/parquetframe.h", "parquetframe_swift/__init__.py"} <= names
    swift = {str(path.relative_to(ROOT)) for path in (ROOT / "Sources").rglob("*.swift")}
    assert {f"engine/{path}" for path in swift} <= names
    assert not [entry for entry in names if ".build" in entry or "engine/Sources/Python" in entry]


@pytest.mark.skipif(not shutil.which("swift"), reason="there is no Swift toolchain")
def test_the_engine_of_the_source_distribution_has_all_that_its_manifest_names(backend, tmp_path):
    name = backend.build_sdist(str(tmp_path))
    with tarfile.open(tmp_path / name) as archive:
        archive.extractall(tmp_path)
    engine = tmp_path / name.replace(".tar.gz", "") / "engine"
    subprocess.run(["swift", "package", "--package-path", engine, "describe"], check=True)


def test_the_library_is_small_and_exports_its_functions_alone():
    library = _ffi.library_path()
    with open(library, "rb") as file:
        content = file.read()
    if b".symtab" in content or sys.platform != "linux":
        pytest.skip("not the library of a wheel: it has its symbols")
    assert len(content) <= 9_000_000
    listed = subprocess.run(["nm", "-D", "--defined-only", library], check=True, stdout=subprocess.PIPE)
    names = {line.split()[-1] for line in listed.stdout.decode().splitlines()}
    assert names == {name for name, _, _ in _ffi.DECLARATIONS}
    assert max(int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", content)) <= 34


def test_what_the_library_is_linked_without_is_not_used():
    # The build puts nothing in place of `_swift_stdlib_getScalarName`.
    swift = [path for path in (ROOT / "Sources").rglob("*.swift") if "pframe" not in path.parts]
    assert not [path for path in swift if re.search(r"\.properties\.name\b", path.read_text(encoding="utf-8"))]


def test_an_editable_wheel_points_here(backend, tmp_path, monkeypatch):
    monkeypatch.delenv("PARQUETFRAME_SWIFT_LIBRARY", raising=False)
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    name = backend.build_editable(str(tmp_path))
    with zipfile.ZipFile(tmp_path / name) as archive:
        pth = next(entry for entry in archive.namelist() if entry.endswith(".pth"))
        assert archive.read(pth).decode().strip() == str(SOURCES)
