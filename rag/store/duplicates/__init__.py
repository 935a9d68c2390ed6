"""Near-duplicates: clusters of documents and copies of passages."""
