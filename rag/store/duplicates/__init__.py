"""Near-duplicates of documents (clusters) and of passages (copies)."""
