"""The model card: what the model is, what it was made from, how well it does, and what it cannot do."""

from collections.abc import Mapping

from training.export import NAME

# What it is, where it comes from, under which licence.
_DATA = (
    (
        "course texts in 26 languages (parallel sentences, headings with sections)",
        "Microsoft open courses",
        "MIT",
    ),
    (
        "product documentation",
        "MicrosoftDocs",
        "CC-BY 4.0",
    ),
    (
        "news test sets 2008-2018 and 2020, without 2019 and the Romanian set of 2016",
        "WMT, through OPUS-MT-testsets",
        "free for research, asks to be cited",
    ),
    (
        "everyday sentences",
        "Tatoeba Challenge, through OPUS-MT-testsets",
        "CC-BY 2.0 FR",
    ),
    (
        "captions and news sentences",
        "RO-STS, stsb-multi-mt",
        "CC-BY-SA 4.0",
    ),
    (
        "elections, participation, public information",
        "commitglobal, Code for Romania, Decidim, mySociety, CKAN, GlobaLeaks, Corona-Warn-App, Open Source Guides",
        "MPL-2.0, AGPL-3.0, Apache-2.0, CC-BY 4.0",
    ),
    (
        "interface texts and handbooks",
        "YaST, MediaWiki extensions, GNOME, digiKam, PKP, F-Droid, Mozilla, phpMyAdmin, man pages and others",
        "GPL, AGPL, MPL, GFDL, CC-BY(-SA), BSD, ISC, EUPL",
    ),
    (
        "parallel questions",
        "QALD",
        "MIT",
    ),
    (
        "names of countries, languages, cities",
        "Unicode CLDR, world_countries",
        "Unicode-3.0, CC-BY-SA 4.0",
    ),
    (
        "word pairs",
        "Open Multilingual Wordnet, Wiktionary through it, FreeDict, Global Wordnet",
        "CC-BY-SA, GPL, CC-BY, by wordnet",
    ),
    (
        "questions with the sentence that answers",
        "SQuAD, train split only",
        "CC-BY-SA 4.0",
    ),
    (
        "questions with passages",
        "NorQuAD, COVID-QA, COVID FAQ, Scratch FAQ",
        "CC0, Apache-2.0, AGPL-3.0",
    ),
    (
        "titles of articles of law with their text (ro, sl)",
        "public repositories of official texts",
        "Apache-2.0",
    ),
    (
        "frequencies of words, for the choice of rows only",
        "wordfreq",
        "CC-BY-SA 4.0",
    ),
    (
        "lemmas of words, for the choice of rows only",
        "simplemma",
        "MIT; its data ODbL, CC-BY-SA and others",
    ),
    (
        "text in one language, for the choice of tokens only",
        "RONEC, Common Voice, Romanian and Slovene law",
        "MIT, CC0, Apache-2.0",
    ),
)


def model_card(
    *,
    vocabulary_size: int,
    forms: int,
    dimension: int,
    languages: tuple[str, ...],
    figures: Mapping[str, Mapping[str, float]],
    recipe: str,
) -> str:
    """Return the text of the model folder's README.

    Args:
        vocabulary_size: Rows of the table.
        forms: Strings of the tokenizer.
        dimension: Width of a row.
        languages: Codes, the best-served first.
        figures: As `evaluate_xquad` and `evaluate_translation` return them.
        recipe: One paragraph on stages, seeds and time.
    """
    tables = "\n".join(_figures(use, row) for use, row in figures.items())
    data = "\n".join(f"| {' | '.join(row)} |" for row in _DATA)
    codes = "\n".join(f"- {code}" for code in languages)
    return f"""---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
license: apache-2.0
language:
{codes}
tags:
- static-embedding
- late-interaction
---
# {NAME}

One table of {vocabulary_size:,} token vectors of {dimension} numbers, 16 bits each: a multilingual static embedding
for Romanian, Slovene, English and other European languages, trained from nothing on public data. All forms of a word
share one row (`meci`, `meciul`, `meciurilor`), so {forms:,} words and pieces are known. No layers, no attention: a
text's vector is the mean of its tokens' vectors, and the same rows serve late interaction (each question word
finds its best word in the passage), query translation and explanation.

## Use

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("rag/encoding/bundled", device="cpu").float()
```

`.float()` turns the table to 32 bits: with 16, a text without any known token gives NaN instead of zeros.
`model2vec.StaticModel.from_pretrained` reads the same folder without torch. No prompts; no token limit.

The tokenizer folds case, diacritics and script (Cyrillic, Greek, Armenian and Georgian become Latin letters), so
"garantii de securitate", "GARANŢII DE SECURITATE" and "garanții de securitate" are one text. Punctuation is dropped.

- `model.safetensors`, `tokenizer.json`: the table and the tokenizer; token 0 is the unknown token, a row of zeros.
  `mapping` gives the row of each token; sentence-transformers (6 and later) and model2vec apply it.
- `neighbours.safetensors`: for each row the rows of up to 12 nearest other words (`ids`) and their cosines
  (`similarity`, 0 = none).
- `model.json`: name, revision (sha256 of the table file), dimension, rows, tokens, languages.

Late interaction: `sum_i |q_i| max_j cos(q_i, t_j) / sum_i |q_i|` over question tokens i and passage
tokens j. The length of a row is its token's learned importance.

## Figures

nDCG@10 on XQuAD, 240 paragraphs and 1,190 questions, question language > paragraph language; then the part of
sentences whose nearest neighbour is their translation (FLORES-200 dev, 997 sentences with English unless two codes are
named; Tatoeba, with English). None of these texts was trained on.

{tables}

## Training

{recipe}

## Data

| data | source | licence |
|---|---|---|
{data}
## Limits

- Word order is not seen: "Ana called Ion" and "Ion called Ana" are one vector. Negation is one word among others.
- Names absent from the training data are split into pieces; they match by their pieces, not as a whole.
- Romanian and Slovene training text is mostly software, documentation, law and civic information; the news
  is in other languages.
- One vector a token: a word with two meanings has their mixture.
- Scripts from outside Europe (Arabic, Hebrew, Chinese, ...) are unknown tokens: such a text has a vector of zeros.
- Built for European languages listed above; the farther down the list, the less data.
"""


def _figures(use: str, row: Mapping[str, float]) -> str:
    head = " | ".join(row)
    values = " | ".join(f"{value:.3f}".removeprefix("0") for value in row.values())
    return f"| {use} | {head} |\n|---|{'---|' * len(row)}\n| | {values} |\n"
