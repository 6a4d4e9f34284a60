"""Every Python with this folder on its path that labels, as the command or as a worker, has the model of checksums."""

import sys
from pathlib import Path

if {"briefbench", "daft.execution.udf_worker"} & set(sys.orig_argv):
    from briefbench.labelling import model
    from table_support import StubModel

    model.make_model = lambda reference: StubModel(0.1, Path("gate"))  # type: ignore[assignment, return-value]
