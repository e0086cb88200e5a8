"""Definitions as people write them: flat and nested, with datasets by name and variables."""

import json

import pytest

import parquetframe_swift as pfs
from parquetframe_swift._workflow import forms

pytestmark = pytest.mark.skipif(not pfs.is_available(), reason="there is no engine")

CSV = "date,product,amount,region,note\n" + "".join(
    f"2024-01-0{day},p{day % 3},{day * 40},{'North' if day % 2 else 'South'},x\n" for day in range(1, 8))

BASIC = """
name: "Basic Data Processing Workflow"
description: "Filtering and aggregation"
variables:
  input_file: "{folder}/sales.csv"
  output_dir: "{folder}/results"
  min_amount: 100
steps:
  - name: "load_sales_data"
    type: "read"
    input: "${{input_file}}"
    output: "sales"
  - name: "filter_high_value"
    type: "filter"
    input: "sales"
    query: "amount >= ${{min_amount}}"
    output: "high_value_sales"
  - name: "select_key_columns"
    type: "select"
    input: "high_value_sales"
    columns: ["date", "product", "amount", "region"]
    output: "clean_sales"
  - name: "regional_summary"
    type: "groupby"
    input: "clean_sales"
    by: ["region"]
    agg:
      amount: ["sum", "mean", "count"]
      product: "nunique"
    output: "region_stats"
  - name: "save_summary"
    type: "save"
    input: "region_stats"
    output: "${{output_dir}}/summary_${{min_amount}}.parquet"
"""


def connections(definition, inputs=None):
    """{step: dependencies} of a definition."""
    form = forms.read(definition, inputs)
    assert form.problems == []
    return {step["name"]: step.get("depends_on", []) for step in form.steps}


def problems(definition, handlers=None):
    with pytest.raises(pfs.ArgumentError) as caught:
        pfs.Workflow.from_dict(definition, handlers).validate()
    return caught.value.details["problems"]


def test_the_flat_form_runs_as_it_stands(tmp_path):
    pytest.importorskip("yaml")
    (tmp_path / "sales.csv").write_text(CSV)
    (tmp_path / "wf.yml").write_text(BASIC.format(folder=tmp_path))
    wf = pfs.Workflow.from_yaml(tmp_path / "wf.yml")
    assert wf.name == "Basic Data Processing Workflow"
    assert wf.levels == [["load_sales_data"], ["filter_high_value"], ["select_key_columns"], ["regional_summary"],
                         ["save_summary"]]
    result = wf.run().raise_for_status()
    assert pfs.read_parquet(tmp_path / "results" / "summary_100.parquet").to_pydict() == {
        "region": ["North", "South"], "amount_sum": [600, 400], "amount_mean": [200.0, 200.0],
        "amount_count": [3, 2], "product": [3, 2]}
    # What the run is given goes before the definition's own, and each run has its own.
    result = wf.run({"min_amount": 250, "other": object()}).raise_for_status()
    assert result["regional_summary"]["amount_sum"].to_pylist() == [280]
    assert (tmp_path / "results" / "summary_250.parquet").exists()
    assert wf.run().raise_for_status()["regional_summary"]["amount_sum"].to_pylist() == [600, 400]


def test_the_pipeline_form_runs_as_it_stands(tmp_path):
    definition = {
        "version": "pf/v1", "config": {"stop_on_failure": True},
        "steps": [
            {"name": "fetch_data", "type": "http.get", "params": {"url": "https://…"}, "output": "raw_posts"},
            {"name": "filter_posts", "type": "datafusion.sql", "inputs": ["raw_posts"],
             "params": {"sql": 'SELECT * FROM raw_posts WHERE "userId" = 1'}, "output": "filtered_posts"},
            {"name": "save_results", "type": "parquet.write", "input": "filtered_posts",
             "params": {"path": str(tmp_path / "posts.parquet")}},
            {"name": "again", "type": "parquet.read", "depends_on": ["save_results"],
             "params": {"path": str(tmp_path / "posts.parquet")}}]}
    definition["steps"].pop()
    (tmp_path / "wf.json").write_text(json.dumps(definition))

    def get(operation, name, config, ctx):
        import pyarrow as pa

        return pa.table({"userId": [1, 2, 1], "title": ["a", "b", "c"]})

    wf = pfs.Workflow.from_json(tmp_path / "wf.json", {"http.get": get})
    result = wf.run().raise_for_status()
    assert result["filter_posts"]["title"].to_pylist() == ["a", "c"]
    assert pfs.read_parquet(tmp_path / "posts.parquet").num_rows == 2


