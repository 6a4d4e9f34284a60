"""Reading a Parquet file of predictions, in memory that its size on disk and the number of bullets bound.

A footer may lie about sizes, a page of some kilobytes may unpack to gigabytes, and one long string may be repeated in
every row for a few bytes each. So the headers of the pages, which the decompressor obeys, are added up before anything
is unpacked, encodings that repeat strings are read as dictionaries or in steps, and what is too large is refused.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from briefbench.errors import PredictionError
from briefbench.evaluation.predictions.columns import BULLET_ID, check_columns, check_types, shown
from briefbench.evaluation.predictions.thrift import I32, STRUCT, Cursor, Struct

# A file with more rows than this a bullet is refused unread; with fewer, the first wrong row is named.
_ROWS_PER_BULLET = 10
# The footer may have this many bytes and so many more a bullet; and so may all headers of pages together.
_FOOTER, _FOOTER_PER_BULLET, _HEADERS = 250_000, 5, 500_000
_LONGEST_HEADER = 65_536
# The least that a value takes when it is unpacked: its place in a dictionary, and whether it is there.
_BYTES_PER_VALUE = 8
_IDS_AT_ONCE = 100_000

_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
#: Where the header of a page has what is particular to its kind, and where that has the encoding.
_DETAILS = {_DATA: (5, 2), _DICTIONARY: (7, 2), _DATA_V2: (8, 4)}
_DELTA_BYTE_ARRAY = 7
_TAIL = 8


class _Page(NamedTuple):
    """What the header of a page says."""

    kind: int
    values: int
    unpacked: int
    encoding: int
    header: int


def read_parquet(where: str, data: bytes, bullets: int, limit: int) -> pa.Table:
    """Read a Parquet file whose pages unpack to at most ``limit`` bytes.

    Raises:
        PredictionError: the file is not sound, not of predictions, or too large when it is unpacked.
    """
    if not data:
        raise PredictionError(f"{where}: the file is empty")
    try:
        metadata = _metadata(where, data, bullets)
        longest = _check_pages(where, data, metadata, limit)
        table = _read(where, data, metadata, limit // max(longest, 1), limit)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise PredictionError(f"{where}: not a sound Parquet file: {shown(str(error))}") from error
    return table


def _metadata(where: str, data: bytes, bullets: int) -> pq.FileMetaData:
    """Return what the footer says, after checking the columns and the number of rows."""
    footer, longest = int.from_bytes(data[-_TAIL:-4], "little"), _FOOTER + _FOOTER_PER_BULLET * bullets
    if len(data) > _TAIL and longest < footer < len(data):
        raise PredictionError(f"{where}: the footer has {footer:,} bytes; write fewer row groups and no metadata")
    metadata = pq.read_metadata(pa.BufferReader(data))
    schema = metadata.schema.to_arrow_schema()
    check_columns(where, schema.names)
    check_types(where, schema)
    if metadata.num_rows > _ROWS_PER_BULLET * bullets:
        raise PredictionError(
            f"{where}: has {metadata.num_rows:,} rows, far more than there are bullets; predict each bullet once"
        )
    return metadata


def _check_pages(where: str, data: bytes, metadata: pq.FileMetaData, limit: int) -> int:
    """Add up the headers of all pages, and return the largest size of one when it is unpacked."""
    unpacked = headers = rows = longest = 0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        rows += group.num_rows
        for chunk in map(group.column, range(group.num_columns)):
            values = 0
            for page in _pages(data, chunk):
                if page.encoding == _DELTA_BYTE_ARRAY:
                    raise PredictionError(f"{where}: a page is encoded as DELTA_BYTE_ARRAY; write it with the defaults")
                values += page.values if page.kind != _DICTIONARY else 0
                unpacked += page.unpacked + _BYTES_PER_VALUE * page.values
                headers += page.header
                longest = max(longest, page.unpacked)
                if unpacked > limit:
                    raise PredictionError(f"{where}: unpacks to more than {limit:,} bytes; keep only the predictions")
                if headers > _HEADERS + metadata.num_rows:
                    raise PredictionError(f"{where}: has far too many pages; write it with the defaults")
            if values != chunk.num_values:
                raise ValueError(f"{values} values where the footer says {chunk.num_values}")
    if rows != metadata.num_rows:
        raise ValueError(f"{rows} rows where the footer says {metadata.num_rows}")
    return longest


def _pages(data: bytes, chunk: pq.ColumnChunkMetaData) -> Iterator[_Page]:
    """Yield the pages of a column chunk, which must lie in the file one after another."""
    start, dictionary = chunk.data_page_offset, chunk.dictionary_page_offset
    at = dictionary if dictionary and 0 < dictionary < start else start
    end = at + chunk.total_compressed_size
    if not 0 < at <= end <= len(data):
        raise ValueError("a column lies outside of the file")
    while at < end:
        cursor = Cursor(data, at, min(end, at + _LONGEST_HEADER))
        header = cursor.struct()
        kind = _number(header, 1)
        if kind not in _DETAILS:
            raise ValueError(f"a page of kind {kind}")
        place, encoding = _DETAILS[kind]
        detail = header.get((place, STRUCT), {})
        yield _Page(kind, _number(detail, 1), _number(header, 2), _number(detail, encoding), cursor.at - at)
        at = cursor.at + _number(header, 3)
    if at != end:
        raise ValueError("a page reaches beyond its column")


def _number(fields: Struct, place: int) -> int:
    found = fields.get((place, I32), -1)
    if found < 0:
        raise ValueError(f"the header of a page has no number in field {place}")
    return int(found)


def _read(where: str, data: bytes, metadata: pq.FileMetaData, ids_at_once: int, limit: int) -> pa.Table:
    """Read all columns: every distinct label once, and the ids in steps, since one long id may stand in every row."""
    leaves = [metadata.schema.column(index) for index in range(metadata.num_columns)]
    texts = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY" and leaf.path != BULLET_ID]
    source = pa.BufferReader(data)
    file = pq.ParquetFile(source, metadata=metadata, read_dictionary=texts, page_checksum_verification=True)
    ids, size = [], 0
    for batch in file.iter_batches(min(max(ids_at_once, 1), _IDS_AT_ONCE), columns=[BULLET_ID]):
        ids.append(batch)
        size += batch.nbytes
        if size > limit:
            raise PredictionError(f"{where}: the ids unpack to more than {limit:,} bytes; keep only the predictions")
    names = file.schema_arrow.names
    table = file.read(columns=[name for name in names if name != BULLET_ID])
    column = pa.Table.from_batches(ids, pa.schema([file.schema_arrow.field(BULLET_ID)])).column(0)
    return table.append_column(BULLET_ID, column)
