"""Tables read from text agree as others do, but for what text leaves open.

A file of text does not say the unit of its times, or whether a day is a date or the time of its
midnight; readers choose otherwise, and no choice loses anything. Both count as microseconds here.
"""

from __future__ import annotations

from checkers.table import answer_key, byte_count, differences  # noqa: F401
from checkers.table import summarise as _summarise


def summarise(result) -> dict:
    """As of `checkers.table`; a pandas data frame will do too."""
    import pyarrow as pa
    import pyarrow.types as types

    if type(result).__module__.partition(".")[0] == "pandas":
        result = pa.Table.from_pandas(result, preserve_index=False)
    made = result if isinstance(result, pa.Table) else pa.table(result)
    time = pa.timestamp("us")
    fields = [
        field.with_type(time if types.is_temporal(field.type) else field.type).remove_metadata()
        for field in made.schema
    ]
    return _summarise(made.cast(pa.schema(fields)))
