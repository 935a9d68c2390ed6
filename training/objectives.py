"""The two losses: contrast of mean vectors, and contrast of late-interaction scores (MaxSim)."""

from dataclasses import dataclass

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
        return (
            torch.from_numpy(scatter_matches(gradient.contiguous().numpy(), ctx.where, ctx.rows)),
            None,
            None,
        )


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
    sums: torch.Tensor = _Sums.apply(vectors, texts.positions, texts.starts)  # type: ignore[no-untyped-call]
    return F.normalize(sums, dim=1)


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
    best = _BestMatches.apply(similarity.float(), passages.positions, passages.starts)  # type: ignore[no-untyped-call]
    texts = len(queries.starts) - 1
    owner = np.repeat(np.arange(texts), np.diff(queries.starts))
    counts = np.bincount(owner * len(queries.rows) + queries.positions, minlength=texts * len(queries.rows))
    share = torch.from_numpy(counts.reshape(texts, -1).astype(np.float32)) * weights
    scores: torch.Tensor = (share / share.sum(1, keepdim=True)) @ best.T
    return scores


def contrast(scores: torch.Tensor, *, scale: float) -> torch.Tensor:
    """Return InfoNCE, both ways: row `i` belongs to column `i` (van den Oord et al., 2018).

    Columns beyond the rows belong to none.
    """
    target = torch.arange(len(scores))
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

    def gradient(self, loss: torch.Tensor) -> Floats:
        """Differentiate a loss and return its gradient, `(rows, dimension)`."""
        loss.backward()  # type: ignore[no-untyped-call]
        gradient = np.zeros((len(self.rows), self.query_vectors.shape[1]), np.float32)
        for texts, vectors in ((self.queries, self.query_vectors), (self.passages, self.passage_vectors)):
            if vectors.grad is not None:
                gradient[np.searchsorted(self.rows, texts.rows)] += vectors.grad.numpy()
        return gradient


def touch(table: Floats, batch: Batch) -> Touched:
    """Gather what a batch needs of the table."""
    queries = side(batch.query_tokens, batch.query_starts)
    passages = side(batch.passage_tokens, batch.passage_starts)
    return Touched(
        rows=np.union1d(queries.rows, passages.rows),
        queries=queries,
        passages=passages,
        query_vectors=torch.from_numpy(table[queries.rows]).requires_grad_(),
        passage_vectors=torch.from_numpy(table[passages.rows]).requires_grad_(),
    )


def batch_gradients(
    table: Floats,
    batch: Batch,
    *,
    mean_weight: float,
    interaction_weight: float,
    scale: float,
    interaction_scale: float,
) -> tuple[Longs, Floats, float, float]:
    """Return the touched rows of the table, their gradient, and the two losses (mean, late interaction)."""
    touched = touch(table, batch)
    loss = torch.zeros(())
    mean_loss = interaction_loss = 0.0
    if mean_weight:
        part = contrast(touched.mean(), scale=scale)
        loss, mean_loss = loss + mean_weight * part, float(part.detach())
    if interaction_weight:
        part = contrast(touched.interaction(), scale=interaction_scale)
        loss, interaction_loss = loss + interaction_weight * part, float(part.detach())
    return touched.rows, touched.gradient(loss), mean_loss, interaction_loss


def weighed_gradients(
    table: Floats,
    logs: Floats,
    batch: Batch,
    *,
    mean_weight: float,
    interaction_weight: float,
    scale: float,
    interaction_scale: float,
) -> tuple[Longs, Floats, Floats]:
    """Return the touched rows, their gradient, and that of the logarithms `(rows, 1)` of their weights.

    As `batch_gradients`, but a token counts in late interaction by its own weight and not by its vector's length.
    """
    touched = touch(table, batch)
    own = torch.from_numpy(logs[touched.queries.rows, 0]).requires_grad_()
    mean = contrast(touched.mean(), scale=scale)
    late = contrast(touched.interaction(own.exp()), scale=interaction_scale)
    gradient = touched.gradient(mean_weight * mean + interaction_weight * late)
    of_logs = np.zeros((len(touched.rows), 1), np.float32)
    if own.grad is not None:
        of_logs[np.searchsorted(touched.rows, touched.queries.rows), 0] = own.grad.numpy()
    return touched.rows, gradient, of_logs
