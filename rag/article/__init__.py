"""From text to an article: lines, masks of boilerplate, and metadata."""
