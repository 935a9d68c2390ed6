"""From a file to documents: encodings, and one clear line for what cannot be read."""

import os
from pathlib import Path

import pytest

from rag.errors import ReadError
from rag.readers import read_documents, supported
from rag.records import Document
from rag.text.normalisation import normalise

ROMANIAN = "Președintele a anunțat că garanțiile de securitate vor fi semnate în săptămâna viitoare, la București."
SLOVENE = (
    "Predsednik je napovedal, da bodo varnostna jamstva podpisali čez teden dni v Ljubljani, če bo šlo vse po načrtu."
)


def _read(path: Path, data: bytes) -> Document:
    path.write_bytes(data)
    (document,) = read_documents(path, document_id=path.name)
    return document


def _error(path: Path, data: bytes | None = None, *, max_bytes: int = 20_000_000) -> str:
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ReadError) as error:
        list(read_documents(path, document_id=path.name, max_bytes=max_bytes))
    message = str(error.value)
    assert "\n" not in message
    return message.replace(f"{path.parent}/", "")


def test_supported_endings() -> None:
    assert supported(Path("a.txt"))
    assert supported(Path("a.MD"))
    assert supported(Path("a.pdf"))
    assert not supported(Path("a.jpg"))
    assert not supported(Path("txt"))


def test_the_text_is_the_file_exactly(tmp_path: Path) -> None:
    text = "\ufeff" + " Titlu\r\n\r\nUn rând.\rAltul\u2028 gata\n\n\n"
    document = _read(tmp_path / "a.txt", text.encode("utf-8"))
    assert document.text == text[1:]
    assert document.id == "a.txt"
    assert document.source == "a.txt"  # its name in the corpus, never its place on this machine


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings_with_and_without_mark(tmp_path: Path, encoding: str) -> None:
    assert _read(tmp_path / "a.txt", ROMANIAN.encode(encoding)).text == ROMANIAN


@pytest.mark.parametrize("encoding", ["windows-1250", "iso8859-2", "iso8859-16", "mac-latin2", "cp852"])
def test_old_encodings_of_slovene(tmp_path: Path, encoding: str) -> None:
    document = _read(tmp_path / "a.txt", SLOVENE.encode(encoding))
    assert document.text == SLOVENE
    assert document.language == "sl"


@pytest.mark.parametrize("encoding", ["windows-1250", "iso8859-2"])
def test_old_encodings_of_romanian_have_the_cedilla(tmp_path: Path, encoding: str) -> None:
    typed = ROMANIAN.replace("ș", "ş").replace("ț", "ţ")
    document = _read(tmp_path / "a.txt", typed.encode(encoding))
    assert document.text == typed
    assert document.language == "ro"


def test_the_romanian_standard_encoding_cannot_be_told_from_the_central_european_one(tmp_path: Path) -> None:
    text = _read(tmp_path / "a.txt", ROMANIAN.encode("iso8859-16")).text
    assert normalise(text, "ro") == ROMANIAN  # the same bytes are ş in one and ș in the other


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "Der Minister erklärte, dass die Gespräche über das Abkommen für Kärnten schließlich begonnen hätten.",
            "windows-1252",
        ),
        (
            "Le ministre a annoncé que l’été dernier les négociations à Genève avaient échoué, ça n’étonne pas.",
            "windows-1252",
        ),
        ("El ministro anunció que la reunión del año próximo será en la capital de España, según él.", "iso8859-15"),
        ("Minister oznámil, že jednání budou pokračovat příští týden v Praze, řekl včera úřad vlády.", "windows-1250"),
        ("Министр сообщил, что переговоры продолжатся на следующей неделе в Москве, пишет газета.", "windows-1251"),
    ],
)
def test_old_encodings_of_other_languages(tmp_path: Path, text: str, encoding: str) -> None:
    assert _read(tmp_path / "a.txt", text.encode(encoding)).text == text


def test_metadata_language_and_masks_are_filled(tmp_path: Path) -> None:
    page = f"Semnare la București\n\nAna Pop\n28 ian. 2026, 18:20\n\n{ROMANIAN}\n\nCitește și\nAlt titlu\n"
    document = _read(tmp_path / "a.txt", page.encode("utf-8"))
    assert (document.title, document.author, document.language) == ("Semnare la București", "Ana Pop", "ro")
    assert str(document.published) == "2026-01-28 18:20:00"
    unmasked = page
    for start, end in reversed(document.masked):
        unmasked = unmasked[:start] + unmasked[end:]
    assert unmasked.strip() == ROMANIAN
    assert set(document.evidence.values()) == {"text"}


