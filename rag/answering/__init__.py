"""From hits to verbatim quotes, or to an abstention."""
