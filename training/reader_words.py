"""Words for the reader's training: names to swap, frames around questions, dictionaries for mixed-language text."""

import gzip
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

FRAMES = {
    "en": (
        "According to the text, {}",
        "According to the passage, {}",
        "As the article says, {}",
        "{} According to the article.",
        "Can you tell me: {}",
        "Please tell me, {}",
    ),
    "ro": (
        "Conform textului, {}",
        "Potrivit articolului, {}",
        "Conform pasajului, {}",
        "Poți să-mi spui: {}",
        "Aș vrea să știu: {}",
        "{} (conform textului)",
    ),
    "sl": (
        "Glede na besedilo, {}",
        "Po članku: {}",
        "Kot piše v besedilu, {}",
        "Mi lahko poveste: {}",
        "Zanima me: {}",
        "Prosim, {}",
    ),
    "hr": (
        "Prema tekstu, {}",
        "Prema članku, {}",
        "Možete li mi reći: {}",
        "Zanima me: {}",
    ),
    "de": (
        "Laut dem Text: {}",
        "Laut dem Artikel: {}",
        "Können Sie mir sagen: {}",
        "Wie im Text steht: {}",
    ),
    "fr": (
        "Selon le texte, {}",
        "D'après l'article, {}",
        "Pouvez-vous me dire : {}",
    ),
    "pt": (
        "De acordo com o texto, {}",
        "Segundo o artigo, {}",
    ),
    "tr": (
        "Metne göre, {}",
        "Makaleye göre, {}",
    ),
    "no": (
        "Ifølge teksten, {}",
        "Ifølge artikkelen, {}",
    ),
    "sv": (
        "Enligt texten, {}",
        "Enligt artikeln, {}",
    ),
    "pl": (
        "Zgodnie z tekstem, {}",
        "Według artykułu, {}",
    ),
    "uk": (
        "Згідно з текстом, {}",
        "За статтею, {}",
    ),
}
"""Polite and textual frames: they say nothing about the answer, so questions with and without one get them."""

DATES = {
    "en": ("in {y}", "on {d} {m} {y}", "in {m} {y}"),
    "ro": ("în {y}", "pe {d} {m} {y}", "în {m} {y}"),
    "sl": ("leta {y}", "{d}. {m} {y}", "v letu {y}"),
    "hr": ("{y}. godine", "{d}. {m} {y}."),
    "de": ("im Jahr {y}", "am {d}. {m} {y}", "im {m} {y}"),
    "fr": ("en {y}", "le {d} {m} {y}", "en {m} {y}"),
    "pt": ("em {y}", "em {d} de {m} de {y}"),
    "no": ("i {y}", "{d}. {m} {y}"),
    "sv": ("år {y}", "den {d} {m} {y}"),
    "tr": ("{y} yılında", "{d} {m} {y} tarihinde"),
    "pl": ("w {y} roku", "{d} {m} {y}"),
    "uk": ("у {y} році", "{d} {m} {y}"),
}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "sl": "januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra",
    "hr": "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "no": "januar februar mars april mai juni juli august september oktober november desember",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
}
# The commonest English words of questions; dictionaries of lemmas do not have them.
FUNCTION_WORDS = {
    "ro": (
        "what=ce which=care who=cine whom=cui whose=a_cui when=când where=unde why=de_ce how=cum many=mulți "
        "much=mult the= a=un an=o of=de in=în on=pe at=la to=la for=pentru from=din by=de with=cu and=și "
        "or=sau is=este are=sunt was=a_fost were=au_fost did=a do= does= has=are had=avea have=au that=care "
        "this=acest it=el he=el she=ea they=ei his=lui her=ei their=lor its=său not=nu after=după "
        "before=înainte during=în_timpul between=între year=an years=ani name=nume people=oameni first=primul "
        "called=numit"
    ),
    "sl": (
        "what=kaj which=kateri who=kdo whom=koga whose=čigav when=kdaj where=kje why=zakaj how=kako "
        "many=veliko much=veliko the= a= an= of=od in=v on=na at=pri to=k for=za from=iz by=od with=z and=in "
        "or=ali is=je are=so was=je_bil were=so_bili did=je do= does= has=ima had=imel have=imajo that=ki "
        "this=ta it=to he=on she=ona they=oni his=njegov her=njen their=njihov its=njegov not=ne after=po "
        "before=pred during=med between=med year=leto years=let name=ime people=ljudje first=prvi "
        "called=imenovan"
    ),
    "hr": (
        "what=što which=koji who=tko when=kada where=gdje why=zašto how=kako many=mnogo the= a= an= of=od "
        "in=u on=na at=kod to=do for=za from=iz by=od with=s and=i or=ili is=je are=su was=bio_je "
        "were=bili_su did=je do= does= has=ima had=imao have=imaju that=koji this=ovaj it=to he=on she=ona "
        "they=oni his=njegov her=njezin their=njihov not=ne after=nakon before=prije during=tijekom "
        "between=između year=godina years=godine name=ime people=ljudi first=prvi called=zvan"
    ),
    "de": (
        "what=was which=welche who=wer when=wann where=wo why=warum how=wie many=viele the=die a=ein an=ein "
        "of=von in=in on=auf at=bei to=zu for=für from=aus by=von with=mit and=und or=oder is=ist are=sind "
        "was=war were=waren did=hat has=hat had=hatte have=haben that=dass this=dieses it=es he=er she=sie "
        "they=sie his=sein her=ihr their=ihr not=nicht after=nach before=vor during=während year=Jahr "
        "people=Menschen first=erste called=genannt"
    ),
}
_WORD = re.compile(r"\w+", re.UNICODE)
TARGETS = ("ro", "ro", "ro", "sl", "sl", "sl", "hr", "de", "fr", "es", "it", "pl", "cs", "hu", "bg", "nl")
"""Languages that English text is mixed with; repeated ones more often."""

