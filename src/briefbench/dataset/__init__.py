"""The dataset: from articles to bullets, from bullets and votes to a verified release, and back into Python."""
