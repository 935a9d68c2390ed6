"""How good is retrieval? Datasets in BEIR form, runs over them, and a report with confidence intervals."""

from rag.evaluation.datasets import Dataset, read_dataset, write_dataset
from rag.evaluation.report import MODES, Report, evaluate, format_report, report_as_dict
from rag.evaluation.runs import Run, run_search

__all__ = [
    "MODES",
    "Dataset",
    "Report",
    "Run",
    "evaluate",
    "format_report",
    "read_dataset",
    "report_as_dict",
    "run_search",
    "write_dataset",
]
