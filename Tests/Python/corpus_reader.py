"""The reader that the corpora's checker runs: one file, as an object with `__arrow_c_stream__`."""

import parquetframe_swift as pfs


def read(path):
    return pfs.read_parquet(path)
