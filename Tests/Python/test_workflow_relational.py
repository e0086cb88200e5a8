"""Steps that polars, duckdb or pandas does: each gives the same, and each gives a table."""

import datetime
import math
import threading
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs
from parquetframe_swift._workflow import relational
from parquetframe_swift._workflow.relational.expressions import Expression

LIBRARIES = list(relational.LIBRARIES)
SALES = {
    "city": ["Rome", "Oslo", None, "Rome", "Oslo", "Lima"],
    "price": [5.5, 20.0, 7.25, None, 1.0, -3.0],
    "count": [1, None, 3, 4, 5, -6],
    "open": [True, False, None, True, True, False],
    "day": [datetime.date(2024, 1, day) for day in range(1, 7)]}


def run(operation, parameters, *tables, check=True):
    """What one step makes of tables."""
    wf = pfs.Workflow("one")
    names = [f"t{index}" for index in range(len(tables))]
    for name, table in zip(names, tables):
        wf.add_step(name, lambda ctx, table=table: table)
    wf.add_operation("answer", operation, parameters, depends_on=names)
    result = wf.run()
    if not check:
        return result
    answer = result.raise_for_status()["answer"]
    assert isinstance(answer, pfs.Table)
    return answer


def sales():
    return pfs.table(pa.table(SALES))


def all_agree(operation, parameters, *tables, libraries=LIBRARIES):
    """The answer of all libraries, which is one."""
    found = [run(operation, {**parameters, "engine": name}, *tables).to_pydict() for name in libraries]
    for name, answer in zip(libraries, found):
        assert list(answer) == list(found[0]), name
        for column in answer:
            assert len(answer[column]) == len(found[0][column]), (name, column)
            for one, other in zip(answer[column], found[0][column]):
                assert one == other or isinstance(one, float) and math.isclose(one, other, rel_tol=1e-9), (
                    name, column, answer, found[0])
    return found[0]


def test_sort():
    answer = all_agree("sort", {"by": "city"}, sales())
    assert answer["city"] == ["Lima", "Oslo", "Oslo", "Rome", "Rome", None]
    assert answer["count"] == [-6, None, 5, 1, 4, 3]  # equal ones stay in their order
    answer = all_agree("sort", {"by": ["open", "price"], "descending": [True, False]}, sales())
    assert answer["price"] == [1.0, 5.5, None, -3.0, 20.0, 7.25]
    answer = all_agree("sort", {"by": "price", "ascending": False, "nulls": "first"}, sales())
    assert answer["price"] == [None, 20.0, 7.25, 5.5, 1.0, -3.0]


def test_groupby():
    answer = all_agree(
        "groupby", {"by": ["city"], "agg": {"price": ["sum", "mean", "count"], "open": "nunique"}}, sales())
    assert answer == {
        "city": ["Lima", "Oslo", "Rome", None], "price_sum": [-3.0, 21.0, 5.5, 7.25],
        "price_mean": [-3.0, 10.5, 5.5, 7.25], "price_count": [1, 2, 1, 1], "open": [1, 2, 1, 0]}
    answer = all_agree("groupby", {"by": "city", "agg": {
        "rows": {"function": "size"}, "dearest": {"column": "price", "function": "max"},
        "count": "sum", "open": "first", "day": "last"}}, sales())
    assert answer["rows"] == [1, 2, 2, 1] and answer["dearest"] == [-3.0, 20.0, 5.5, 7.25]
    assert answer["count"] == [-6, 5, 5, 3] and answer["open"] == [False, False, True, None]
    assert answer["day"][1] == datetime.date(2024, 1, 5)
    answer = all_agree("groupby", {"by": ["open", "city"], "agg": "mean"}, sales())
    assert list(answer) == ["open", "city", "price", "count"]
    answer = all_agree("aggregate", {"groupby": "city", "agg": ["min", "size"]}, sales())
    assert list(answer) == ["city", "price_min", "count_min", "open_min", "day_min", "size"]
    for function in ("std", "var", "median"):
        all_agree("groupby", {"by": "open", "agg": {"price": function, "count": function}}, sales())


