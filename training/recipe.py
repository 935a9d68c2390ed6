"""The recipe of the shipped model: sizes, seeds and stages."""

from training.alignment import CROSS, with_crossed_questions
from training.corpus import PARALLEL_WEIGHTS, QUESTION_WEIGHTS, WORD_LISTS
from training.objectives import Losses
from training.sampling import Mix
from training.stages import Stage
from training.table import Floats
from training.tokens import TokenStore

# Rows of the table, and further strings that share a row with their lemma: together 40 MB with all that ships.
VOCABULARY = 60_000
FORMS = 150_000
DIMENSION = 256
SEED = 1
# Tokens of one text that are kept; a section of more is longer than any passage of the product.
LONGEST_TEXT = 300
FAVOURITES = ("ro", "sl", "en")
# The sources whose sections exist in several languages.
ALIGNED = (
    "headings_coop_md",
    "msdocs_titles",
    "msdocs_dynamics_headings",
    "faq_scratch",
    "headings_human_md",
)
CROSSED_PER_PASSAGE = 4

_WEIGHTS = {**PARALLEL_WEIGHTS, **QUESTION_WEIGHTS, CROSS: 1.0}
_QUESTIONS = frozenset({*QUESTION_WEIGHTS, CROSS})

# Languages of both sides multiply: most pairs are of the first three among themselves and with the others.
_BOOSTS = {
    **dict.fromkeys(("ro", "en"), 3.0),
    "sl": 2.5,
    "el": 0.9,
    **dict.fromkeys(("de", "fr", "es", "it", "hr", "ru"), 0.8),
}
_OTHERS = 0.5

MEANING = Stage(
    name="meaning",
    steps=1000,
    pairs=1024,
    rate=0.01,
    mix=Mix(
        weights=_WEIGHTS,
        questions=_QUESTIONS,
        words=frozenset(WORD_LISTS),
        question_share=0.15,
        word_share=0.05,
        pivot=0.25,
        crop=0.0,
        extend=0.1,
        boosts={"ro": 2.0, "sl": 2.0},
    ),
)
INTERACTION = Stage(
    name="interaction",
    steps=16000,
    pairs=256,
    rate=0.006,
    losses=Losses(mean_weight=0.4, interaction_weight=1.0),
    mix=Mix(
        weights=_WEIGHTS,
        questions=_QUESTIONS,
        words=frozenset(WORD_LISTS),
        question_share=0.25,
        word_share=0.25,
        same=0.2,
        near=0.5,
        boosts=_BOOSTS,
        other_boost=_OTHERS,
    ),
)
# Mostly word lists: short rows, so many pairs a batch; they teach the words that running text here lacks.
WORDS = Stage(
    name="words",
    steps=1200,
    pairs=640,
    rate=0.004,
    losses=Losses(mean_weight=0.5, interaction_weight=1.0),
    mix=Mix(
        weights=_WEIGHTS,
        questions=_QUESTIONS,
        words=frozenset(WORD_LISTS),
        question_share=0.15,
        word_share=0.55,
        same=0.2,
        near=0.5,
        boosts=_BOOSTS,
        other_boost=_OTHERS,
    ),
)
STAGES = (INTERACTION, WORDS)
# Stages 2 and 3 run this often from the same start, with other batches; the table is the mean of what they end with.
RUNS = 2


def crossed(store: TokenStore, table: Floats) -> TokenStore:
    """Return the store with headings asked in one language and answered in another; `table` is that of stage 1."""
    return with_crossed_questions(
        store, table, sources=ALIGNED, per_passage=CROSSED_PER_PASSAGE, favourites=FAVOURITES, seed=SEED
    )


def describe() -> str:
    """Return the recipe as a paragraph for the model card."""
    first, second, last = MEANING, INTERACTION, WORDS
    both = second.losses
    return " ".join(
        [
            "From random vectors in which words spelt alike begin alike (character 3- to 5-grams).",
            f"Stage 1: {first.steps:,} batches of {first.pairs:,} pairs, InfoNCE on mean vectors, in-batch negatives",
            f"both ways, scale {first.losses.scale:g}, Adam on touched rows, rate {first.rate:g} falling to almost 0.",
            f"Stage 2: {second.steps:,} batches of {second.pairs} pairs, InfoNCE on the late-interaction score by",
            f"vector length (scale {both.interaction_scale:g}) plus {both.mean_weight:g} of the stage 1 loss,",
            f"rate {second.rate:g} falling to nearly zero; questions cut to spans and subsets of words, answers amid",
            "their neighbours, a fifth of them asked for in their own words, a third of the pairs turned through",
            "English into two other languages, headings asked in one language and answered in another, half of the",
            "runs from one stretch of text so that negatives are of one subject; Romanian, Slovene and English most.",
            f"Stage 3: {last.steps:,} batches of {last.pairs} pairs,",
            f"{last.mix.word_share:.0%} of them from word lists, rate {last.rate:g}.",
            f"Stages 2 and 3 run {RUNS} times with other batches; the table is the mean.",
            f"Seed {SEED}. Made by `make model`.",
        ]
    )
