"""Write the contextual model's folder: `python -m training.contextual_export --data DATA --e5 FOLDER --out FOLDER`.

Trims the vocabulary, stores the word embeddings and writes `encoder.onnx`; with `--reader reader.pt` also
`reader.onnx`. What is in the folder already is made again.
"""

import argparse
import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, BertModel

from training.contextual_blocks import dequantised, read_embeddings, write_embeddings
from training.contextual_graph import encoder_model, reader_model, save
from training.contextual_ranges import input_ranges
from training.contextual_vocabulary import count_pieces, kept_pieces, read_texts, trimmed_tokenizer
from training.reader_batches import encode
from training.reader_development import read
from training.reader_examples import ExampleMaker
from training.reader_model import reader_from_source
from training.reader_rows import is_held_out, read_rows
from training.reader_words import read_places

Floats = npt.NDArray[np.float32]
CALIBRATION_EXAMPLES = 64
TEXTS = ("train", "qa", "mono", "reading")
"""Folders of the data whose texts decide which pieces are kept; those that measure are not among them."""


def export_vocabulary(data: Path, source: str, out: Path) -> None:
    """Write `tokenizer.json` and `embeddings.safetensors` with the pieces that the data uses."""
    path = Path(source) / "tokenizer.json"
    document = json.loads(path.read_text("utf-8"))
    tokenizer = Tokenizer.from_file(str(path))
    files = sorted(file for folder in TEXTS for file in (data / folder).glob("*.gz"))
    kept = kept_pieces([piece for piece, _ in document["model"]["vocab"]], count_pieces(tokenizer, files))
    text = json.dumps(trimmed_tokenizer(document, kept), ensure_ascii=False, separators=(",", ":"))
    (out / "tokenizer.json").write_text(text, "utf-8")
    words = source_state(source)["embeddings.word_embeddings.weight"]
    write_embeddings(out, words[kept])


def source_state(source: str) -> dict[str, Floats]:
    """Return the source model's weights."""
    model = BertModel.from_pretrained(source, add_pooling_layer=False)
    return {name: value.numpy() for name, value in model.state_dict().items()}


def export_encoder(source: str, data: Path, out: Path) -> None:
    """Write `encoder.onnx` and `encoder.safetensors`: all layers of the source."""
    config = AutoConfig.from_pretrained(source)
    body = BertModel.from_pretrained(source, add_pooling_layer=False)
    body.train(False)
    tokenizer, words = Tokenizer.from_file(str(out / "tokenizer.json")), dequantised(*read_embeddings(out))

    def run() -> None:
        for number, text in enumerate(_calibration_texts(data)):
            ids = tokenizer.encode(("query: " if number % 3 == 0 else "passage: ") + text).ids[:200]
            body(inputs_embeds=torch.from_numpy(words[ids])[None])

    ranges = input_ranges(body, run)
    state = {name: value.numpy() for name, value in body.state_dict().items()}
    model, packed = encoder_model(
        state,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        epsilon=config.layer_norm_eps,
        ranges=ranges,
    )
    save(model, out / "encoder.onnx", packed)


def export_reader(source: str, weights: Path, data: Path, out: Path) -> None:
    """Write `reader.onnx` of trained weights; their number of layers is read from them."""
    config = AutoConfig.from_pretrained(source)
    trained = torch.load(weights, weights_only=True, map_location="cpu")
    trained = trained.get("average", trained)  # a checkpoint, or the finished weights
    layers = 1 + max(int(name.split(".")[3]) for name in trained if name.startswith("body.encoder.layer."))
    reader = reader_from_source(source, layers=layers)
    reader.load_state_dict(trained)
    reader.train(False)
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    words = torch.from_numpy(dequantised(*read_embeddings(out)))
    draw = random.Random(2)
    rows = [row for row in read_rows(data / "reading") if not is_held_out(row)]
    maker = ExampleMaker(rows, read_places(data / "train"), {})
    examples = [encode(tokenizer, maker.changed(row, "plain", draw)) for row in draw.sample(rows, CALIBRATION_EXAMPLES)]
    ranges = input_ranges(reader.body, lambda: read(reader, words, [one for one in examples if one]))
    state = {name: value.float().numpy() for name, value in trained.items()}
    model = reader_model(
        state, layers=layers, heads=config.num_attention_heads, epsilon=config.layer_norm_eps, ranges=ranges
    )
    save(model, out / "reader.onnx")


def _calibration_texts(data: Path) -> Iterator[str]:
    """Yield short texts of several kinds and languages, by which the encoder's ranges are measured."""
    for name in ("mono/ro_ronec.txt.gz", "mono/sl_law.txt.gz", "mono/ro_law.txt.gz"):
        yield from (text[:400] for text in islice(read_texts(data / name), 100, 400, 25))
    for name in ("tatoeba_test", "coop_md", "opus_newstest"):
        yield from (text[:400] for text in islice(read_texts(data / "train" / f"{name}.tsv.gz"), 1000, 30_000, 2000))


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(prog="python -m training.contextual_export", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="data folder: it decides the vocabulary and the ranges of activations"
    )
    parser.add_argument("--e5", required=True, help="source model: a folder or a name")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--reader", type=Path, help="trained weights, reader.pt")
    parser.add_argument("--keep", action="store_true", help="keep the vocabulary and the encoder that are in --out")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if not arguments.keep:
        export_vocabulary(arguments.data, arguments.e5, arguments.out)
        export_encoder(arguments.e5, arguments.data, arguments.out)
    if arguments.reader:
        export_reader(arguments.e5, arguments.reader, arguments.data, arguments.out)


if __name__ == "__main__":
    main()
