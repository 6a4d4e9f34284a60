"""Run lm-evaluation-harness with the scripted model: ``python run_lm_eval.py TASK_FOLDER OUTPUT_FOLDER``."""

import sys
from pathlib import Path
from typing import Any

from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager

from harness.scripted_model import likelihood, reply


class Scripted(LM):
    """The scripted model as the harness calls it."""

    def loglikelihood(self, requests: list[Any]) -> list[tuple[float, bool]]:
        return [(likelihood(context, choice.strip()), False) for context, choice in (one.args for one in requests)]

    def generate_until(self, requests: list[Any]) -> list[str]:
        return [reply(one.args[0]) for one in requests]

    def loglikelihood_rolling(self, requests: list[Any]) -> list[float]:
        raise NotImplementedError


def run(tasks: Path, out: Path, names: list[str], **options: Any) -> None:
    """Evaluate, and store results and samples as the command line does."""
    tracker = EvaluationTracker(output_path=str(out))
    manager = TaskManager(include_path=str(tasks), include_defaults=False)
    results = simple_evaluate(Scripted(), tasks=names, task_manager=manager, evaluation_tracker=tracker, **options)
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    for name, logged in samples.items():
        tracker.save_results_samples(task_name=name, samples=logged)


if __name__ == "__main__":
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    run(folder, output / "likelihood", ["briefbench"])
    run(folder, output / "generate", ["briefbench_generate"])
    run(folder, output / "fewshot", ["briefbench_stance"], num_fewshot=3, limit=4)
