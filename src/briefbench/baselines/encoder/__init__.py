"""A pretrained encoder: its embeddings under a linear head, or the encoder itself fine-tuned with a head for each task.

Needs the extra ``encoder``. Nothing here is imported before a baseline of this family is fitted or loaded.
"""
