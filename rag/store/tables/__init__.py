"""The SQLite database: documents, passages, versions."""
