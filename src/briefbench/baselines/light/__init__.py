"""A linear model made for speed: all three tasks in one pass over the words, with tables instead of a vectorizer.

The features are those of `attribution-lr`, counted so that a word's share of every score can be looked up: its own
weight, those of its characters, and those of its place beside a verb of saying.
"""
