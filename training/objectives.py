"""The two losses: contrast of mean vectors, and contrast of late-interaction scores (MaxSim).

On a processor the inner loops are those of `kernels`; on an accelerator torch's own, which compute the same.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse
import torch
import torch.nn.functional as F

from training.kernels import best_matches, scatter_matches
from training.sampling import Batch
from training.table import Floats
from training.tokens import Ints

Longs = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a batch over its unique tokens: `rows` of the table, and per text positions into `rows`."""

    rows: Longs
    positions: Ints
    starts: Ints


def side(tokens: Ints, starts: Ints) -> Side:
    """Number the tokens of one side by their place among its unique ones."""
    rows, positions = np.unique(tokens, return_inverse=True)
    return Side(rows=rows.astype(np.int64), positions=positions.astype(np.int32), starts=starts)


class _BestMatches(torch.autograd.Function):
    @staticmethod
    def forward(ctx, similarity: torch.Tensor, positions: Ints, starts: Ints) -> torch.Tensor:  # type: ignore[no-untyped-def]
        best, where = best_matches(similarity.detach().numpy(), positions, starts)
        ctx.where, ctx.rows = where, len(similarity)
        return torch.from_numpy(best)

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:  # type: ignore[no-untyped-def]
        out = torch.from_numpy(scatter_matches(gradient.contiguous().numpy(), ctx.where, ctx.rows))
        return out, None, None


class AcceleratedMatches(torch.autograd.Function):
    """`kernels.best_matches` and its gradient in torch: on an accelerator a gather and a maximum."""

    @staticmethod
    def forward(ctx, similarity: torch.Tensor, positions: Ints, starts: Ints) -> torch.Tensor:  # type: ignore[no-untyped-def]
        """Return the greatest similarity of each text and column, `(texts, columns)`."""
        padded = torch.from_numpy(padded_positions(positions, starts)).to(similarity.device)
        best, place = similarity.detach()[padded].max(1)
        ctx.save_for_backward(padded.gather(1, place))
        ctx.rows = len(similarity)
        return best.float()

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:  # type: ignore[no-untyped-def]
        """Send each gradient to the entry of `similarity` that was greatest."""
        (where,) = ctx.saved_tensors
        out = gradient.new_zeros((ctx.rows, gradient.shape[1]))
        return out.scatter_add_(0, where, gradient), None, None


def padded_positions(positions: Ints, starts: Ints) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return the positions of each text as a row, `(texts, longest)`; a shorter text repeats its first."""
    first, lengths = starts[:-1, None], np.diff(starts)[:, None]
    offsets = np.arange(lengths.max())[None]
    return positions[first + np.where(offsets < lengths, offsets, 0)].astype(np.int64)


class _Sums(torch.autograd.Function):
    # A sparse product: torch's own embedding_bag spends ten times as long in its backward pass here.
    @staticmethod
    def forward(ctx, vectors: torch.Tensor, positions: Ints, starts: Ints) -> torch.Tensor:  # type: ignore[no-untyped-def]
        shape = (len(starts) - 1, len(vectors))
        ctx.members = scipy.sparse.csr_matrix((np.ones(len(positions), np.float32), positions, starts), shape=shape)
        return torch.from_numpy(ctx.members @ vectors.detach().numpy())

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:  # type: ignore[no-untyped-def]
        return torch.from_numpy(ctx.members.T @ gradient.contiguous().numpy()), None, None


def pooled(vectors: torch.Tensor, texts: Side) -> torch.Tensor:
    """Return the unit-length mean vector of each text, `(texts, dimension)`."""
    if vectors.device.type == "cpu":
        sums: torch.Tensor = _Sums.apply(vectors, texts.positions, texts.starts)  # type: ignore[no-untyped-call]
    else:
        sums = occurrences(texts).to(vectors.device) @ vectors
    return F.normalize(sums, dim=1)


def occurrences(texts: Side) -> torch.Tensor:
    """Return how often each unique token stands in each text, `(texts, unique tokens)`."""
    count, width = len(texts.starts) - 1, len(texts.rows)
    owner = np.repeat(np.arange(count), np.diff(texts.starts))
    counts = np.bincount(owner * width + texts.positions, minlength=count * width)
    return torch.from_numpy(counts.reshape(count, width).astype(np.float32))


def interaction_scores(
    query_vectors: torch.Tensor,
    passage_vectors: torch.Tensor,
    queries: Side,
    passages: Side,
    weights: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return every query's MaxSim with every passage, `(queries, passages)`.

    Each query token takes the cosine of its best token in the passage; a query's score is the mean of these, weighted
    by the length of the query token's vector (Khattab and Zaharia, 2020, with a static table and learned weights), or
    by `weights`, one for each query token.
    """
    weights = torch.linalg.vector_norm(query_vectors, dim=1) if weights is None else weights
    # bfloat16 is four times as quick here, and its three digits are enough to pick the best and to rank.
    similarity = F.normalize(passage_vectors, dim=1).bfloat16() @ F.normalize(query_vectors, dim=1).bfloat16().T
    if similarity.device.type == "cpu":
        best = _BestMatches.apply(similarity.float(), passages.positions, passages.starts)  # type: ignore[no-untyped-call]
    else:
        best = AcceleratedMatches.apply(similarity, passages.positions, passages.starts)  # type: ignore[no-untyped-call]
    share = occurrences(queries).to(weights.device) * weights
    scores: torch.Tensor = (share / share.sum(1, keepdim=True)) @ best.T
    return scores


