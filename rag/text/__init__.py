"""Languages, normalisation, sentence boundaries and search terms: pure functions over text."""
