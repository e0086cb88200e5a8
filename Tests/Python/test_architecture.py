"""The tables of `Specs/architecture.md` against `Package.swift` and the import lines."""

import json
import re
import subprocess

import pytest
from conftest import ROOT

PAGE = (ROOT / "Specs" / "architecture.md").read_text()
IMPORT = re.compile(r"^\s*(?:@\w+\s+)*(?:\w+\s+)?import\s+(?:struct |class |enum |func )?(\w+)", re.M)
TOP_LEVEL = {"Benchmarks", "Package.swift", "README.md", "Sources", "Specs", "Tests"}


def rows(header: str) -> list:
    """The cells of the table under the header row `header`."""
    lines = PAGE[PAGE.index(header):].splitlines()[2:]
    body = lines[:next((i for i, line in enumerate(lines) if not line.startswith("|")), None)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def names(cell: str) -> list:
    return re.findall(r"`([\w/]+)`", cell)


MODULES = {names(row[0])[0]: names(row[1]) for row in rows("| module | imports |")}
TOOLCHAIN = {
    name: names(row[1]) for row in rows("| toolchain module | where |") for name in names(row[0])}


def imports_of(module: str) -> list:
    """(file below Sources, imported module) of every import line."""
    found = []
    for path in sorted((ROOT / "Sources" / module).rglob("*.swift")):
        relative = path.relative_to(ROOT / "Sources").as_posix()
        found += [(relative, name) for name in IMPORT.findall(path.read_text())]
    return found


@pytest.fixture(scope="module")
def package():
    done = subprocess.run(
        ["swift", "package", "dump-package"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def settings(package):
    """{target: {setting: its values}}, such as {"treatAllWarnings": ["error"]}."""
    found = {}
    for target in package["targets"]:
        kinds = found.setdefault(target["name"], {})
        for setting in target["settings"]:
            for kind, value in setting["kind"].items():
                kinds.setdefault(kind, []).append(value.get("_0"))
    return found


def test_the_page_names_every_module():
    folders = {path.name for path in (ROOT / "Sources").iterdir() if list(path.rglob("*.swift"))}
    assert folders == set(MODULES)


def test_arrows_point_down():
    order = list(MODULES)
    for module, below in MODULES.items():
        assert all(order.index(name) > order.index(module) for name in below), module


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_what_its_row_names(module):
    for path, name in imports_of(module):
        if name in MODULES:
            assert name in MODULES[module], f"{path} imports {name}"
        elif module != "pframe":
            assert name in TOOLCHAIN, f"{path} imports {name}"
            folders = TOOLCHAIN[name]
            assert not folders or path.startswith(tuple(f"{folder}/" for folder in folders)), (
                f"{path} imports {name}")


def test_the_manifest_has_the_same_arrows(package):
    for target in package["targets"]:
        if target["name"] in MODULES:
            found = {dependency["byName"][0] for dependency in target["dependencies"]}
            assert found == set(MODULES[target["name"]]), target["name"]


def test_a_target_names_all_that_its_modules_stand_on(package):
    """Else a build after a change keeps what was compiled for the old layout of a type."""
    for target in package["targets"]:
        found = {next(iter(named.values()))[0] for named in target["dependencies"]}
        assert {below for module in found for below in MODULES[module]} <= found, target["name"]


def test_no_package_and_no_c_target(package):
    assert package["dependencies"] == []
    assert {target["type"] for target in package["targets"]} == {"regular", "executable", "test"}
    assert not [
        path for folder in ("Sources", "Tests", "Benchmarks/Native")
        for path in (ROOT / folder).rglob("*.modulemap")]


def test_every_target_is_strict(package, settings):
    for target in package["targets"]:
        kinds = settings[target["name"]]
        assert kinds["swiftLanguageMode"] == ["6"], target["name"]
        assert kinds["treatAllWarnings"] == ["error"], target["name"]
        assert "strictMemorySafety" in kinds and "unsafeFlags" not in kinds, target["name"]


def test_the_top_level_is_the_one_of_the_page():
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
        stdout=subprocess.PIPE, text=True).stdout.splitlines()
    top = {path.split("/")[0] for path in tracked}
    assert {name for name in top if not name.startswith(".")} == TOP_LEVEL
    assert {names(row[0])[0] for row in rows("| folder | what is in it |")} | {
        "Package.swift", "README.md"} == TOP_LEVEL


def test_the_page_names_the_rooms_of_the_parquet_reader():
    named = set()
    for row in rows("| room | what is in it |"):
        first, *others = names(row[0])
        module = first.split("/")[0]
        named |= {first, *(f"{module}/{other}" for other in others)}
    assert all((ROOT / "Sources" / room).is_dir() for room in named)
    rooms = {path for path in (ROOT / "Sources" / "PFParquet").iterdir() if path.is_dir()}
    assert {f"PFParquet/{path.name}" for path in rooms} <= named


def test_fuzzing_compiles_modules_in_the_order_of_their_imports():
    text = (ROOT / "Tests/Fuzz/run").read_text()
    order = re.search(r"^modules=\(([^)]*)\)", text, re.MULTILINE).group(1).split()
    assert set(order) == {name for name in MODULES if name.startswith("PF") or name == "ParquetFrame"}
    for module in order:
        assert all(order.index(name) < order.index(module) for name in MODULES[module]), module
