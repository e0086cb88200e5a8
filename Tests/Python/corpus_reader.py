"""The readers that the corpora's checker runs: one file, as an object with `__arrow_c_stream__`."""

import parquetframe_swift as pfs


def read(path):
    return pfs.read_parquet(path)


def read_csv(path, opts):
    """Every line is data, every field bytes, nothing is null."""
    # The goldens of two files in UTF-16 hold their bytes: "utf-8-sig" obeys no mark but that of UTF-8.
    common = {"encoding": "utf-8-sig", "delimiter": opts["delimiter"], "has_header": opts["header"],
              "null_values": []}
    first = pfs.read_csv(path, infer_schema=False, limit=1, encoding_errors="replace", **common)
    schema = [(f"c{index}", "binary") for index in range(first.num_columns)]
    return pfs.read_csv(path, schema=schema, **common)


def read_avro(path):
    return pfs.read_avro(path)
