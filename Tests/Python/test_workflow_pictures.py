"""Pictures of workflows and of runs, and totals of runs."""

import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import pytest

import parquetframe_swift as pfs

pytestmark = pytest.mark.skipif(not pfs.is_available(), reason="there is no engine")

# What each of the three languages would take for its own.
HOSTILE = ['a "b" <c> & d', "]] --> x\n  y[boo]", "<script>alert(1)</script>", "\\l\\", "ä → 中 \x01", "%%", "end"]


def workflow() -> pfs.Workflow:
    inner = pfs.Workflow("inner")
    inner.add_step("one", lambda: 1)
    inner.add_step("two", lambda one: one + 1, depends_on="one")
    wf = pfs.Workflow("picture <1>")
    wf.add_step("list", lambda: [1, 2, 3])
    wf.add_step("each", lambda number: number, depends_on="list", for_each="list", pool="io")
    wf.add_step("bad", lambda: 1 / 0, depends_on="each", on_failure="skip", retries=1, backoff=[0])
    wf.add_step("behind", lambda: 0, depends_on="bad")
    wf.add_workflow("part", inner, depends_on="list")
    for name in HOSTILE:
        wf.add_step(name, lambda: 0, depends_on="part")
    return wf


def elements(svg: str, name: str) -> list:
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return list(root.iter("{http://www.w3.org/2000/svg}" + name))


def test_a_graph_as_mermaid():
    wf = workflow()
    text = wf.to_mermaid()
    lines = text.splitlines()
    assert lines[0] == "flowchart LR" and "classDef" not in text
    boxes = [line for line in lines if re.match(r"^ *s\d+\[", line)]
    assert len(boxes) == len(wf.steps)
    assert sum("==>" in line for line in lines) == 1
    assert sum("subgraph" in line for line in lines) == 1 and "<script" not in text
    # A label ends where its line ends: nothing of a name is read as anything else.
    assert all(re.fullmatch(r' *s\d+(\[\["[^"]*"\]\]|\["[^"]*"\])', line) for line in boxes)
    assert wf._repr_mimebundle_()["text/vnd.mermaid"] == text


def test_a_graph_as_dot():
    wf = workflow()
    text = wf.to_dot()
    assert text.startswith('digraph "picture <1>" {') and text.rstrip().endswith("}")
    # Between quotes that are not escaped there is an even number of pieces.
    quotes = re.findall(r'(?<!\\)(?:\\\\)*"', text)
    assert len(quotes) % 2 == 0
    assert all(line.count('"') % 2 == 0 for line in text.replace('\\"', "").splitlines())


def test_states_become_colours():
    wf = workflow()
    result = wf.run()
    assert result.status == "partial"
    mermaid, dot = wf.to_mermaid(result), wf.to_dot(result)
    for state in ("succeeded", "failed", "skipped"):
        assert f"classDef {state} " in mermaid
    assert "classDef cancelled" not in mermaid
    assert len(set(re.findall(r'fillcolor="(#\w+)"', dot))) >= 3
    # The result of another workflow says nothing of this one.
    with pytest.raises(pfs.ArgumentError, match="another workflow"):
        pfs.Workflow("other").to_dot(result)


@pytest.mark.parametrize("width", [1000, 320, 0, 5000])
def test_a_timeline_is_an_image(width):
    result = workflow().run()
    svg = result.timeline_svg(width=width)
    root = ElementTree.fromstring(svg)
    assert root.get("width") == str(width or 1000)
    titles = "\n".join(title.text or "" for title in elements(svg, "title"))
    text = "\n".join("".join(text.itertext()) for text in elements(svg, "text"))
    assert "list" in titles + text and "picture <1>" in text
    assert not elements(svg, "script")
    assert result._repr_svg_().startswith("<svg")


def test_names_in_a_timeline_are_text():
    for name in HOSTILE:
        wf = pfs.Workflow(name)
        wf.add_step(name, lambda: 0)
        assert len(elements(wf.run().timeline_svg(), "title")) >= 1


def test_a_run_without_steps_has_pictures():
    wf = pfs.Workflow("empty")
    result = wf.run()
    ElementTree.fromstring(result.timeline_svg())
    assert wf.to_mermaid(result) == "flowchart LR\n" and wf.to_dot().startswith("digraph")


def test_totals_of_the_process():
    pfs.workflow_totals(reset=True)
    assert pfs.workflow_totals() == {"runs": {}, "steps": {}, "attempts": 0, "busy_time": 0, "wall_time": 0}
    wf = pfs.Workflow("totals")
    wf.add_step("good", lambda: 0)
    wf.add_step("bad", lambda: 1 / 0, depends_on="good", retries=2, backoff=[0])
    wf.add_step("behind", lambda: 0, depends_on="bad")
    runs = [wf.run(), wf.run()]
    # A result that is asked again is no other run.
    runs[0].to_dict()
    totals = pfs.workflow_totals()
    assert totals["runs"] == {"failed": 2} and totals["attempts"] == 8
    assert totals["steps"] == {"succeeded": 2, "failed": 2, "skipped": 2}
    assert totals["wall_time"] == pytest.approx(sum(run.wall_time for run in runs))
    assert pfs.workflow_totals(reset=True) == totals and pfs.workflow_totals()["runs"] == {}


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on the path")
def test_a_browser_draws_the_timeline(tmp_path):
    wf = pfs.Workflow("a <b> & \x01")
    wf.add_step("first & only", lambda: time.sleep(0.02))
    wf.add_step("bad", lambda: 1 / 0, on_failure="continue", retries=1)
    image = tmp_path / "run.svg"
    # So wide that each bar is one of its own, however busy the machine.
    image.write_text(wf.run().timeline_svg(width=50_000), encoding="utf-8")
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom", image.as_uri()]
    drawn = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert "parsererror" not in drawn
    assert "first &amp; only" in drawn and drawn.rstrip().endswith("</svg>")