def test_describe():
    answer = all_agree("describe", {}, sales())
    assert list(answer) == ["statistic", "city", "price", "count", "open", "day"]
    assert answer["statistic"] == ["count", "null_count", "mean", "std", "min", "25%", "50%", "75%", "max"]
    assert answer["price"][:3] == [5.0, 1.0, 6.15] and answer["price"][4:] == [-3.0, 1.0, 5.5, 7.25, 20.0]
    assert math.isclose(answer["price"][3], math.sqrt(75.925))
    assert answer["open"][2] == 0.6 and answer["open"][4] == 0.0 and answer["open"][5:] == [0.0, 1.0, 1.0, 1.0]
    # What is no number has counts alone.
    assert answer["city"] == [5.0, 1.0] + [None] * 7 and answer["day"] == [6.0, 0.0] + [None] * 7
    # Quantiles lie between the values that are next to them.
    assert all_agree("describe", {}, pfs.table(pa.table({"a": [1, 2]})))["a"][4:] == [1.0, 1.25, 1.5, 1.75, 2.0]
    # NaN counts, and the rest passes over it; one value has no deviation, none at all has nothing.
    few = pfs.table(pa.table({"nan": [math.nan, 2.0], "none": pa.array([None, None], pa.int8())}))
    assert all_agree("describe", {}, few) == {
        "statistic": answer["statistic"], "nan": [2.0, 0.0, 2.0, None, 2.0, 2.0, 2.0, 2.0, 2.0],
        "none": [0.0, 2.0] + [None] * 7}
    endless = pfs.table(pa.table({"a": [1.0, math.inf, 2.0, 3.0, 4.0]}))
    for name in LIBRARIES:
        found = run("describe", {"engine": name}, endless).to_pydict()["a"]
        assert found[2] == found[-1] == math.inf and math.isnan(found[3]) and found[4:7] == [1.0, 2.0, 3.0]
    empty = pfs.table(pa.table({"a": pa.array([], pa.float64()), "b": pa.array([], pa.list_(pa.int8()))}))
    assert all_agree("describe", {}, empty)["a"] == all_agree("describe", {}, empty)["b"] == [0.0, 0.0] + [None] * 7
    taken = run("describe", {}, pfs.table(pa.table({"statistic": [1]})), check=False)
    assert "two columns would be called 'statistic'" in str(taken.error)


def test_join():
    left = pfs.table(pa.table({"id": [3, 1, None, 2, 1], "a": ["x", "y", "z", "w", "v"]}))
    right = pfs.table(pa.table({"key": [1, 2, None, 2, 9], "a": [10, 20, 30, 40, 50], "b": [1.0, 2.0, 3.0, 4.0, 5.0]}))
    keys = {"left_on": "id", "right_on": "key"}
    assert all_agree("join", {**keys, "how": "inner"}, left, right) == {
        "id": [1, 2, 2, 1], "a": ["y", "w", "w", "v"], "a_right": [10, 20, 40, 10], "b": [1.0, 2.0, 4.0, 1.0]}
    assert all_agree("join", {**keys, "how": "left", "suffix": "_r"}, left, right) == {
        "id": [3, 1, None, 2, 2, 1], "a": ["x", "y", "z", "w", "w", "v"],
        "a_r": [None, 10, None, 20, 40, 10], "b": [None, 1.0, None, 2.0, 4.0, 1.0]}
    answer = all_agree("join", {**keys, "how": "right"}, left, right)
    assert answer["id"] == [1, 1, 2, None, 2, 9] and answer["a_right"] == [10, 10, 20, 30, 40, 50]
    answer = all_agree("join", {**keys, "how": "outer"}, left, right)
    assert answer["id"] == [3, 1, None, 2, 2, 1, None, 9]
    assert answer["a_right"] == [None, 10, None, 20, 40, 10, 30, 50]
    assert all_agree("join", {**keys, "how": "semi"}, left, right)["a"] == ["y", "w", "v"]
    assert all_agree("join", {**keys, "how": "anti"}, left, right)["a"] == ["x", "z"]
    assert len(all_agree("join", {"how": "cross"}, left, right)["a"]) == 25
    same = all_agree("join", {"on": "id"}, left, left)
    assert same["a"] == ["x", "y", "y", "w", "v", "v"] and same["a_right"] == ["x", "y", "v", "w", "y", "v"]


