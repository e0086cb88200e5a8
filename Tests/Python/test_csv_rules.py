"""The examples of `Specs/csv.md`."""

import ast
import datetime
import decimal
import re

import pytest
from conftest import ROOT

import parquetframe_swift as pfs

LINE = re.compile(r"^\| (.*?) \| `([^|]*)` \| (?:`([^|]*)` )?\| `([^|]*)` \|$")


def examples() -> list:
    found = []
    for line in (ROOT / "Specs" / "csv.md").read_text().splitlines():
        match = LINE.match(line)
        if match:
            found.append(match.groups())
    return found


EXAMPLES = examples()


def test_every_line_of_a_table_is_an_example():
    lines = [
        line for line in (ROOT / "Specs" / "csv.md").read_text().splitlines()
        if line.startswith("|") and not line.startswith(("|---", "| rule "))]
    assert len(lines) == len(EXAMPLES) > 60


def arguments(text) -> dict:
    call = ast.parse(f"f({text or ''})", mode="eval").body
    return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}


def plain(columns: dict) -> dict:
    """Values that have no literal, as their text."""
    kinds = (datetime.date, datetime.time, decimal.Decimal)
    return {
        name: [str(value) if isinstance(value, kinds) else value for value in values]
        for name, values in columns.items()}


@pytest.mark.parametrize("rule, text, options, result", EXAMPLES, ids=[rule for rule, *_ in EXAMPLES])
@pytest.mark.parametrize("how", [{}, {"threads": 3, "chunk_size": 1}], ids=["usual", "chunks"])
def test_rule(rule, text, options, result, how):
    data = ast.literal_eval(text)
    data = [each.encode() for each in data] if isinstance(data, list) else data
    data = data.encode() if isinstance(data, str) else data
    chosen = {**arguments(options), **how}
    if result.startswith("error"):
        with pytest.raises(pfs.CSVError) as caught:
            pfs.read_csv(data, **chosen)
        want = arguments(result[5:])
        assert {name: getattr(caught.value, name) for name in want} == want
        return
    table = pfs.read_csv(data, **chosen)
    if result.startswith("types "):
        types = table.schema.types
        assert ", ".join(types) == result[6:]
    elif result.startswith("rejects "):
        want = ast.literal_eval(result[8:])
        rejects = table.rejects.to_pydict()
        assert {name: rejects[name] for name in want} == want
    else:
        want = ast.literal_eval(result)
        got = plain(table.to_pydict())
        assert list(got) == list(want) and repr(got) == repr(want)
