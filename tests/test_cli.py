"""The command line: data on stdout, one clear line on stderr, exit codes, and JSON for machines."""

from __future__ import annotations

import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import SEEDS
from tiny import write_tiny_model

from rag.cli.commands import main
from rag.store.tables.database import NAME

ROOT = Path(__file__).parent.parent
CONDITION = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
TRAIN = "Care este prețul unui bilet de tren de la București la Cluj?"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("cli") / "index"
    assert main(["index", str(SEEDS), "--index", str(path)]) == 0
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def test_ask_quotes_and_cites(built: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "ask", CONDITION, "--index", built)
    assert (code, err) == (0, "")
    first, *rest = out.splitlines()
    assert first.startswith("[1] Kremlinul s-a arătat dispus") and first.endswith("la Moscova.")
    assert any(
        line.startswith("[1] “Rușii îl invită pe Zelenski") and "003_569c59af60f09498.txt" in line for line in rest
    )


def test_ask_says_when_the_corpus_does_not(built: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "ask", TRAIN, "--index", built)
    assert code == 3
    assert out.startswith("No answer found in these articles.\nClosest passages:\n")


def test_a_question_needs_no_quotes_around_it(built: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "ask", *CONDITION.split(), "--index", built, "--json")
    assert (code, json.loads(out)["question"]) == (0, CONDITION)


def test_without_a_command_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)
    assert (code, err) == (0, "")
    commands = re.findall(r"^    (\w+) ", out, re.MULTILINE)
    assert {"index", "ask", "retrieve", "serve", "info", "verify"} <= set(commands)
    for command in commands:
        code, out, _ = run(capsys, command, "--help")
        assert code == 0 and f"examples:\n  rag {command}" in out, command


@pytest.mark.parametrize("question", [CONDITION, TRAIN])
def test_on_a_terminal_an_answer_is_wrapped_to_its_width(built: str, question: str) -> None:
    command = [sys.executable, "-m", "rag.cli", "ask", question, "--index", built]
    environment = {**os.environ, "COLUMNS": "60", "TERM": "xterm-256color", "PYTHONPATH": str(SEEDS.parent)}
    main_end, terminal = pty.openpty()
    with subprocess.Popen(command, stdout=terminal, stderr=subprocess.PIPE, env=environment) as process:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # the end of a terminal whose program has ended
            while part := os.read(main_end, 65_536):
                shown += part
        process.wait(60)
    os.close(main_end)
    text = shown.decode()
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in text.splitlines()]
    assert max(map(len, lines)) <= 60 and "\x1b[1" in text
    words = " ".join(" ".join(lines).split())
    if question == TRAIN:
        assert process.returncode == 3 and words.startswith("No answer found in these articles. Closest passages:")
    else:
        assert process.returncode == 0 and words.startswith("[1] Kremlinul s-a arătat dispus")


