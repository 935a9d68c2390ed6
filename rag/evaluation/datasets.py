"""Questions whose right documents are known: reading and writing them in BEIR form.

The form is that of Thakur et al., "BEIR: A Heterogenous Benchmark for Zero-shot Evaluation of Information Retrieval
Models" (NeurIPS 2021): `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and `qrels/test.tsv`
(`query-id`, `corpus-id`, `score`, with that header). A `language` (ISO 639-1) in a corpus row is taken over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import DatasetError
from rag.records import Document

_HEADER = ("query-id", "corpus-id", "score")
_INTEGER = re.compile(r"-?[0-9]{1,6}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_HIGHEST_GRADE = 1000  # trec_eval allocates one counter for every grade up to the highest


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A corpus, questions, and which documents answer them: ``qrels[query id][document id]`` is a grade.

    A grade above 0 means relevant; 0 or below means looked at and not relevant; a pair that is not there was not
    judged, and counts as not relevant. A question may have no relevant document at all: it is then not scored.
    """

    name: str
    corpus: tuple[Document, ...]
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]

    def judged(self, limit: int | None = None) -> dict[str, str]:
        """Return the questions that have at least one relevant document, in file order, the first `limit` of them."""
        scored = [
            (query_id, text)
            for query_id, text in self.queries.items()
            if any(grade > 0 for grade in self.qrels.get(query_id, {}).values())
        ]
        return dict(scored[:limit])


