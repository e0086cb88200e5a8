"""Writes `rides.avro`, the Avro file of the README.

Run with fastavro installed: `python Tests/Fixtures/make_avro.py`. The file is committed; a test holds
it against `rides()`.
"""

import datetime
import pathlib
import random

import fastavro

PATH = pathlib.Path(__file__).parent / "rides.avro"
SCHEMA = {
    "type": "record", "name": "Ride", "namespace": "town", "doc": "A ride in a taxi.",
    "fields": [
        {"name": "ride", "type": "long"},
        {"name": "city", "type": ["null", "string"], "default": None},
        {"name": "started", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "stops", "type": {"type": "array", "items": {
            "type": "record", "name": "Stop", "fields": [
                {"name": "street", "type": "string"},
                {"name": "minutes", "type": "int", "doc": "how long it took to get there"}]}}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 7, "scale": 2}},
        {"name": "payment", "type": {"type": "enum", "name": "Payment", "symbols": ["CASH", "CARD", "APP"]}},
        {"name": "note", "type": ["null", "string", {"type": "map", "values": "string"}]},
    ]}


def rides(count: int = 60):
    """The rides in the order of their start, with made-up figures."""
    chance = random.Random(5)
    begin = datetime.datetime(2026, 3, 14, 5, tzinfo=datetime.timezone.utc)
    for ride in range(1, count + 1):
        stops = [
            {"street": chance.choice(["Harbour", "Market", "Station"]), "minutes": chance.randint(3, 19)}
            for _ in range(chance.randint(1, 3))]
        cents = 250 + 40 * sum(stop["minutes"] for stop in stops)
        yield {
            "ride": ride, "city": chance.choice(["Oslo", "Gent", "Zürich", None]),
            "started": begin + datetime.timedelta(minutes=4 * ride), "stops": stops,
            "price": cents.to_bytes(2, "big", signed=True), "payment": chance.choice(["CASH", "CARD", "APP"]),
            "note": chance.choice([None, "in a hurry", {"lost": "umbrella"}])}


if __name__ == "__main__":
    with PATH.open("wb") as out:
        fastavro.writer(
            out, fastavro.parse_schema(SCHEMA, _write_hint=False), rides(), codec="deflate", sync_interval=1000,
            metadata={"made.by": PATH.name}, sync_marker=b"rides.avro block")
