"""Labelling tables and folders of any size: a plan of parts, a reader and a writer for each part, and what runs them.

`briefbench.labelling.run.label` is the door; one function, `briefbench.labelling.parts.label_part`, does the work of a
part on one machine and on many.
"""
