"""The web page: components, HTML, texts in three languages."""
