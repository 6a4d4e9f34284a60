"""Run Inspect with the scripted model, and make predictions of its logs: ``python run_inspect.py TASK_FILE FOLDER``."""

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from inspect_ai import eval as run_tasks
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from briefbench.integrations.__main__ import main
from briefbench.schema import TASK_NAMES
from harness.scripted_model import reply


def output(messages: list[Any], *_: Any) -> ModelOutput:
    """Answer the last message; since the usage is given, nobody counts tokens, for which a download would be needed."""
    answer = ModelOutput.from_content("mockllm/model", reply(messages[-1].text))
    answer.usage = ModelUsage()
    return answer


def predict(logs: Path, out: Path) -> dict[str, Any]:
    """Make predictions of the logs in a folder, and return the exit status and what was printed."""
    printed, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
        status = main(["inspect", str(logs), "--out", str(out)])
    return {"status": status, "out": printed.getvalue(), "err": errors.getvalue()}


if __name__ == "__main__":
    file, folder = sys.argv[1], Path(sys.argv[2])
    model = get_model("mockllm/model", custom_outputs=output)
    quick: dict[str, Any] = {"display": "none", "log_realtime": False, "log_buffer": 1000}
    specs = [f"{file}@briefbench_{task}" for task in TASK_NAMES]
    logs = run_tasks(specs, model=model, log_dir=str(folder / "whole"), **quick)
    run_tasks(specs[:1], model=model, log_dir=str(folder / "limited"), limit=5, **quick)
    report = {
        "metrics": {
            log.eval.task: {name: one.value for name, one in log.results.scores[0].metrics.items()} for log in logs
        },
        "whole": predict(folder / "whole", folder / "predictions.parquet"),
        "limited": predict(folder / "limited", folder / "limited.parquet"),
    }
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