def test_steps_of_the_original_need_no_names_and_no_datasets(tmp_path):
    (tmp_path / "sales.csv").write_text(CSV)
    wf = pfs.Workflow.from_dict({"steps": [
        {"type": "csv.read", "input": str(tmp_path / "sales.csv")},
        {"type": "filter", "query": "amount > 100"},
        {"type": "sort", "by": "amount", "descending": True},
        {"type": "limit", "limit": 1},
        {"type": "save", "output": str(tmp_path / "most.csv")}]})
    assert wf.steps == ["step_0", "step_1", "step_2", "step_3", "step_4"]
    assert wf.levels == [[name] for name in wf.steps]
    wf.run().raise_for_status()
    assert pfs.read_csv(tmp_path / "most.csv")["amount"].to_pylist() == [280]


def test_datasets_make_dependencies():
    read = {"type": "read", "input": "a.csv"}
    assert connections({"steps": [
        {**read, "name": "one", "output": "a"}, {**read, "name": "two", "output": "b"},
        {"name": "both", "type": "join", "left": "a", "right": "b", "on": "id", "output": "joined"},
        {"name": "narrow", "type": "select", "input": "a", "columns": "id"},
        {"name": "late", "type": "limit", "input": "a", "limit": 1, "output": "c"},
        {"name": "sum", "type": "concat", "inputs": ["c", "joined", "late"], "depends_on": ["two", "late"]},
    ]}) == {
        "one": [], "two": [], "both": ["one", "two"], "narrow": ["one"],
        # Without an output a step puts its table in the place of its input.
        "late": ["narrow"], "sum": ["late", "both", "late", "two"]}
    # A dataset may be made further down; a step may be named in the place of a dataset.
    assert connections({"steps": [
        {"name": "use", "type": "limit", "input": "data_of_other", "limit": 1},
        {"name": "other", "type": "read", "input": "a.csv", "output": "data_of_other"},
        {"name": "more", "type": "limit", "input": "use", "limit": 1}]}) == {
            "use": ["other"], "other": [], "more": ["use"]}


def test_steps_see_datasets_by_their_names():
    def make(operation, name, config, ctx):
        return config["value"]

    def add(operation, name, config, ctx):
        assert ctx["a"] == ctx["first"] and set(ctx.dependencies) == {"first", "second", "a", "b"}
        return ctx["a"] + ctx["b"]

    wf = pfs.Workflow.from_dict({"steps": [
        {"name": "first", "type": "make", "value": 1, "output": "a"},
        {"name": "second", "type": "make", "params": {"value": 2}, "output": "b"},
        {"name": "sum", "type": "add", "inputs": ["a", "b"]}]}, {"make": make, "add": add})
    assert wf.run().raise_for_status()["sum"] == 3


