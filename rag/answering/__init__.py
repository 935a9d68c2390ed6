"""Online: from hits to verbatim quotes, or to the word that the corpus does not say."""
