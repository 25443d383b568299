"""A table as Parquet, each column with its type; what is shown and what a column means in its metadata."""

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.language import Translator
from dashboard.outputs.columns import Kind
from dashboard.outputs.tables import Table

_TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "written": pa.string(),
    "day": pa.date32(),
    "whole": pa.int32(),
    "truth": pa.bool_(),
    "money": pa.decimal128(17, 2),
    "ids": pa.list_(pa.string()),
    "lines": pa.list_(pa.string()),
}


def parquet(of: Table, meta: Mapping[str, Any], tr: Translator) -> bytes:
    """`meta` is written as JSON under that name."""
    fields = [pa.field(column.name, _TYPES[column.kind], metadata={"says": tr(column.says)}) for column in of.columns]
    schema = pa.schema(fields, {"table": of.name, "meta": json.dumps(meta, ensure_ascii=False)})
    arrays = [pa.array(values, field.type) for values, field in zip(of.values, fields, strict=True)]
    out = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), out)
    return bytes(out.getvalue())
