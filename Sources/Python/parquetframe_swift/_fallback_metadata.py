"""Parquet metadata over pyarrow, in the form of Specs/metadata.md."""

from __future__ import annotations

from . import _metadata, _schema, errors


class ParquetMetadata(_metadata.ParquetMetadata):
    """`parquet_metadata` over pyarrow."""

    def __init__(self, file, arrow_schema: _schema.Schema) -> None:
        self._content = _content(file)
        self.num_rows, self.num_row_groups, self.num_columns = (
            self._content["num_rows"], self._content["num_row_groups"], self._content["num_columns"])
        self._arrow_schema = arrow_schema

    def column_statistics(self, columns=None, row_groups=None) -> dict:
        return _merged(self._content, columns, row_groups)


def _content(file) -> dict:
    """The metadata in the form of Specs/metadata.md."""
    footer = file.metadata
    leaves = [file.schema.column(i) for i in range(footer.num_columns)]
    fields = _leaf_fields(file.schema_arrow)
    pairs = footer.metadata or {}
    return {
        "version": 1 if footer.format_version == "1.0" else 2,
        "created_by": footer.created_by or None,
        "num_rows": footer.num_rows,
        "num_row_groups": footer.num_row_groups,
        "num_columns": footer.num_columns,
        "key_value_metadata": {
            key.decode("utf-8", "replace"): value.decode("utf-8", "replace")
            for key, value in pairs.items()},
        "columns": [_leaf(leaf, field) for leaf, field in zip(leaves, fields)],
        "row_groups": [_row_group(footer.row_group(i)) for i in range(footer.num_row_groups)],
    }


def _leaf_fields(schema) -> list:
    """The Arrow fields of the leaves, in the order of the Parquet schema."""
    found: list = []

    def visit(field) -> None:
        kind = getattr(field.type, "storage_type", field.type)
        if kind.num_fields and not hasattr(kind, "index_type"):
            for i in range(kind.num_fields):
                visit(kind.field(i))
        else:
            found.append(field)

    for field in schema:
        visit(field)
    return found


def _leaf(leaf, field) -> dict:
    return {
        "path": leaf.path,
        "name": leaf.name,
        "physical_type": leaf.physical_type,
        "type_length": leaf.length if leaf.physical_type == "FIXED_LEN_BYTE_ARRAY" else None,
        "logical_type": _logical_type(leaf.logical_type),
        "arrow_type": str(getattr(field.type, "storage_type", field.type)),
        "nullable": field.nullable,
        "max_definition_level": leaf.max_definition_level,
        "max_repetition_level": leaf.max_repetition_level,
    }


def _logical_type(logical) -> str | None:
    import json

    parts = json.loads(logical.to_json())
    kind = parts["Type"].upper()
    unit = {"milliseconds": "MILLIS", "microseconds": "MICROS", "nanoseconds": "NANOS"}.get(
        parts.get("timeUnit", ""))
    zone = ", UTC" if parts.get("isAdjustedToUTC") else ""
    if kind == "NONE":
        return None
    if kind in ("TIMESTAMP", "TIME"):
        return f"{kind}({unit}{zone})"
    if kind == "DECIMAL":
        return f"DECIMAL({parts['precision']}, {parts['scale']})"
    if kind == "INT":
        return f"INT({parts['bitWidth']}, {'signed' if parts['isSigned'] else 'unsigned'})"
    return kind


def _row_group(group) -> dict:
    return {
        "num_rows": group.num_rows,
        "total_byte_size": group.total_byte_size,
        "total_compressed_size": sum(
            group.column(j).total_compressed_size for j in range(group.num_columns)),
        "columns": [_chunk(group.column(j)) for j in range(group.num_columns)],
    }


def _chunk(chunk) -> dict:
    return {
        "path": chunk.path_in_schema,
        "physical_type": chunk.physical_type,
        "codec": chunk.compression,
        "encodings": list(chunk.encodings),
        "num_values": chunk.num_values,
        "total_compressed_size": chunk.total_compressed_size,
        "total_uncompressed_size": chunk.total_uncompressed_size,
        "data_page_offset": chunk.data_page_offset,
        "dictionary_page_offset": chunk.dictionary_page_offset if chunk.has_dictionary_page else None,
        "has_column_index": chunk.has_column_index,
        "has_offset_index": chunk.has_offset_index,
        "has_bloom_filter": getattr(chunk, "bloom_filter_offset", None) is not None,
        "statistics": _statistics(chunk.statistics),
    }


def _merged(content: dict, columns, row_groups) -> dict:
    """The statistics of columns over row groups, by path."""
    groups = content["row_groups"]
    for index in row_groups or ():
        if index >= len(groups):
            raise errors.OutOfRangeError(
                f"row group {index} of a file of {len(groups)}", {"index": index, "count": len(groups)})
    if row_groups is not None:
        groups = [groups[index] for index in row_groups]
    paths = [leaf["path"] for leaf in content["columns"]]
    wanted = range(len(paths))
    if columns is not None:
        wanted = []
        for name in columns:
            found = [i for i, path in enumerate(paths) if path == name or path.startswith(f"{name}.")]
            wanted += found or [_schema.position(paths, name)]
    return {
        paths[i]: _metadata.Node(_summary(content["columns"][i], [group["columns"][i] for group in groups]))
        for i in wanted}


def _summary(leaf: dict, chunks: list) -> dict:
    from decimal import Decimal

    is_decimal = (leaf["logical_type"] or "").startswith("DECIMAL")
    found = [chunk["statistics"] or {} for chunk in chunks if chunk["num_values"]]

    def total(name: str):
        values = [statistics.get(name) for statistics in found]
        return None if None in values else sum(values)

    nulls = [statistics.get("null_count") for statistics in found]
    counts = [chunk["num_values"] for chunk in chunks if chunk["num_values"]]
    valued = [one for one, null, count in zip(found, nulls, counts) if null != count]

    def bound(name: str, choose):
        values = [(statistics.get(name), statistics.get(f"is_{name}_exact")) for statistics in valued]
        if not values or any(value is None for value, _ in values):
            return None, None
        value = choose((value for value, _ in values), key=Decimal if is_decimal else None)
        exact = [flag for other, flag in values if other == value]
        return value, True if True in exact else exact[0]

    least, is_least = bound("min", min)
    most, is_most = bound("max", max)
    return {
        "min": least, "max": most, "null_count": total("null_count"),
        "distinct_count": valued[0].get("distinct_count") if len(valued) == 1 else None if valued else 0,
        "nan_count": total("nan_count"), "is_min_exact": is_least, "is_max_exact": is_most,
        "num_values": sum(chunk["num_values"] for chunk in chunks), "num_data_pages": None,
        "total_compressed_size": sum(chunk["total_compressed_size"] for chunk in chunks),
        "total_uncompressed_size": sum(chunk["total_uncompressed_size"] for chunk in chunks),
        "unencoded_byte_array_data_bytes": None,
        "encodings": list(dict.fromkeys(name for chunk in chunks for name in chunk["encodings"])),
        "codecs": list(dict.fromkeys(chunk["codec"] for chunk in chunks)),
    }


def _statistics(found) -> dict | None:
    if found is None:
        return None
    return {
        "min": _plain(found.min) if found.has_min_max else None,
        "max": _plain(found.max) if found.has_min_max else None,
        "null_count": found.null_count if found.has_null_count else None,
        "distinct_count": found.distinct_count if found.has_distinct_count else None,
        "is_min_exact": getattr(found, "is_min_exact", None),
        "is_max_exact": getattr(found, "is_max_exact", None),
    }


def _plain(value):
    """A statistic as JSON has it."""
    import math

    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