def test_variables():
    definition = {
        "variables": {"n": 5, "folder": "out", "file": "${folder}/a.csv", "needed": None, "flag": True},
        "settings": {"timeout_ms": "${ms}"},
        "steps": [{"name": "${folder}", "type": "x", "params": {
            "n": "${n}", "text": "n is ${n}", "file": "${file}", "list": ["${flag}", "$n", "$unknown", "$${n}"],
            "key ${n}": "${needed}"}}]}
    form = forms.read(definition, {"needed": [1, 2], "ms": 1500})
    assert form.problems == [] and form.settings == {"timeout": 1.5}
    assert form.steps == [{"name": "out", "operation": "x", "parameters": {
        "n": 5, "text": "n is 5", "file": "out/a.csv", "list": [True, "5", "$unknown", "${n}"],
        "key 5": [1, 2]}}]
    assert form.used == {"n", "folder", "file", "needed", "flag", "unknown", "ms"}
    assert forms.read(definition, {"ms": 1, "folder": "in", "needed": 0}).steps[0]["parameters"]["file"] == "in/a.csv"
    assert forms.read({"variables": {"amount": 1}, "steps": [
        {"name": "a", "type": "x", "params": {"p": "${amuont}", "q": ["${needed}"]}}]}).problems == [
            "step 'a', params.p: variable 'amuont' is not known; did you mean 'amount'?",
            "step 'a', params.q[0]: variable 'needed' is not known"]
    wf = pfs.Workflow.from_dict(
        {"variables": {"path": None}, "steps": [{"name": "a", "type": "read", "input": "${path}"}]})
    with pytest.raises(pfs.ArgumentError, match="'path' has no value, and the run gave none"):
        wf.run()
    wf.validate({"path": "a.csv"})
    assert "no such file" in str(wf.run({"path": "a.csv"}).error)


def test_options_of_steps():
    form = forms.read({"config": {"stop_on_failure": False, "max_parallel": 2}, "steps": [
        {"name": "a", "type": "x", "timeout_ms": 250, "resource_hint": "io_bound", "description": "first",
         "retry_policy": {"max_attempts": 3, "backoff_ms": [1, 2]}},
        {"name": "b", "type": "x", "on_failure": "fail"}]})
    assert form.problems == [] and form.settings == {"max_parallel": 2}
    assert form.steps == [
        {"name": "a", "resource_hint": "io_bound", "retry_policy": {"max_attempts": 3, "backoff_ms": [1, 2]},
         "operation": "x", "parameters": {}, "timeout": 0.25, "on_failure": "skip"},
        {"name": "b", "on_failure": "fail", "operation": "x", "parameters": {}}]

    def fail(operation, name, config, ctx):
        raise OSError

    handlers = {"fail": fail, "fine": lambda operation, name, config, ctx: 1}
    for stops, status in ((True, "failed"), (False, "partial")):
        result = pfs.Workflow.from_dict({"settings": {"stop_on_failure": stops, "max_parallel": 1}, "steps": [
            {"name": "bad", "type": "fail", "retry_policy": {"max_attempts": 2, "backoff_ms": [0]}},
            {"name": "good", "type": "fine"}, {"name": "behind", "type": "fine", "depends_on": "bad"}]},
            handlers).run()
        assert result.status == status and result.steps["bad"].attempts == 2
        assert result.steps["good"].state == ("skipped" if stops else "succeeded")


def test_all_mistakes_come_at_once_with_their_places():
    assert problems({
        "stpes": [], "variables": {"a": 1}, "settings": {"max_paralel": 2},
        "steps": [
            {"name": "load", "type": "read", "input": "${b}.csv", "output": "sales"},
            {"name": "keep", "type": "filter", "input": "slaes", "query": "x > 1", "timeout_mss": 3},
            {"name": "sums", "type": "groupby", "input": "sales", "by": "x", "agg": {"y": "summ"}},
            {"name": "sort", "type": "sort", "input": "sales", "by": "x", "params": {"by": "y"}},
            {"name": "few", "type": "limit", "input": "sales", "limitt": 1},
            {"name": "what", "type": "reed", "input": "sales", "timeout": 1, "timeout_ms": 5}]}) == [
        "a definition has no 'stpes'; did you mean 'steps'?; it has name, description, version, settings, config, "
        "variables, steps (or pipeline)",
        "step 'keep' has no 'timeout_mss'; did you mean 'timeout_ms'? (a parameter of the operation of this name "
        "stands under parameters)",
        "step 'sort': parameter 'by' is given twice",
        "step 'what' has timeout and timeout_ms",
        "step 'keep': input 'slaes' is neither a dataset nor a step; did you mean 'sales'?",
        "step 'sums': there is no aggregation 'summ'; did you mean 'sum'?; there are sum, mean, min, max, count, "
        "nunique, median, std, var, first, last, size",
        'unknown option "max_paralel"; did you mean "max_parallel"?',
            'step \'keep\': "filter" takes one table, not 0',
        "step 'few': \"limit\" needs the parameter \"limit\"",
        "step 'what': there is no operation \"reed\"; did you mean \"read\"?"]