@pytest.mark.parametrize("query, kept", [
    ("price * count > 20", [2]),
    ("price > count", [0, 2, 5]),
    ("count % 2 == 0", [3, 5]),
    ("not (count % 2 == 0)", [0, 2, 4]),
    ("city in ['Rome', 'Lima'] and price / 2 < 3", [0, 5]),
    ("city not in ['Rome'] | abs(count) > 3", [1, 3, 4, 5]),
    ("~open & length(city) == 4", [1, 5]),
    ("price + 1 is None or count + 0 is None", [1, 3]),
    ("coalesce(price, 0.0) == 0 or contains(upper(city), 'IM')", [3, 5]),
    ("0 < price + 0 <= 7.25", [0, 2, 4]),
    ("day == date('2024-01-02') or day > date('2024-01-05')", [1, 5]),
    ("startswith(city, 'R') or endswith(city, 'o')", [0, 1, 3, 4]),
    ("`count` - 1 == 0", [0]),
    ("month(day) == 1 and year(day) == 2024 and day(day) > 4", [4, 5]),
    ("concat(city, '!') == 'Oslo!'", [1, 4]),
    ("float(count) / 2 == 2.5", [4]),
    ("sqrt(abs(price)) > 4 or ceil(price) == 6 or floor(price) == 7", [0, 1, 2]),
])
def test_filters_that_the_engine_has_not(query, kept):
    answer = all_agree("filter", {"query": query}, sales())
    assert answer["day"] == [SALES["day"][index] for index in kept]


def test_transforms():
    answer = all_agree("transform", {"columns": {
        "total": "price * count", "kind": "'dear' if price > 6 else 'cheap'", "one": 1, "city": "lower(city)"}}, sales())
    assert list(answer) == ["city", "price", "count", "open", "day", "total", "kind", "one"]
    assert answer["total"] == [5.5, None, 21.75, None, 5.0, 18.0]
    assert answer["kind"] == ["cheap", "dear", "dear", "cheap", "cheap", "cheap"]
    assert answer["city"][0] == "rome" and answer["one"] == [1] * 6
    answer = all_agree("transform", {"transforms": [
        {"column": "price", "operation": "rename", "to": "cost"}, {"column": "open", "operation": "drop"},
        {"column": "twice", "expression": "cost + cost"}, {"column": "twice", "expression": "twice + 1"}]}, sales())
    assert list(answer) == ["city", "cost", "count", "day", "twice"] and answer["twice"][0] == 12.0
    answer = all_agree(
        "transform", {"sql": {"half": "price / 2", "price": "round(price)"}}, sales(),
        libraries=["polars", "duckdb"])
    assert answer["half"][1] == 10.0