def test_json_holds_the_whole_answer(built: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "ask", CONDITION, "--index", built, "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["abstained"] is False
    quote = answer["quotes"][0]
    text = (SEEDS / "003_569c59af60f09498.txt").read_text("utf-8")
    assert text[quote["citation"]["start"] : quote["citation"]["end"]] == quote["text"]
    assert quote["citation"]["published"] == "2026-01-28T18:20:00"
    assert "text" not in answer["hits"][0]["document"]


def test_a_question_that_is_no_text_in_utf_8_is_asked_all_the_same(built: str) -> None:
    command: list[str | bytes] = [
        sys.executable,
        "-m",
        "rag.cli",
        "ask",
        b"Cine e \xff Putin?",
        "--json",
        "--index",
        built,
    ]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["question"] == "Cine e ? Putin?"


def test_a_file_whose_name_is_no_text_in_utf_8_is_cited_by_every_face(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, place = tmp_path / "corpus", str(tmp_path / "index")
    folder.mkdir()
    with open(os.fsencode(folder) + b"/\xff.txt", "w", encoding="utf-8") as file:  # noqa: PTH123 (a name in bytes)
        file.write("The lighthouse of Genoa\n\nThe lighthouse of Genoa was rebuilt in 1543, said the keeper.\n")
    assert main(["index", str(folder), "--index", place]) == 0
    _, out, _ = run(capsys, "ask", "When was the lighthouse of Genoa rebuilt?", "--json", "--index", place)
    citation = json.loads(out)["quotes"][0]["citation"]
    assert (citation["document_id"], citation["source"]) == ("\\xff.txt", "\\xff.txt")
    _, out, _ = run(capsys, "ask", "When was the lighthouse of Genoa rebuilt?", "--index", place)
    assert "[\\xff.txt:" in out and str(folder) not in out


def test_retrieve_filters_by_language_and_date(built: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("retrieve", "Witkoff Dmitriev", "--index", built, "--json", "-k", "20")
    _, out, _ = run(capsys, *arguments, "--language", "sl")
    assert {hit["document"]["language"] for hit in json.loads(out)["hits"]} == {"sl"}
    _, out, _ = run(capsys, *arguments, "--published-from", "2026-01-10", "--published-to", "2026-01-20")
    assert {hit["document"]["id"][:3] for hit in json.loads(out)["hits"]} == {"000"}
    code, out, err = run(capsys, *arguments, "--outlet", "No such outlet")
    refusal = json.loads(out)["error"]
    assert code == 1 and refusal["code"] == "filter_outlet_unknown" and "No such outlet" in refusal["message"]
    assert "No such outlet" in err


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_retrieve_in_every_mode(built: str, capsys: pytest.CaptureFixture[str], mode: str) -> None:
    _, out, _ = run(capsys, "retrieve", CONDITION, "--index", built, "--mode", mode, "--json")
    hits = json.loads(out)["hits"]
    assert hits[0]["document"]["id"] == "003_569c59af60f09498.txt"
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


def test_purge(built: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "purge", "--index", built)
    assert (code, out) == (0, "nothing of removed articles is left in the index's files\n")
    code, out, _ = run(capsys, "purge", "--index", built, "--json")
    assert (code, json.loads(out)) == (0, {"purged": True})


def test_info_and_verify(built: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "info", "--index", built, "--json")
    assert json.loads(out)["documents"] == 5
    code, out, _ = run(capsys, "verify", "--index", built)
    assert (code, out.splitlines()[0][:11]) == (0, "no problems")


def test_verify_finds_a_changed_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "index"
    assert main(["index", str(SEEDS), "--index", str(path)]) == 0
    with sqlite3.connect(path / NAME) as database:
        database.execute(
            "UPDATE texts SET text = 'changed' WHERE document = (SELECT number FROM documents WHERE id LIKE '003%')"
        )
    database.close()
    code, out, _ = run(capsys, "verify", "--index", str(path))
    assert code == 1
    assert "003_569c59af60f09498.txt" in out


def test_eval_prints_the_measures_of_all_modes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "eval", str(ROOT / "tests/data/seeds-beir"))
    assert code == 0
    assert all(word in out for word in ("nDCG@10", "R@1", "R@5", "MRR@10", "dense", "lexical", "hybrid"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", "", "--index", "BUILT"], "rag: The question is empty. Type a few words\n"),
        (["ask", "  \n ", "--index", "BUILT"], "rag: The question is empty. Type a few words\n"),
        (["ask", "x", "-k", "0", "--index", "BUILT"], "rag: The number of passages k is 0. Ask for 1 passage or more\n"),
        (["ask", "a" * 100_001, "--index", "BUILT"], "rag: The question has 100,001 characters; at most 100,000 are read. Ask for less\n"),
        (["ask", "x", "--published-from", "soon", "--index", "BUILT"], "rag: 'soon' is not a date. Write it as 2026-01-31\n"),
        (
            ["ask", "x", "--published-from", "2026-02-01", "--published-to", "2026-01-01", "--index", "BUILT"],
            "rag: The date range is empty: from 2026-02-01 to 2026-01-01. Swap the two dates\n",
        ),
        (["ask", "x", "--index", "/no/such/index"], "rag: There is no index at '/no/such/index'. Run: rag index FOLDER --index /no/such/index\n"),
        (["eval", "/no/such/dataset"], None),
        (["index", "/no/such/folder", "--index", "BUILT"], None),
        (["index", str(SEEDS), "--index", "BUILT", "--batch-size", "0"], "rag: batch_size is 0; it must be at least 1. Choose another value\n"),
        (["index", str(SEEDS), "--index", "BUILT", "--model", "no-such/model"], None),
    ],
)  # fmt: skip
def test_every_error_is_one_line(
    built: str, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str | None
) -> None:
    code, out, err = run(capsys, *[built if argument == "BUILT" else argument for argument in arguments])
    assert (code, out) == (1, "")
    assert err.startswith("rag: ") and err.count("\n") == 1
    if message is not None:
        assert err == message


def test_with_json_an_error_is_its_code_its_facts_and_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "info", "--index", "/no/such/index", "--json")
    refused = json.loads(out)["error"]
    assert (code, refused["code"], refused["facts"]) == (1, "index_missing", {"place": "/no/such/index"})
    assert err == f"rag: {refused['message']}\n"


def test_another_model_is_refused_and_rebuild_is_the_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, model = str(tmp_path / "index"), str(write_tiny_model(tmp_path / "tiny"))
    assert main(["index", str(SEEDS), "--index", path]) == 0
    code, _, err = run(capsys, "index", str(SEEDS), "--index", path, "--model", model)
    assert code == 1
    assert "was built with model" in err and f"asked for {model} (2)" in err and "--rebuild" in err
    code, out, _ = run(capsys, "index", str(SEEDS), "--index", path, "--model", model, "--rebuild")
    assert (code, "5 added" in out) == (0, True)
    code, out, _ = run(capsys, "info", "--index", path, "--json")
    assert (json.loads(out)["model"], json.loads(out)["dimension"]) == (model, 2)
    code, out, _ = run(capsys, "retrieve", CONDITION, "--index", path, "--json", "-k", "1")
    assert json.loads(out)["hits"][0]["document"]["id"].startswith("003")


def test_a_damaged_database_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "index"
    assert main(["index", str(SEEDS), "--index", str(path)]) == 0
    (path / NAME).write_bytes(b"this is no database" * 1000)
    code, _, err = run(capsys, "ask", CONDITION, "--index", str(path))
    assert (code, err.count("\n")) == (1, 1)
    assert "--rebuild" in err
    assert main(["index", str(SEEDS), "--index", str(path), "--rebuild"]) == 0


@pytest.mark.parametrize("arguments", [["nothing"], ["ask"], ["ask", "x", "-k", "many"], ["eval", "x", "--mode", "y"]])
def test_wrong_usage_is_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "usage: rag" in err


def test_a_long_question_and_a_large_k_are_answered(built: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "retrieve", "Moscova Zelenski " * 2500, "-k", "100000", "--index", built, "--json")
    hits = json.loads(out)["hits"]
    assert code == 0
    assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
    assert 5 < len(hits) < 100


def test_the_command_itself(built: str) -> None:
    command = [sys.executable, "-m", "rag.cli", "retrieve", "Kremlin", "--index", built, "-k", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1. ")
