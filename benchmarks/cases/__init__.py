"""Small files that hold words in every way that people reported, each with what is right.

`benchmarks/formats.py` prints which are read rightly, by kind; `tests/test_file_cases.py` asserts it.
"""
