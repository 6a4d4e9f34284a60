"""Reading a Parquet file of predictions, in memory that its size on disk and the number of bullets bound.

A footer may lie about sizes, a page of some kilobytes may unpack to gigabytes, and one long string may be repeated in
every row for a few bytes each. So the headers of the pages, which the decompressor obeys, are added up before anything
is unpacked, repeated strings are read as dictionaries or in steps, and what is too large is refused. Arrow sees a
footer that was written anew from what was checked.
"""

import pyarrow as pa
import pyarrow.parquet as pq

from briefbench.errors import PredictionError
from briefbench.evaluation.predictions.columns import BULLET_ID, check_columns, check_types, shown
from briefbench.evaluation.predictions.footer import DELTA_ENCODINGS, DICTIONARY, Footer, footer_size, read_footer
from briefbench.evaluation.predictions.thrift import ThriftError

# A file with more rows than this a bullet is refused unread; with fewer, the first wrong row is named.
_ROWS_PER_BULLET = 10
# The footer may have this many bytes and so many more a bullet, and all headers of pages so many and one more a row.
_FOOTER, _FOOTER_PER_BULLET, _HEADERS = 250_000, 5, 500_000
# All columns have 40 elements in the schema.
_ELEMENTS = 100
# The least that a value takes when it is unpacked: its place in a dictionary, and whether it is there.
_BYTES_PER_VALUE = 8
_IDS_AT_ONCE = 100_000


def read_parquet(where: str, data: bytes, bullets: int, limit: int) -> pa.Table:
    """Read a Parquet file whose pages unpack to at most ``limit`` bytes.

    Raises:
        PredictionError: the file is not sound, not of predictions, or too large when it is unpacked.
    """
    if not data:
        raise PredictionError(f"{where}: the file is empty")
    try:
        footer = _checked_footer(where, data, bullets)
        metadata = pq.read_metadata(pa.BufferReader(footer.written()))
        schema = metadata.schema.to_arrow_schema()
        check_columns(where, schema.names)
        check_types(where, schema)
        longest = _check_pages(where, data, footer, limit)
        leaves = map(metadata.schema.column, range(metadata.num_columns))
        texts = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY" and leaf.path != BULLET_ID]
        # Without threads of its own: one that outlives a refusal can end the interpreter with a crash.
        file = pq.ParquetFile(
            pa.BufferReader(data),
            metadata=metadata,
            read_dictionary=texts,
            page_checksum_verification=True,
            pre_buffer=False,
        )
        ids = _read_ids(where, file, limit // max(longest, 1), limit)
        table = _read_rest(file).append_column(BULLET_ID, ids)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise PredictionError(f"{where}: not a sound Parquet file: {shown(str(error))}") from error
    return table


def _checked_footer(where: str, data: bytes, bullets: int) -> Footer:
    size = footer_size(data)
    if size > _FOOTER + _FOOTER_PER_BULLET * bullets:
        raise PredictionError(f"{where}: the footer has {size:,} bytes; write fewer row groups and no metadata")
    footer = read_footer(data)
    if len(footer.schema) > _ELEMENTS:
        raise PredictionError(f"{where}: has {len(footer.schema):,} columns; keep only the predictions")
    if footer.rows > _ROWS_PER_BULLET * bullets:
        raise PredictionError(
            f"{where}: has {footer.rows:,} rows, far more than there are bullets; predict each bullet once"
        )
    return footer


def _check_pages(where: str, data: bytes, footer: Footer, limit: int) -> int:
    """Add up the headers of all pages, and return the largest size of one when it is unpacked."""
    unpacked = headers = longest = 0
    for _, chunks in footer.groups:
        for chunk in chunks:
            values = 0
            for page in chunk.pages(data):
                if page.encoding in DELTA_ENCODINGS:
                    name = DELTA_ENCODINGS[page.encoding]
                    raise PredictionError(f"{where}: the encoding {name} is not read; write Parquet of version 1")
                values += page.values if page.kind != DICTIONARY else 0
                unpacked += page.unpacked + _BYTES_PER_VALUE * page.values
                headers += page.header
                longest = max(longest, page.unpacked)
                if unpacked > limit:
                    raise PredictionError(f"{where}: unpacks to more than {limit:,} bytes; keep only the predictions")
                if headers > _HEADERS + footer.rows:
                    raise PredictionError(f"{where}: has far too many pages; write it with the defaults")
            if values != chunk.values:
                raise ThriftError(f"{values} values where the footer says {chunk.values}")
    rows = sum(rows for rows, _ in footer.groups)
    if rows != footer.rows:
        raise ThriftError(f"{rows} rows where the footer says {footer.rows}")
    return longest


def _read_ids(where: str, file: pq.ParquetFile, at_once: int, limit: int) -> pa.ChunkedArray:
    """Read the ids in steps, since one long id may stand in every row."""
    batches, size = [], 0
    for batch in file.iter_batches(min(max(at_once, 1), _IDS_AT_ONCE), columns=[BULLET_ID], use_threads=False):
        batches.append(batch)
        size += batch.nbytes
        if size > limit:
            raise PredictionError(f"{where}: the ids unpack to more than {limit:,} bytes; keep only the predictions")
    return pa.Table.from_batches(batches, pa.schema([file.schema_arrow.field(BULLET_ID)])).column(0)


def _read_rest(file: pq.ParquetFile) -> pa.Table:
    """Read the other columns by row group, since Arrow cannot read lists with the dictionaries of several at once."""
    columns = [name for name in file.schema_arrow.names if name != BULLET_ID]
    groups = [file.read_row_group(group, columns, use_threads=False) for group in range(file.num_row_groups)]
    return pa.concat_tables(groups) if groups else file.read(columns, use_threads=False)
