"""Languages of articles and of questions."""

import subprocess
import sys
from pathlib import Path

import pytest

from rag.text.languages import LANGUAGES, identify_language, identify_question_language

SEEDS = Path(__file__).parent.parent / "seeds"

SENTENCES = {
    "bg": "Министърът обяви, че преговорите ще продължат следващата седмица в София.",
    "cs": "Ministr oznámil, že jednání budou pokračovat příští týden v Praze.",
    "da": "Ministeren oplyste, at forhandlingerne fortsætter i næste uge i København.",
    "de": "Der Minister erklärte, dass die Verhandlungen nächste Woche in Berlin fortgesetzt werden.",
    "el": "Ο υπουργός ανακοίνωσε ότι οι διαπραγματεύσεις θα συνεχιστούν την επόμενη εβδομάδα.",
    "en": "The minister said that the negotiations would continue next week in London.",
    "es": "El ministro anunció que las negociaciones continuarán la próxima semana en Madrid.",
    "fi": "Ministeri ilmoitti, että neuvottelut jatkuvat ensi viikolla Helsingissä.",
    "fr": "Le ministre a annoncé que les négociations se poursuivront la semaine prochaine à Paris.",
    "hr": "Ministar je najavio da će se pregovori nastaviti sljedeći tjedan u Zagrebu.",
    "hu": "A miniszter bejelentette, hogy a tárgyalások jövő héten folytatódnak Budapesten.",
    "it": "Il ministro ha annunciato che i negoziati continueranno la prossima settimana a Roma.",
    "nl": "De minister zei dat de onderhandelingen volgende week in Den Haag worden voortgezet.",
    "pl": "Minister poinformował, że negocjacje będą kontynuowane w przyszłym tygodniu w Warszawie.",
    "pt": "O ministro anunciou que as negociações vão continuar na próxima semana em Lisboa.",
    "ro": "Ministrul a anunțat că negocierile vor continua săptămâna viitoare la București.",
    "ru": "Министр сообщил, что переговоры продолжатся на следующей неделе в Москве.",
    "sk": "Minister oznámil, že rokovania budú pokračovať budúci týždeň v Bratislave.",
    "sl": "Minister je napovedal, da se bodo pogajanja nadaljevala prihodnji teden v Ljubljani.",
    "sv": "Ministern meddelade att förhandlingarna fortsätter nästa vecka i Stockholm.",
    "tr": "Bakan, müzakerelerin gelecek hafta Ankara'da devam edeceğini açıkladı.",
    "uk": "Міністр повідомив, що переговори продовжаться наступного тижня в Києві.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_one_sentence_is_enough(language: str) -> None:
    assert language in LANGUAGES
    assert identify_language(SENTENCES[language]) == language


def test_serbian_in_latin_letters_is_neither_croatian_nor_bosnian() -> None:
    serbian = "Gde je bilo prvo mesto? Čovek je posle dve nedelje ovde video sneg i rekao je novinarima."
    croatian = "Gdje je bilo prvo mjesto? Čovjek je poslije dva tjedna ovdje vidio snijeg i rekao novinarima."
    assert identify_language(serbian) == "sr"
    assert identify_language(croatian) in ("hr", "bs")


def test_the_five_articles() -> None:
    found = {path.name[:3]: identify_language(path.read_text("utf-8")) for path in sorted(SEEDS.glob("0*.txt"))}
    assert found == {"000": "ro", "001": "ro", "002": "ro", "003": "ro", "004": "sl"}


@pytest.mark.parametrize("text", ["", "   \n", "OK", "12 345 678", "😀", "?!…", "Zelenski"])
def test_too_little_text_has_no_language(text: str) -> None:
    assert identify_language(text) is None


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Unde s-au întâlnit Witkoff și Dmitriev?", "ro"),
        ("garantii de securitate", "ro"),
        ("Ce conditie a pus Kremlinul pentru intalnire?", "ro"),
        ("CE CONDITIE A PUS KREMLINUL", "ro"),
        ("V katerem mestu sta se Witkoff in Dmitrijev sestala januarja?", "sl"),
        ("Kje sta se srecala?", "sl"),
        ("varnostna jamstva za Ukrajino", "sl"),
        ("Where did Witkoff meet Dmitriev?", "en"),
        ("security guarantees for Ukraine", "en"),
    ],
)
def test_questions_with_and_without_diacritics(question: str, language: str) -> None:
    assert identify_question_language(question, {"ro", "sl", "en"}) == language


def test_a_question_is_compared_only_with_the_given_languages() -> None:
    question = "Wer hat das Abkommen unterschrieben?"
    assert identify_question_language(question, {"ro", "sl", "de"}) == "de"
    assert identify_question_language(question, {"ro"}) == "ro"
    assert identify_question_language(question, {"xx"}) is None
    assert identify_question_language("?", {"ro", "sl"}) is None


def test_importing_the_module_loads_no_models() -> None:
    code = "import sys, rag.text.languages; sys.exit('lingua' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