def read_dataset(folder: Path | str) -> Dataset:
    """Read a folder in BEIR form.

    Raises:
        DatasetError: A file is missing, or a line is not in the expected form; the message names file and line.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DatasetError("dataset_missing", folder=str(folder))
    corpus = _read_corpus(folder / "corpus.jsonl")
    queries = _read_queries(folder / "queries.jsonl")
    qrels = _read_qrels(
        folder / "qrels" / "test.tsv", query_ids=queries.keys(), document_ids={row.id for row in corpus}
    )
    dataset = Dataset(name=folder.resolve().name, corpus=corpus, queries=queries, qrels=qrels)
    if not dataset.judged():
        raise DatasetError("dataset_unjudged", file=str(folder / "qrels" / "test.tsv"))
    return dataset


def write_dataset(dataset: Dataset, folder: Path | str) -> None:
    """Write a dataset so that `read_dataset` gives it back; files that stand there are replaced.

    Raises:
        DatasetError: An id cannot stand in a tab-separated file. Nothing is written then.
    """
    for name in [*(row.id for row in dataset.corpus), *dataset.queries]:
        if not _is_plain(name):
            raise DatasetError("dataset_id_unwritable", id=name)
    folder = Path(folder)
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    corpus = []
    for row in dataset.corpus:
        entry = {"_id": row.id, "title": row.title, "text": row.text}
        corpus.append(entry | ({"language": row.language} if row.language else {}))
    _write_lines(folder / "corpus.jsonl", [json.dumps(entry, ensure_ascii=False) for entry in corpus])
    queries = [{"_id": query_id, "text": text} for query_id, text in dataset.queries.items()]
    _write_lines(folder / "queries.jsonl", [json.dumps(entry, ensure_ascii=False) for entry in queries])
    judgements = [
        f"{query_id}\t{document_id}\t{grade}"
        for query_id, grades in dataset.qrels.items()
        for document_id, grade in grades.items()
    ]
    _write_lines(folder / "qrels" / "test.tsv", ["\t".join(_HEADER), *judgements])


def _read_corpus(path: Path) -> tuple[Document, ...]:
    documents: dict[str, Document] = {}
    for number, row in _json_rows(path):
        name = _text_field(path, number, row, "_id")
        _refuse_repeated(path, number, name, documents)
        title, text = row.get("title") or "", row.get("text")
        if not isinstance(title, str):
            raise _bad_field(path, number, "title", title)
        if not isinstance(text, str):
            raise _bad_field(path, number, "text", text)
        language = row.get("language")
        if language is not None and not (isinstance(language, str) and _LANGUAGE.fullmatch(language)):
            raise DatasetError("dataset_language_invalid", file=str(path), line=number, value=repr(language))
        documents[name] = Document(id=name, text=text, title=title, language=language)
    if not documents:
        raise DatasetError("dataset_file_empty", file=str(path), what="documents")
    return tuple(documents.values())


def _read_queries(path: Path) -> dict[str, str]:
    queries: dict[str, str] = {}
    for number, row in _json_rows(path):
        name = _text_field(path, number, row, "_id")
        _refuse_repeated(path, number, name, queries)
        queries[name] = _text_field(path, number, row, "text")
    if not queries:
        raise DatasetError("dataset_file_empty", file=str(path), what="questions")
    return queries


def _read_qrels(path: Path, *, query_ids: Collection[str], document_ids: Collection[str]) -> dict[str, dict[str, int]]:
    known = ((query_ids, "question", "queries.jsonl"), (document_ids, "document", "corpus.jsonl"))
    qrels: dict[str, dict[str, int]] = {}
    header = True
    for number, line in _lines(path):
        fields = line.split("\t")
        if header:
            if tuple(fields) != _HEADER:
                raise DatasetError(
                    "dataset_header_wrong", file=str(path), line=number, header=str(_HEADER), found=str(fields)
                )
            header = False
            continue
        if len(fields) != len(_HEADER):
            raise DatasetError(
                "dataset_fields_wrong", file=str(path), line=number, expected=len(_HEADER), count=len(fields)
            )
        for name, (ids, noun, where) in zip(fields, known, strict=False):
            if name not in ids:
                raise DatasetError("dataset_id_unknown", file=str(path), line=number, what=noun, id=name, where=where)
        query_id, document_id, grade = fields
        if not _INTEGER.fullmatch(grade) or abs(int(grade)) > _HIGHEST_GRADE:
            raise DatasetError("dataset_score_invalid", file=str(path), line=number, value=grade, limit=_HIGHEST_GRADE)
        if document_id in qrels.setdefault(query_id, {}):
            raise DatasetError(
                "dataset_judged_twice", file=str(path), line=number, question=query_id, document=document_id
            )
        qrels[query_id][document_id] = int(grade)
    if header:
        raise DatasetError("dataset_qrels_empty", file=str(path), header=str(_HEADER))
    return qrels


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DatasetError("dataset_not_json", file=str(path), line=number, detail=str(error)) from None
        if not isinstance(row, dict):
            raise DatasetError("dataset_not_object", file=str(path), line=number, type=type(row).__name__)
        if any(isinstance(value, str) and not _is_encodable(value) for value in row.values()):
            raise DatasetError("dataset_not_unicode", file=str(path), line=number)
        yield number, row


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that are not blank. Only a line feed ends a line: a text may hold U+2028 and its kin."""
    try:
        if not path.is_file():
            raise DatasetError("dataset_file_missing", file=str(path))
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                try:
                    line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                except UnicodeDecodeError as error:
                    byte = f"{error.object[error.start]:#04x}"
                    raise DatasetError(
                        "dataset_not_utf8", file=str(path), line=number, byte=byte, offset=error.start
                    ) from None
                if line.strip():
                    yield number, line
    except OSError as error:
        raise DatasetError("dataset_file_unreadable", file=str(path), detail=str(error.strerror)) from None


def _text_field(path: Path, number: int, row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _bad_field(path, number, name, value)
    return value


def _refuse_repeated(path: Path, number: int, name: str, seen: Mapping[str, object]) -> None:
    if name in seen:
        raise DatasetError("dataset_id_repeated", file=str(path), line=number, id=name)


def _bad_field(path: Path, number: int, name: str, value: object) -> DatasetError:
    found = "missing" if value is None else repr(value)
    return DatasetError("dataset_field_invalid", file=str(path), line=number, field=name, value=found)


def _is_plain(name: str) -> bool:
    return bool(name.strip()) and not re.search(r"[\x00-\x1f]", name) and _is_encodable(name)


def _is_encodable(text: str) -> bool:
    return not re.search(r"[\ud800-\udfff]", text)


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