def contrast(scores: torch.Tensor, *, scale: float) -> torch.Tensor:
    """Return InfoNCE, both ways: row `i` belongs to column `i` (van den Oord et al., 2018).

    Columns beyond the rows belong to none.
    """
    target = torch.arange(len(scores), device=scores.device)
    square = scores[:, : len(scores)]
    return (F.cross_entropy(scale * scores, target) + F.cross_entropy(scale * square.T, target)) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The rows of the table that a batch touches, `(rows,)` ascending, and the vectors of both sides, which learn."""

    rows: Longs
    queries: Side
    passages: Side
    query_vectors: torch.Tensor
    passage_vectors: torch.Tensor

    def mean(self) -> torch.Tensor:
        """Return the cosines of mean vectors, `(queries, passages)`."""
        return pooled(self.query_vectors, self.queries) @ pooled(self.passage_vectors, self.passages).T

    def interaction(self, weights: torch.Tensor | None = None) -> torch.Tensor:
        """Return the late-interaction scores; see `interaction_scores`."""
        return interaction_scores(self.query_vectors, self.passage_vectors, self.queries, self.passages, weights)

    def first(self, dimension: int) -> "Touched":
        """Return the same with the first numbers of each vector alone, which learn with the whole."""
        queries, passages = self.query_vectors[:, :dimension], self.passage_vectors[:, :dimension]
        return replace(self, query_vectors=queries, passage_vectors=passages)

    def slopes(self, loss: torch.Tensor) -> torch.Tensor:
        """Differentiate a loss and return its gradient, `(rows, dimension)`, on the device of the vectors."""
        loss.backward()  # type: ignore[no-untyped-call]
        slopes = self.query_vectors.new_zeros((len(self.rows), self.query_vectors.shape[1]))
        for texts, vectors in ((self.queries, self.query_vectors), (self.passages, self.passage_vectors)):
            if vectors.grad is not None:
                places = torch.from_numpy(np.searchsorted(self.rows, texts.rows))
                slopes.index_add_(0, places.to(slopes.device), vectors.grad)
        return slopes

    def gradient(self, loss: torch.Tensor) -> Floats:
        """Differentiate a loss and return its gradient, `(rows, dimension)`."""
        gradient: Floats = self.slopes(loss).numpy()
        return gradient


def touch(table: Floats | torch.Tensor, batch: Batch) -> Touched:
    """Gather what a batch needs of the table."""
    queries = side(batch.query_tokens, batch.query_starts)
    passages = side(batch.passage_tokens, batch.passage_starts)
    return Touched(
        rows=np.union1d(queries.rows, passages.rows),
        queries=queries,
        passages=passages,
        query_vectors=_gathered(table, queries.rows),
        passage_vectors=_gathered(table, passages.rows),
    )


def _gathered(table: Floats | torch.Tensor, rows: Longs) -> torch.Tensor:
    if isinstance(table, np.ndarray):
        return torch.from_numpy(table[rows]).requires_grad_()
    return table[torch.from_numpy(rows).to(table.device)].requires_grad_()


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What a batch is judged by.

    Attributes:
        mean_weight: Weight of the loss on mean vectors.
        interaction_weight: Weight of the loss on late interaction.
        scale: Inverse temperature of the loss on mean vectors.
        interaction_scale: Inverse temperature of the loss on late interaction.
        prefixes: The losses are the mean of those of the first so many dimensions (Kusupati et al., 2022, "Matryoshka
            representation learning"); none: of all dimensions alone.
    """

    mean_weight: float = 1.0
    interaction_weight: float = 0.0
    scale: float = 20.0
    interaction_scale: float = 20.0
    prefixes: tuple[int, ...] = ()

    def of(self, touched: Touched) -> tuple[torch.Tensor, float, float]:
        """Return the whole loss, and of its two parts (mean, late interaction) the values."""
        views = [touched.first(dimension) for dimension in self.prefixes] or [touched]
        loss = touched.query_vectors.new_zeros(())
        mean = late = 0.0
        for view in views:
            if self.mean_weight:
                part = contrast(view.mean(), scale=self.scale) / len(views)
                loss, mean = loss + self.mean_weight * part, mean + float(part.detach())
            if self.interaction_weight:
                part = contrast(view.interaction(), scale=self.interaction_scale) / len(views)
                loss, late = loss + self.interaction_weight * part, late + float(part.detach())
        return loss, mean, late


def batch_gradients(table: Floats, batch: Batch, losses: Losses) -> tuple[Longs, Floats, float, float]:
    """Return the touched rows of the table, their gradient, and the two losses (mean, late interaction)."""
    touched = touch(table, batch)
    loss, mean, late = losses.of(touched)
    return touched.rows, touched.gradient(loss), mean, late


def weighed_gradients(table: Floats, logs: Floats, batch: Batch, losses: Losses) -> tuple[Longs, Floats, Floats]:
    """Return the touched rows, their gradient, and that of the logarithms `(rows, 1)` of their weights.

    As `batch_gradients`, but a token counts in late interaction by its own weight and not by its vector's length.
    """
    touched = touch(table, batch)
    own = torch.from_numpy(logs[touched.queries.rows, 0]).requires_grad_()
    mean = contrast(touched.mean(), scale=losses.scale)
    late = contrast(touched.interaction(own.exp()), scale=losses.interaction_scale)
    gradient = touched.gradient(losses.mean_weight * mean + losses.interaction_weight * late)
    of_logs = np.zeros((len(touched.rows), 1), np.float32)
    if own.grad is not None:
        of_logs[np.searchsorted(touched.rows, touched.queries.rows), 0] = own.grad.numpy()
    return touched.rows, gradient, of_logs
