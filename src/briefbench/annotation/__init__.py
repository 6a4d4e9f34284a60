"""Annotation: the labelling config, the votes, the gold rule and the agreement."""
