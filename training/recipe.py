"""The recipe of the shipped model: sizes, seeds and stages."""

from training.alignment import CROSS
from training.corpus import PARALLEL_WEIGHTS, QUESTION_WEIGHTS, WORD_LISTS
from training.sampling import Mix
from training.stages import Stage

VOCABULARY = 64_000
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

_BOOSTS = {
    **dict.fromkeys(("ro", "sl"), 4.0),
    **dict.fromkeys(("en", "el"), 1.5),
    **dict.fromkeys(("de", "es", "fr", "it", "hr", "ru", "tr"), 1.2),
}

MEANING = Stage(
    name="meaning",
    steps=1800,
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
    ),
)
INTERACTION = Stage(
    name="interaction",
    steps=1250,
    pairs=256,
    rate=0.005,
    last_rate=0.755,
    mean_weight=0.5,
    interaction_weight=1.0,
    mix=Mix(weights=_WEIGHTS, questions=_QUESTIONS, words=frozenset(WORD_LISTS), question_share=0.25, word_share=0.12),
)
# The same, drawn closer to the languages that matter most, while the rate falls to nearly zero.
SETTLING = Stage(
    name="settling",
    steps=2500,
    pairs=256,
    rate=0.005,
    mean_weight=0.5,
    interaction_weight=1.0,
    mix=Mix(
        weights=_WEIGHTS,
        questions=_QUESTIONS,
        words=frozenset(WORD_LISTS),
        question_share=0.2,
        word_share=0.12,
        boosts=_BOOSTS,
        other_boost=0.5,
    ),
)
# Mostly word lists: short rows, so many pairs a batch; they teach the words that running text here lacks.
WORDS = Stage(
    name="words",
    steps=400,
    pairs=640,
    rate=0.004,
    mean_weight=0.5,
    interaction_weight=1.0,
    mix=Mix(
        weights=_WEIGHTS,
        questions=_QUESTIONS,
        words=frozenset(WORD_LISTS),
        question_share=0.08,
        word_share=0.7,
        boosts=_BOOSTS,
        other_boost=0.5,
    ),
)
STAGES = (INTERACTION, SETTLING, WORDS)


def describe() -> str:
    """Return the recipe as a paragraph for the model card."""
    first, second, third, last = MEANING, INTERACTION, SETTLING, WORDS
    return " ".join(
        [
            "From random vectors in which words spelt alike begin alike (character 3- to 5-grams).",
            f"Stage 1: {first.steps:,} batches of {first.pairs:,} pairs, InfoNCE on mean vectors, in-batch negatives",
            f"both ways, scale {first.scale:g}, Adam on touched rows, rate {first.rate:g} falling to nearly zero.",
            f"Stage 2: {second.steps:,} batches of {second.pairs} pairs, InfoNCE on the late-interaction score by",
            f"vector length (scale {second.interaction_scale:g}) plus {second.mean_weight:g} of the stage 1 loss,",
            f"rate {second.rate:g}; questions cut to spans and subsets of words, answers amid their neighbours,",
            "a third of the pairs turned through English into two other languages, headings asked in one language and",
            f"answered in another. Stage 3: {third.steps:,} more such batches, Romanian and Slovene drawn more often,",
            f"the rate falling to nearly zero. Stage 4: {last.steps:,} batches of {last.pairs} pairs,",
            f"{last.mix.word_share:.0%} of them from word lists, rate {last.rate:g}.",
            f"Seed {SEED}. Made by `make model`.",
        ]
    )
