"""Loading a release from disk, offline, with every file checked against its checksum first."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from briefbench.dataset.release import CHECKSUMS, checked_bytes, parquet_table, read_checksums
from briefbench.dataset.tables import CONFIGS
from briefbench.errors import ReleaseError, UnknownNameError
from briefbench.project import shipped
from briefbench.schema import PROTOCOLS, SPLITS, listing

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


def load(
    config: str = "default",
    *,
    split: str | None = None,
    protocol: str = "weeks",
    dataset: str | Path | None = None,
) -> "Dataset | DatasetDict":
    """Load a config of a release as a `datasets.Dataset` (one split) or `datasets.DatasetDict` (all).

    Args:
        config: ``default`` (all columns), ``topic``, ``stance``, ``source_type`` (id, text, label) or ``votes``.
        split: ``train``, ``validation`` or ``test``; all three when not given.
        protocol: ``weeks``, ``chronological`` or ``publishers``.
        dataset: the folder of a release; by default the one that comes with BriefBench.

    Raises:
        UnknownNameError: no such config, split or protocol.
        ChecksumError: a file does not have the bytes that its checksum names.
        ReleaseError: there is no release in the folder.
    """
    from datasets import Dataset, DatasetDict

    if split is not None and split not in SPLITS:
        raise UnknownNameError(f"no split {split!r}; the splits are {listing(SPLITS)}")
    tables = read_tables(config, protocol=protocol, dataset=dataset)
    if split is not None:
        return Dataset(tables[split])
    return DatasetDict({name: Dataset(table) for name, table in tables.items()})


def read_tables(
    config: str = "default", *, protocol: str = "weeks", dataset: str | Path | None = None
) -> dict[str, pa.Table]:
    """Return the Arrow tables of a config by split; arguments and errors as in `load`."""
    if config not in CONFIGS:
        raise UnknownNameError(f"no config {config!r}; the configs are {listing(CONFIGS)}")
    if protocol not in PROTOCOLS:
        raise UnknownNameError(f"no protocol {protocol!r}; the protocols are {listing(PROTOCOLS)}")
    folder = Path(dataset) if dataset is not None else bundled_release()
    tables = _weeks(config, folder)
    if protocol == "weeks":
        return tables
    column = f"split_{protocol}"
    parts = tables if config == "default" else _weeks("default", folder)
    split_of = {
        identifier: part
        for table in parts.values()
        for identifier, part in zip(*(table[name].to_pylist() for name in ("bullet_id", column)), strict=True)
    }
    keys = ["bullet_id", "annotator"] if config == "votes" else ["bullet_id"]
    whole = pa.concat_tables(tables.values()).sort_by([(key, "ascending") for key in keys])
    mine = [split_of[identifier] for identifier in whole["bullet_id"].to_pylist()]
    if not any(mine):
        raise UnknownNameError(f"{folder}: this release was built without the protocol {protocol}")
    return {split: whole.filter(pa.array([part == split for part in mine])) for split in SPLITS}


def bundled_release() -> Path:
    """Return the folder of the release that comes with BriefBench: in a checkout ``dataset/``, else inside the package.

    Raises:
        ReleaseError: neither is there.
    """
    for folder in shipped("dataset", "release"):
        if (folder / CHECKSUMS).is_file():
            return folder
    raise ReleaseError("BriefBench came without its release; pass --dataset FOLDER, or install it again")


def _weeks(config: str, folder: Path) -> dict[str, pa.Table]:
    sums = read_checksums(folder)
    names = {split: f"data/{config}/{split}.parquet" for split in SPLITS}
    return {split: parquet_table(checked_bytes(folder, name, sums)) for split, name in names.items()}
