"""Measurements of speed, memory and quality; see README.md."""
