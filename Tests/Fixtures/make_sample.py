"""Writes `sample.parquet`, the file of the README: the rides of a day, with made-up figures.

Run with pyarrow installed: `python Tests/Fixtures/make_sample.py`. The file is committed; a test
holds it against `table()`.
"""

import datetime
import pathlib
import random

import pyarrow as pa
import pyarrow.parquet as pq

PATH = pathlib.Path(__file__).parent / "sample.parquet"
ROW_COUNT = 400
CITIES = ["Lisboa", "Kraków", "Gent", "Oslo", "Bologna", "Zürich"]
NOTES = ["left a scarf", "asked for the scenic route", "two bicycles on the roof"]


def table() -> pa.Table:
    """The rides in the order of their start; nobody rates every ride, and few leave a note."""
    draw = random.Random(2026)
    start = datetime.datetime(2026, 3, 14, 5, 0, tzinfo=datetime.timezone.utc)
    rows = []
    for ride in range(1, ROW_COUNT + 1):
        start += datetime.timedelta(seconds=int(30 + draw.random() * 240))
        distance = round(0.8 + 14 * draw.random() ** 2, 1)
        rows.append({
            "ride": ride,
            "city": CITIES[int(draw.random() * len(CITIES))],
            "started": start,
            "minutes": int(3 + distance * (2 + draw.random())),
            "distance_km": distance,
            "price": round(2.5 + 1.35 * distance, 2),
            "rating": int(1 + 5 * draw.random() ** 0.4) if draw.random() < 0.7 else None,
            "paid_by_card": draw.random() < 0.8,
            "note": NOTES[int(draw.random() * len(NOTES))] if draw.random() < 0.1 else None,
        })
    schema = pa.schema([
        pa.field("ride", pa.int64(), nullable=False),
        ("city", pa.string()),
        ("started", pa.timestamp("ms", "UTC")),
        ("minutes", pa.int32()),
        ("distance_km", pa.float64()),
        ("price", pa.float64()),
        ("rating", pa.int8()),
        ("paid_by_card", pa.bool_()),
        ("note", pa.string()),
    ])
    return pa.Table.from_pylist(rows, schema)


if __name__ == "__main__":
    pq.write_table(table(), PATH, compression="snappy", row_group_size=200)
