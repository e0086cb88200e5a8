"""Files that ask for more than the options allow."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import parquetframe_swift as pfs


def written(table, **options):
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


NUMBERS = pa.table({"n": pa.array(range(100_000), pa.int64())})


def scan(data, **options):
    return sum(len(batch) for batch in pfs.scan_parquet(data, **options))


@pytest.mark.parametrize("call", [pfs.read_parquet, scan])
@pytest.mark.parametrize("option, limit", [("page_byte_limit", 1000), ("allocation_limit", 100_000)])
def test_a_limit_that_is_passed_is_an_error_that_names_its_option(call, option, limit):
    data = written(NUMBERS, use_dictionary=False)
    call(data, **{option: 10**9})
    with pytest.raises(pfs.LimitError, match=f"{option}.* the limit is {limit}"):
        call(data, **{option: limit})


def test_a_page_of_millions_of_bytes_for_each_that_is_stored_is_refused():
    zeros = pa.table({"s": pa.array([b"\0" * (20 << 20)])})
    data = written(zeros, use_dictionary=False, compression="zstd", write_statistics=False)
    assert pfs.read_parquet(data).num_rows == 1
    with pytest.raises(pfs.LimitError, match="compression_ratio_limit"):
        pfs.read_parquet(data, compression_ratio_limit=100)


@pytest.mark.parametrize("option", ["page_byte_limit", "compression_ratio_limit", "allocation_limit"])
def test_a_limit_is_a_number_above_zero(option):
    data = written(NUMBERS)
    with pytest.raises(pfs.ArgumentError):
        pfs.read_parquet(data, **{option: 0})
    with pytest.raises(TypeError):
        pfs.scan_parquet(data, **{option: "1 GiB"})
