"""What the tasks for lm-evaluation-harness and Inspect share: asking, reading answers, scoring, writing predictions.

The task files are in ``integrations/`` of a checkout; ``python -m briefbench.integrations`` makes a prediction file of
a run. Neither of the two programs is imported before it is needed.
"""