Dictionary = dict[str, list[str]]


def read_dictionaries(folder: Path, languages: Sequence[str] = TARGETS) -> dict[str, Dictionary]:
    """Return English words with their translations, for each language, from the word lists of the training data."""
    wanted = set(languages)
    found: dict[str, Dictionary] = {language: defaultdict(list) for language in wanted}
    skipped = {pair.partition("=")[0] for pair in FUNCTION_WORDS["ro"].split()}
    for name in ("dict_freedict", "dict_wiktionary_omw", "cldr_names", "countries", "wordnet_ili"):
        with gzip.open(folder / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                first, second, source, target = line.rstrip("\n").split("\t")
                if second == "en" and first in wanted:
                    first, second, source, target = second, first, target, source
                if first != "en" or second not in wanted or " " in source or len(target.split()) > 2:
                    continue
                if source.lower() in skipped:
                    continue
                known = found[second][source.lower()]
                if len(known) < 2 and target not in known:
                    known.append(target)
    for language, text in FUNCTION_WORDS.items():
        if language in found:
            for pair in text.split():
                source, _, target = pair.partition("=")
                found[language][source] = [target.replace("_", " ")]
    return found


def mixed(text: str, words: Dictionary, share: float, draw: random.Random) -> str:
    """Return English text in which a share of the words that the dictionary has is translated."""

    def translated(match: re.Match[str]) -> str:
        word = match[0]
        known = words.get(word.lower())
        if not known and word.endswith("s"):
            known = words.get(word[:-1].lower())
        if not known or draw.random() > share:
            return word
        chosen = draw.choice(known)
        return chosen[:1].upper() + chosen[1:] if word[0].isupper() else chosen

    return re.sub(r"  +", " ", _WORD.sub(translated, text)).strip()


def read_places(folder: Path) -> dict[str, list[str]]:
    """Return names of countries and cities for each language."""
    names: dict[str, set[str]] = defaultdict(set)
    for name in ("countries", "cldr_names"):
        with gzip.open(folder / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                first, second, source, target = line.rstrip("\n").split("\t")
                for language, text in ((first, source), (second, target)):
                    if text[:1].isupper() and 3 < len(text) < 25:
                        names[language].add(text)
    return {language: sorted(values) for language, values in names.items()}