@pytest.mark.parametrize("definition, words", [
    ({"steps": 5}, "steps is not a list"),
    ({"steps": [], "variables": []}, "variables is not an object"),
    ({"steps": [], "settings": [1]}, "settings is not an object"),
    ({"steps": [], "config": {"stop_on_failure": "no"}}, "stop_on_failure is not a truth value"),
    ({"steps": [{"name": "a", "type": "x", "params": 5}]}, "params is not an object"),
    ({"steps": [{"name": "a", "type": "x", "timeout_ms": "soon"}]}, "timeout_ms is not a number"),
    ({"steps": [{"name": "a", "type": "x", "inputs": [1]}]}, "inputs is not a name or a list of names"),
    ({"steps": [{"name": "a", "type": "read", "input": "a.csv", "path": "b.csv"}]}, "the path is given twice"),
    ({"steps": [{"name": "a", "type": "limit", "input": "a", "limit": 1}]}, "input 'a' is neither"),
    ({"steps": [{"name": "a", "type": "x"}, {"name": "b", "type": "x"},
                {"name": "c", "type": "limit", "input": "a", "depends_on": "b", "limit": 1}]},
     "'limit' takes the tables of all that it depends on"),
])
def test_mistakes_of_kind(definition, words):
    assert any(words in problem for problem in problems(definition, {"x": print})), problems(definition)


def test_order_beside_inputs(tmp_path):
    (tmp_path / "sales.csv").write_text(CSV)
    ran = []
    wf = pfs.Workflow.from_dict({"steps": [
        {"name": "load", "type": "read", "input": str(tmp_path / "sales.csv"), "output": "sales"},
        {"name": "first", "type": "note"},
        {"name": "sorted", "type": "sort", "input": "sales", "by": "amount", "depends_on": "first"},
        {"name": "kept", "type": "save", "output": str(tmp_path / "a.csv"), "input": "sorted",
         "depends_on": ["first"]}]},
        {"note": lambda operation, name, config, ctx: ran.append(name)})
    assert wf.run().raise_for_status()["kept"].num_rows == 7 and ran == ["first"]


def test_workflows_in_definitions_have_forms_too(tmp_path):
    (tmp_path / "sales.csv").write_text(CSV)
    wf = pfs.Workflow.from_dict({"variables": {"folder": str(tmp_path), "most": 5}, "steps": [{"name": "part", "workflow": {
        "variables": {"file": "${folder}/sales.csv", "most": 2},
        "steps": [
            {"name": "load", "type": "read", "input": "${file}", "output": "sales"},
            {"name": "few", "type": "limit", "input": "sales", "limit": "${most}", "output": "first"},
            {"name": "back", "type": "sort", "input": "first", "by": "amount", "descending": True},
            {"name": "rows", "type": "rows", "input": "first"}]}}]},
        {"rows": lambda operation, name, config, ctx: ctx["first"].num_rows})
    result = wf.run().raise_for_status()
    assert result["part.back"]["amount"].to_pylist() == [80, 40] and result["part.rows"] == 2


def test_steps_may_be_added_to_a_definition(tmp_path):
    (tmp_path / "sales.csv").write_text(CSV)
    wf = pfs.Workflow.from_dict({"steps": [
        {"name": "load", "type": "read", "input": str(tmp_path / "sales.csv")},
        {"name": "kept", "type": "limit", "limit": 2, "depends_on": "again"}]})
    wf.add_step("again", lambda load: load.slice(1), depends_on="load")
    assert wf.run().raise_for_status()["kept"]["amount"].to_pylist() == [80, 120]