def test_the_address_that_a_page_gives_is_its_source(tmp_path: Path) -> None:
    page = (
        f"https://www.gazeta.example/2026/01/28/semnare\nSemnare la București\nModificat: 29 ian. 2026\n\n{ROMANIAN}\n"
    )
    document = _read(tmp_path / "a.txt", page.encode("utf-8"))
    assert document.source == document.url == "https://www.gazeta.example/2026/01/28/semnare"
    assert (str(document.published), str(document.modified)) == ("2026-01-28", "2026-01-29")
    found = {name: document.evidence[name] for name in ("source", "published", "modified")}
    assert found == {"source": "text", "published": "url", "modified": "text"}
    plain = _read(tmp_path / "b.txt", f"Semnare\n\n{ROMANIAN}\n".encode())
    assert (plain.url, plain.modified, "source" in plain.evidence) == (None, None, False)


def test_empty_and_blank_files(tmp_path: Path) -> None:
    assert _error(tmp_path / "a.txt", b"") == "'a.txt' is empty (0 bytes). Remove it, or fetch it again"
    expected = "'a.txt' holds no text. Remove it, or fetch it again"
    assert _error(tmp_path / "a.txt", "\ufeff \n\t\u00a0".encode()) == expected


def test_large_files(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as stream:
        stream.truncate(50_000_000)
    assert _error(tmp_path / "a.txt") == (
        "'a.txt' has 50,000,000 bytes, more than the limit of 20,000,000. "
        "Split it into articles, or raise RAG_MAX_FILE_BYTES"
    )
    assert "more than the limit of 3." in _error(tmp_path / "b.txt", b"abcd", max_bytes=3)


def test_binary_files(tmp_path: Path) -> None:
    message = "'a.txt' is a picture, not text. Remove it, or convert it to text"
    assert _error(tmp_path / "a.txt", b"\x89PNG rest") == message
    assert "is a damaged PDF, or is cut short" in _error(tmp_path / "a.txt", b"%PDF-1.7 rest")
    assert "is a damaged archive or office document" in _error(tmp_path / "a.txt", b"PK\x03\x04rest")
    assert "does not begin like one" in _error(tmp_path / "a.pdf", b"no PDF")
    assert "is binary: it holds a NUL at" in _error(tmp_path / "a.txt", b"text\x00text and more")
    assert "is binary: it holds a NUL at position 1." in _error(tmp_path / "a.txt", "a\x00bč".encode("utf-16"))
    assert "is binary or in an unknown encoding" in _error(
        tmp_path / "a.txt", bytes(range(1, 32)) * 9 + b"\xff\xfd\x81" * 50
    )


def test_damaged_unicode_names_the_byte(tmp_path: Path) -> None:
    data = ROMANIAN.encode("utf-8")
    broken = data[:60] + b"\xff" + data[60:]
    assert _error(tmp_path / "a.txt", broken) == (
        "'a.txt' is damaged: it is not valid UTF-8 at byte 60. Repair that place, or fetch it again"
    )
    assert "not valid UTF-8 at byte" in _error(tmp_path / "a.txt", b"\xef\xbb\xbf" + broken)
    assert "not valid UTF-16 at byte" in _error(tmp_path / "a.txt", b"\xff\xfea\x00\x00\xd8a\x00")  # a lone surrogate
    assert "not valid UTF-8" in _error(
        tmp_path / "a.txt", (ROMANIAN + "\ud800" + ROMANIAN).encode("utf-8", "surrogatepass")
    )


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    expected = "'pipe.txt' is not a regular file (a pipe, socket or device). Remove it from the folder"
    assert _error(tmp_path / "pipe.txt") == expected
    (tmp_path / "link.txt").symlink_to(tmp_path / "nowhere")
    assert _error(tmp_path / "link.txt") == (
        "'link.txt' is a link to a file that does not exist. Remove the link, or correct it"
    )
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    assert "'loop.txt' cannot be read: Too many levels of symbolic links" in _error(tmp_path / "loop.txt")
    (tmp_path / "sub.txt").mkdir()
    assert _error(tmp_path / "sub.txt") == "Folder 'sub.txt' cannot be listed. Check its permissions"
    assert "no longer exists" in _error(tmp_path / "never.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ROMANIAN)
    (tmp_path / "a.txt").chmod(0)
    assert _error(tmp_path / "a.txt") == "'a.txt' cannot be read: Permission denied. Check its permissions"


def test_unknown_format(tmp_path: Path) -> None:
    expected = "'a.xyz' cannot be read: there is no reader for '.xyz'. Known endings: "
    assert _error(tmp_path / "a.xyz", b"x").startswith(expected)
    assert "no reader for files without an ending" in _error(tmp_path / "a", b"x")


def test_names_with_line_breaks_stay_on_one_line(tmp_path: Path) -> None:
    assert _error(tmp_path / "a\nb.txt", b"").startswith("'a\\nb.txt' is empty")
