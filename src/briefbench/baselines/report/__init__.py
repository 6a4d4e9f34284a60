"""What is stored of the baselines as pages: results on every protocol, an error analysis, a card for each baseline."""