@pytest.mark.parametrize("library", ["polars", "duckdb"])
def test_sql(library):
    answer = run("sql", {"sql": "SELECT city, sum(price) AS total FROM t0 WHERE price > 0 GROUP BY city ORDER BY total",
                         "engine": library}, sales())
    assert answer.to_pydict() == {"city": ["Rome", None, "Oslo"], "total": [5.5, 7.25, 21.0]}
    assert run("query", {"query": "select 1 as a", "engine": library}).to_pydict() == {"a": [1]}
    answer = run("filter", {"sql": "price > 6 AND city = 'Oslo'", "engine": library}, sales())
    assert answer["price"].to_pylist() == [20.0]
    answer = run("sql", {"sql": "SELECT a.city FROM t0 a JOIN t1 b ON a.city = b.city ORDER BY 1", "engine": library},
                 sales(), pfs.table(pa.table({"city": ["Lima", "Rome"]})))
    assert answer["city"].to_pylist() == ["Lima", "Rome", "Rome"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_files(library, tmp_path):
    for name in ("a.parquet", "b.csv", "c.tsv"):
        path = tmp_path / "deep" / name
        given = run("save", {"path": str(path), "engine": library}, sales())
        assert given.num_rows == 6
        read = pfs.read_csv(path, delimiter="\t" if name == "c.tsv" else ",") if "parquet" not in name else (
            pfs.read_parquet(path))
        assert read.to_pydict() == SALES
        assert [found.name for found in path.parent.iterdir() if found.name.startswith(".")] == []
    run("write", {"path": str(tmp_path / "z"), "format": "parquet", "compression": "zstd", "engine": library}, sales())
    assert pq.ParquetFile(tmp_path / "z").metadata.row_group(0).column(0).compression == "ZSTD"
    run("csv.write", {"path": str(tmp_path / "n"), "header": False, "delimiter": ";", "null_value": "NA",
                      "engine": library}, sales().select(["city", "count"]))
    assert (tmp_path / "n").read_text().splitlines()[1:3] == ["Oslo;NA", "NA;3"]
    result = run("write", {"path": str(tmp_path / "no" / "a.csv"), "engine": library}, sales(), check=False)
    assert result.status == "failed" and not (tmp_path / "no").exists()


def test_the_engine_keeps_what_it_can(tmp_path):
    wf = pfs.Workflow("engine")
    wf.add_step("t", sales)
    wf.add_operation("simple", "filter", {"query": "price > 6 and city == 'Oslo'"}, depends_on="t")
    wf.add_operation("chosen", "filter", {"query": "price > 6", "engine": "polars"}, depends_on="t")
    wf.add_operation("renamed", "transform", {"transforms": {"column": "open", "operation": "drop"}}, depends_on="t")
    wf.add_operation("sum", "filter", {"query": "price + 1 > 6"}, depends_on="simple")
    wf.add_operation("kept", "write", {"path": str(tmp_path / "a.arrows")}, depends_on="sum")
    external = {facts["name"]: facts.get("external", False) for facts in wf._open().facts["steps"]}
    assert external == {
        "t": True, "simple": False, "chosen": True, "renamed": False, "sum": True, "kept": False}
    result = wf.run().raise_for_status()
    assert result["kept"]["city"].to_pylist() == ["Oslo"]

    @wf.handler("sort")
    def mine(operation, name, config, ctx):
        return config

    wf.add_operation("own", "sort", {"anything": 1}, depends_on="t")
    assert wf.run()["own"] == {"anything": 1}


@pytest.mark.parametrize("operation, parameters, words", [
    ("sort", {}, "'by' is missing"),
    ("sort", {"by": "a", "descendng": True}, "no parameter 'descendng'; did you mean 'descending'?"),
    ("sort", {"by": ["a", "a"]}, "twice"),
    ("sort", {"by": "a", "nulls": "middle"}, "first or last"),
    ("sort", {"by": "a", "engine": "polar"}, "cannot be 'polar'; did you mean 'polars'?"),
    ("groupby", {"by": "a", "agg": {"b": "summ"}}, "no aggregation 'summ'; did you mean 'sum'?"),
    ("join", {"on": "a", "how": "inn"}, "did you mean 'inner'?"),
    ("join", {"left_on": "a"}, "'left_on' and 'right_on'"),
    ("filter", {"query": "a + = 3"}, "cannot be read"),
    ("filter", {"query": "a + b = 3"}, "equality is =="),
    ("filter", {"query": "a.str.len() > 3"}, "is not among what expressions have"),
    ("filter", {"query": "lenght(a) > 3"}, "no function 'lenght'; did you mean 'length'?"),
    ("transform", {"columns": {"a": "__import__('os')"}}, "no function '__import__'"),
    ("transform", {"transforms": [{"column": "a", "operation": "melt"}]}, "transform of column 'a'"),
    ("sql", {"sql": "select 1", "engine": "pandas"}, "pandas has no SQL"),
    ("write", {"path": "a.parquet", "delimiter": ";"}, "no 'delimiter'"),
    ("write", {"path": "a.parquet", "compression": "rar"}, "snappy, zstd"),
])
def test_mistakes_are_told_before_the_run(operation, parameters, words):
    wf = pfs.Workflow("wrong")
    wf.add_operation("a", operation, parameters)
    wf.add_operation("b", "reed")
    with pytest.raises(pfs.ArgumentError) as caught:
        wf.validate()
    problems = caught.value.details["problems"]
    assert len(problems) == 2 and words in problems[0] and problems[0].startswith("step 'a': ")


@pytest.mark.parametrize("operation, parameters, words", [
    ("sort", {"by": "cty"}, "city"), ("filter", {"query": "prise + 1 > 2"}, "price"),
    ("groupby", {"by": "city", "agg": {"pric": "sum"}}, "price"),
    ("transform", {"columns": {"a": "prcie + 1"}}, "price")])
def test_unknown_columns_come_with_the_nearest(operation, parameters, words):
    result = run(operation, parameters, sales(), check=False)
    assert result.status == "failed"
    assert isinstance(result.error, pfs.UnknownColumnError) and words in str(result.error)


def test_steps_take_as_many_tables_as_they_need():
    assert "two tables, not 1" in str(run("join", {"on": "city"}, sales(), check=False).error)
    assert "one table, not 2" in str(run("sort", {"by": "city"}, sales(), sales(), check=False).error)
    assert "has to give a table" in str(run("sort", {"by": "city"}, 5, check=False).error)


def test_each_element_is_a_table():
    wf = pfs.Workflow("each")
    wf.add_step("parts", lambda: [sales().slice(0, 2), sales().slice(2)])
    wf.add_operation("sorted", "sort", {"by": "count"}, depends_on="parts", for_each="parts")
    answer = wf.run().raise_for_status()["sorted"]
    assert [part["count"].to_pylist() for part in answer] == [[1, None], [-6, 3, 4, 5]]


# Hours of work on any machine, of an answer of one row.
ENDLESS = "SELECT count(*) AS n FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3"


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("why", ["cancel", "timeout"])
def test_a_query_of_duckdb_ends_when_its_step_is_told_to_stop(why, parallel):
    wf = pfs.Workflow("endless")
    options = {"timeout": 0.2, "on_failure": "skip"} if why == "timeout" else {}
    wf.add_operation("query", "sql", {"sql": ENDLESS, "engine": "duckdb"}, **options)
    token = pfs.CancellationToken()
    timer = threading.Timer(0.2, token.cancel)
    if why == "cancel":
        timer.start()
    begin = time.monotonic()
    # The run does not give the step up: it waits until the query has ended.
    result = wf.run(cancel=token, grace=600, parallel=parallel)
    assert time.monotonic() - begin < 300
    assert result.steps["query"].state == {"cancel": "cancelled", "timeout": "timed_out"}[why]
    assert isinstance(result.steps["query"].error, (pfs.CancelledError, pfs.StepError))
    assert "and did not stop" not in str(result.steps["query"].error)
    assert run("sql", {"sql": "SELECT 1 AS a", "engine": "duckdb"}).to_pydict() == {"a": [1]}


def test_without_a_library_the_error_says_what_to_install(fresh):
    code = """
import sys
for name in ("polars", "duckdb", "pandas"):
    sys.modules[name] = None
import parquetframe_swift as pfs
wf = pfs.Workflow("none")
wf.add_operation("a", "sort", {"by": "x"})
wf.add_operation("b", "sql", {"sql": "select 1"})
wf.add_operation("c", "sort", {"by": "x", "engine": "pandas"})
try:
    wf.run()
except pfs.ArgumentError as problem:
    print(problem)
"""
    assert fresh(code).splitlines() == [
        "step 'a': 'sort' needs polars or duckdb or pandas and pyarrow, which is not installed: pip install polars",
        "step 'b': 'sql' needs duckdb or polars, which is not installed: pip install duckdb",
        "step 'c': 'sort' needs pandas and pyarrow, which is not installed: pip install pandas pyarrow"]


def test_what_is_not_installed_is_passed_over(fresh):
    code = """
import sys
sys.modules["polars"] = None
import parquetframe_swift as pfs
wf = pfs.Workflow("next")
wf.add_operation("a", "sql", {"sql": "select 2 as b union all select 1"})
wf.add_operation("s", "sort", {"by": "b"}, depends_on="a")
print(wf.run().raise_for_status()["s"].to_pydict(), "duckdb" in sys.modules, "pandas" in sys.modules)
"""
    assert fresh(code) == "{'b': [1, 2]} True False\n"


TABLES = st.integers(0, 12).flatmap(lambda rows: st.fixed_dictionaries({
    "k": st.lists(st.none() | st.integers(-2, 2), min_size=rows, max_size=rows),
    "s": st.lists(st.none() | st.sampled_from(["a", "b", "", "ü"]), min_size=rows, max_size=rows),
    "v": st.lists(st.none() | st.integers(-5, 5).map(float), min_size=rows, max_size=rows)}))
TYPES = pa.schema([("k", pa.int32()), ("s", pa.string()), ("v", pa.float64())])


@settings(max_examples=25, deadline=None)
@given(TABLES, TABLES)
def test_libraries_agree_on_random_tables(one, other):
    left, right = (pfs.table(pa.table(columns, schema=TYPES)) for columns in (one, other))
    all_agree("sort", {"by": ["s", "k"], "descending": [False, True]}, left)
    all_agree("groupby", {"by": ["s"], "agg": {
        "k": ["sum", "min", "max", "count", "nunique", "first", "last"], "v": ["mean", "median"]}}, left)
    all_agree("filter", {"query": "k + 1 > 0 and not (v * 2 == 4 or s in ['a'])"}, left)
    all_agree("describe", {}, left)
    for how in ("inner", "left", "right", "full", "semi", "anti"):
        all_agree("join", {"on": ["k", "s"], "how": how}, left, right)


def test_expressions_know_their_columns():
    assert Expression("a + `b c` > 1 and a in [1] or not d").columns == ["a", "b c", "d"]
