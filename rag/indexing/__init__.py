"""From a file to passages: readers, article detection, metadata, chunking."""
