"""Who comes in: passwords, tokens, and the terms on which others are served."""

from __future__ import annotations

import argparse
import io
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from guard_samples import ANA, basic, client

from rag import SettingsError
from rag.cli.commands import main
from rag.server import listen
from rag.server.auth import Accounts, make_token
from rag.server.options import OTHERS_PER_MINUTE, Terms, add_flags, read_flags


def test_without_a_password_nothing_is_answered_but_that_the_process_runs() -> None:
    asked = client(Terms(accounts=Accounts.read(ANA)))
    refused = asked.get("/api/answer")
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert refused.json()["message"] == "A user name and password, or a token, is needed. Send them"
    assert asked.get("/healthz").json() == "ok"
    for wrong in (
        basic("ana", "wrong horse"),
        basic("bob", "correct horse"),
        {"Authorization": "Basic ?"},
        {"Authorization": "x"},
    ):
        assert asked.get("/", headers=wrong).json()["code"] == "password_wrong"
    assert asked.get("/", headers=basic("ana", "correct horse")).status_code == 200


def test_a_program_comes_in_with_a_token() -> None:
    token, line = make_token("robot")
    assert token not in line
    asked = client(Terms(accounts=Accounts.read(f"{ANA}\n{line}\n")))
    assert asked.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert asked.get("/", headers={"Authorization": f"Bearer {token}x"}).status_code == 401
    assert asked.get("/", headers=basic("robot", token)).status_code == 401


def test_guessing_ends_after_a_few_wrong_passwords() -> None:
    asked = client(Terms(accounts=Accounts.read(make_token("robot")[1])))
    answers = [asked.get("/", headers={"Authorization": f"Bearer {n}"}) for n in range(12)]
    assert [answer.status_code for answer in answers[:10]] == [401] * 10
    assert answers[11].status_code == 429 and int(answers[11].headers["Retry-After"]) >= 1
    assert re.fullmatch(r"Too many wrong passwords\. Come back in \d+ s", answers[11].json()["detail"])


def test_accounts_are_read_from_a_file_and_a_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "accounts"
    file.write_text(f"# people\n{ANA}\n\n")
    assert Accounts.read(str(file)).name_of(basic("ana", "correct horse")["Authorization"]) == "ana"
    for text, said in (
        ("ana:secret", "--auth: line 1 is not USER:HASH. Make one: rag password USER"),
        (f"{ANA}\n{ANA}", "--auth: line 2 names 'ana' a second time. Remove one of the two"),
        ("x:sha256:12", "--auth: line 1 is not USER:HASH. Make one: rag password USER"),
        ("# nobody", f"--auth {str(file)!r} holds no account. Make a line of it: rag password USER"),
    ):
        file.write_text(text)
        with pytest.raises(SettingsError, match=f"^{re.escape(said)}$"):
            Accounts.read(str(file))
    with pytest.raises(SettingsError, match=r"cannot be read: No such file or directory. Make a line of it"):
        Accounts.read(str(tmp_path / "none"))
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read: UnicodeDecodeError"):
        Accounts.read(str(file))


def test_the_command_line_makes_accounts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["password", "robot", "--token"]) == 0
    out, err = capsys.readouterr()
    token = err.removeprefix("rag: the token, shown only now: ").strip()
    assert Accounts.read(out.strip()).name_of(f"Bearer {token}") == "robot"
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n" * 2))
    assert main(["password", "ana"]) == 1
    assert (
        capsys.readouterr().err == "rag: The password has 5 characters; it must have at least 8. Choose a longer one\n"
    )
    assert main(["password", "a:b"]) == 1
    assert "cannot be a user name" in capsys.readouterr().err


def terms_of(*flags: str) -> Terms:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return read_flags(parser.parse_args(flags))


def test_others_are_served_only_with_a_password_or_by_agreement() -> None:
    with pytest.raises(SettingsError, match=r"0\.0\.0\.0 can be reached .* --auth\. Or agree: --open$"):
        listen(terms_of("--host", "0.0.0.0", "--port", "0"))
    for agreed in (("--open",), ("--auth", ANA)):
        listen(terms_of("--host", "0.0.0.0", "--port", "0", *agreed)).close()


def test_flags_set_the_terms() -> None:
    assert terms_of().rate is None and terms_of("--host", "0.0.0.0").rate == OTHERS_PER_MINUTE
    assert terms_of("--rate", "7").rate == 7
    with pytest.raises(SettingsError, match=r"--rate is 0; it must be above 0"):
        terms_of("--rate", "0")
    corpus = ("--corpus", "articles")
    assert terms_of(*corpus).can_change and not terms_of().can_change
    assert not terms_of(*corpus, "--host", "0.0.0.0").can_change
    assert not terms_of(*corpus, "--open").can_change
    assert terms_of(*corpus, "--host", "0.0.0.0", "--allow-changes").can_change
    assert not replace(terms_of(*corpus), accounts=Accounts({})).can_change
    assert terms_of("--log-questions").log
