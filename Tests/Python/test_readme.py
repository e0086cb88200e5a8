"""The commands and examples of `README.md`, run as they stand; their output is the page's.

A comment above a fenced block says what it is: `run: NAME` for commands, `file: NAME` for a file of
an example, `output: NAME` for what it prints.
"""

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = {
    (kind, name): text
    for kind, name, text in re.findall(
        r"^<!-- (run|file|output): (\S+) -->\n```\w+\n(.*?)^```$", README, re.M | re.S)}
SCRATCH = ROOT / ".build" / "readme"


def output_of(*command) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "COLUMNS": "120"}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def same(found: str, name: str) -> None:
    """Equal but for spaces at the ends of lines, which editors take away."""
    lines = [line.rstrip() for line in found.rstrip().splitlines()]
    assert lines == BLOCKS["output", name].splitlines()


def test_the_first_command():
    same(output_of("bash", "-ec", BLOCKS["run", "head"]), "head")


def test_the_workflow_command(tmp_path):
    (tmp_path / "rides.json").write_text(BLOCKS["file", "rides.json"])
    command = BLOCKS["run", "flow"].replace("rides.json", str(tmp_path / "rides.json"))
    same(output_of("bash", "-ec", command), "flow")


def test_the_swift_example():
    package = SCRATCH / "swift"
    package.mkdir(parents=True, exist_ok=True)
    manifest = BLOCKS["file", "Package.swift"]
    assert "../ParquetFrame" in manifest
    (package / "Package.swift").write_text(manifest.replace("../ParquetFrame", str(ROOT)))
    (package / "main.swift").write_text(BLOCKS["file", "main.swift"])
    build = ["swift", "build", "--package-path", str(package)]
    output_of(*build)
    folder = output_of(*build, "--show-bin-path").strip()
    same(output_of(f"{folder}/Rides"), "swift")


def test_the_python_example(tmp_path):
    (tmp_path / "example.py").write_text(BLOCKS["file", "example.py"])
    same(output_of(sys.executable, str(tmp_path / "example.py")), "python")


def test_the_csv_example(tmp_path):
    (tmp_path / "csv_example.py").write_text(BLOCKS["file", "csv.py"])
    same(output_of(sys.executable, str(tmp_path / "csv_example.py")), "csv")


def test_the_avro_example(tmp_path):
    (tmp_path / "avro_example.py").write_text(BLOCKS["file", "avro.py"])
    same(output_of(sys.executable, str(tmp_path / "avro_example.py")), "avro")


@pytest.mark.parametrize("name", ["graph", "names"])
def test_the_graph_examples(tmp_path, name):
    (tmp_path / f"{name}_example.py").write_text(BLOCKS["file", f"{name}.py"])
    same(output_of(sys.executable, str(tmp_path / f"{name}_example.py")), name)


def test_the_workflow_example(tmp_path):
    (tmp_path / "workflow_example.py").write_text(BLOCKS["file", "workflow.py"])
    same(output_of(sys.executable, str(tmp_path / "workflow_example.py")), "workflow")


def test_the_example_of_a_definition(tmp_path):
    definition, example = BLOCKS["file", "rides.yml"], BLOCKS["file", "rides.py"]
    assert "folder: out\n" in definition and '"rides.yml"' in example
    (tmp_path / "rides.yml").write_text(definition.replace("folder: out\n", f"folder: {tmp_path / 'out'}\n"))
    (tmp_path / "rides.py").write_text(example.replace('"rides.yml"', repr(str(tmp_path / "rides.yml"))))
    same(output_of(sys.executable, str(tmp_path / "rides.py")), "rides")
    assert (tmp_path / "out" / "cities.parquet").exists()


def test_the_c_example(tmp_path):
    (tmp_path / "example.c").write_text(BLOCKS["file", "example.c"])
    commands = re.sub(r"(\./)?\bexample\b", str(tmp_path / "example"), BLOCKS["run", "c"])
    same(output_of("bash", "-ec", commands).splitlines()[-1], "c")  # behind what the build says


def test_the_sample_is_what_its_script_makes():
    import pyarrow.parquet as pq

    sys.path.insert(0, str(ROOT / "Tests" / "Fixtures"))
    import make_sample

    assert pq.read_table(make_sample.PATH).equals(make_sample.table())


@pytest.mark.parametrize("page", ["README.md", "Specs/architecture.md", "Specs/parquet.md", "Specs/workflow.md", "Benchmarks/README.md"])
def test_links_and_paths_lead_somewhere(page):
    text = (ROOT / page).read_text()
    folder = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (folder / link).exists(), link
    for path in re.findall(r"`((?:Sources|Tests|Specs)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path
