"""Online: from a question to ranked hits."""
