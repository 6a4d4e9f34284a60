"""The quality of the gold labels: those that a classifier doubts, and what a reader found of them."""
