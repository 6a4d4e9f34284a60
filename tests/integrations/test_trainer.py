"""`briefbench.compute_metrics` with the class that a transformers Trainer passes to it."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

from briefbench.schema import STANCE
from harness.environments import environment, isolated

_SCRIPT = """
import json, sys
import numpy as np
from transformers import EvalPrediction
import briefbench

stored = np.load(sys.argv[1])
logits, codes = stored["logits"], stored["codes"]
compute = briefbench.compute_metrics("stance")
alone = compute(EvalPrediction(predictions=logits, label_ids=codes))
beside = compute(EvalPrediction(predictions=(logits, np.zeros((len(codes), 2, 8))), label_ids=codes))
assert alone == beside
print(json.dumps(alone))
"""


def test_an_eval_prediction_scores_as_scikit_learn_says(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    logits, codes = rng.normal(size=(60, 4)).astype(np.float32), rng.integers(0, 3, 60)
    np.savez(tmp_path / "case.npz", logits=logits, codes=codes)
    done = subprocess.run(
        [environment("lm-eval"), "-c", _SCRIPT, tmp_path / "case.npz"],
        env=isolated(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, predicted = json.loads(done.stdout), logits.argmax(axis=1)
    theirs = f1_score(codes, predicted, labels=range(len(STANCE)), average="macro", zero_division=0)
    assert found["macro_f1"] == pytest.approx(theirs, abs=1e-12)
    assert found["accuracy"] == pytest.approx(accuracy_score(codes, predicted), abs=1e-12)
    assert found["mcc"] == pytest.approx(matthews_corrcoef(codes, predicted), abs=1e-12)
