"""Searching: vectors, BM25 and the snapshot, all derived from the database."""
