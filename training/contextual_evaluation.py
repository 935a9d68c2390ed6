"""Compare the exported encoder with its source: `python -m training.contextual_evaluation`.

XQuAD's questions search its paragraphs by cosine, once with the source in float32 and once with `encoder.onnx`.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from transformers import BertModel

from rag.encoding.onnx_model import open_model
from training.contextual_blocks import dequantised, read_embeddings

Floats = npt.NDArray[np.float32]
Forward = Callable[[Floats, npt.NDArray[np.int64]], Floats]
TOKENS_A_BATCH = 2048


def encoded(texts: Sequence[str], tokenizer: Tokenizer, words: Floats, forward: Forward) -> Floats:
    """Return the unit vectors `(texts, hidden)`: the mean over all tokens."""
    ids = [encoding.ids[:512] for encoding in tokenizer.encode_batch(list(texts))]
    vectors = np.zeros((len(texts), words.shape[1]), np.float32)
    order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
    while order:
        size = max(1, TOKENS_A_BATCH // len(ids[order[min(len(order), 64) - 1]]))
        batch, order = order[:size], order[size:]
        longest = len(ids[batch[-1]])
        whole = np.ones((len(batch), longest), np.int64)
        mask = np.zeros_like(whole)
        for row, number in enumerate(batch):
            whole[row, : len(ids[number])], mask[row, : len(ids[number])] = ids[number], 1
        states = forward(words[whole], mask) * mask[..., None]
        means = states.sum(axis=1) / mask.sum(axis=1)[:, None]
        vectors[batch] = means / np.linalg.norm(means, axis=1, keepdims=True)
    return vectors


def figures(questions: Floats, passages: Floats, gold: npt.NDArray[np.int64]) -> dict[str, float]:
    """Return nDCG@10 and recall at 1; a paragraph as near as the right one counts against it."""
    scores = questions @ passages.T
    own = scores[np.arange(len(gold)), gold]
    ranks = (scores >= own[:, None]).sum(axis=1)
    return {
        "nDCG@10": round(float(np.where(ranks <= 10, 1 / np.log2(ranks + 1), 0).mean()), 4),
        "R@1": round(float((ranks == 1).mean()), 4),
    }


def main() -> None:
    """Print the figures as JSON, one line a pair of languages."""
    parser = argparse.ArgumentParser(prog="python -m training.contextual_evaluation", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--e5", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    tokenizer, words = (
        Tokenizer.from_file(str(arguments.model / "tokenizer.json")),
        dequantised(*read_embeddings(arguments.model)),
    )
    body = BertModel.from_pretrained(arguments.e5, add_pooling_layer=False)
    body.train(False)
    session = open_model(arguments.model).open_graph("encoder.onnx", threads=arguments.threads)

    def source(vectors: Floats, mask: npt.NDArray[np.int64]) -> Floats:
        with torch.no_grad():
            states = body(
                inputs_embeds=torch.from_numpy(vectors), attention_mask=torch.from_numpy(mask)
            ).last_hidden_state
        return np.asarray(states.numpy(), np.float32)

    def exported(vectors: Floats, mask: npt.NDArray[np.int64]) -> Floats:
        return np.asarray(session.run(["hidden"], {"embeddings": vectors, "mask": mask})[0], np.float32)

    sets = {}
    for language in ("ro", "en"):
        document = json.loads((arguments.data / "eval" / f"xquad.{language}.json").read_text("utf-8"))
        paragraphs = [paragraph for article in document["data"] for paragraph in article["paragraphs"]]
        gold = np.array([number for number, paragraph in enumerate(paragraphs) for _ in paragraph["qas"]])
        texts = ["passage: " + paragraph["context"] for paragraph in paragraphs]
        asked = ["query: " + one["question"] for paragraph in paragraphs for one in paragraph["qas"]]
        for name, forward in (("source", source), ("exported", exported)):
            began = time.process_time()
            sets[language, name] = (
                encoded(asked, tokenizer, words, forward),
                encoded(texts, tokenizer, words, forward),
                gold,
            )
            print(
                json.dumps(
                    {"language": language, "model": name, "processor seconds": round(time.process_time() - began, 1)}
                ),
                flush=True,
            )
    for asked_in in ("ro", "en"):
        for read in ("ro", "en"):
            for name in ("source", "exported"):
                result = figures(sets[asked_in, name][0], sets[read, name][1], sets[read, name][2])
                print(json.dumps({"question": asked_in, "passage": read, "model": name, **result}), flush=True)
    same = np.concatenate(
        [(a * b).sum(axis=1) for a, b in zip(sets["ro", "source"][:2], sets["ro", "exported"][:2], strict=True)]
    )
    print(json.dumps({"cosine of both, ro, mean": round(float(same.mean()), 5), "least": round(float(same.min()), 5)}))


if __name__ == "__main__":
    main()
