"""fastavro: Avro into Python objects, in Cython."""

from __future__ import annotations

TITLE = "fastavro"
DISTRIBUTIONS = ("fastavro",)
STARTUP = None


def start(threads: int) -> None:
    global fastavro
    import fastavro


def version() -> str:
    return fastavro.__version__


def read_avro_rows(path: str) -> list:
    with open(path, "rb") as file:
        return list(fastavro.reader(file))


def avro_record_count(path: str) -> int:
    with open(path, "rb") as file:
        return sum(block.num_records for block in fastavro.block_reader(file))
