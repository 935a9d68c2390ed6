"""The serving state: a few segments that together equal the database at one commit. A newer one replaces it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import QueryError
from rag.store.duplicates.clusters import repeats_since
from rag.store.search.bm25 import Counts, Part, Totals, count_totals
from rag.store.search.context_part import ContextPart, merged_small_parts, read_parts
from rag.store.search.segments import Segment, StoredPassage, build_segment, gather, merge_segments
from rag.store.search.snapshot import ContextGroup, Group, Snapshot, SnapshotError, read_commit, read_snapshot
from rag.store.search.spilling import spilled
from rag.store.search.token_tally import TokenTally
from rag.store.search.vectors import FAST, FLAT, FLAT_LIMIT
from rag.store.tables.catalogue import Commit, knows, last_commit, read_manifest
from rag.store.tables.context_rows import context_since
from rag.store.tables.manifest import Manifest
from rag.store.tables.passages import count_since, passages_since, removed_since
from rag.store.tables.rows import Floats, Ints, Longs

BLOCK_ROWS = 4096  # rows read from the database at a time: bounds what a rebuild holds twice
LOOSE_ROWS = 2000  # rows outside the snapshot that cost a search little (below a tenth of one at 20,000)
_FLAT_SHARE = 0.05  # of FLAT_LIMIT: smaller segments are searched exactly in a large index too, in a millisecond
_DEAD_SHARE = 0.5  # of a segment's rows: with more of them gone it is written anew

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TokenRows:
    """Late-interaction tokens of some passages, in the order asked for.

    Tokens of passage `i` are ``ids[bounds[i]:bounds[i + 1]]``; its sentences begin at the positions
    ``sentences[sentence_bounds[i]:sentence_bounds[i + 1]]`` within them, with `sentence_norms` likewise.
    """

    ids: Ints
    bounds: Longs
    sentences: Ints
    sentence_bounds: Longs
    sentence_norms: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """What searching works on. `live` counts its passages, `totals` those that no other document repeats.

    `snapshot` is the mapped snapshot that the first segments are of, if there is one; the first parts of `context`, the
    contextual vectors, are of it too. `content` is the generation at which passages last came or went: refining them
    changes nothing of what they say.
    """

    commit: Commit
    manifest: Manifest
    segments: tuple[Segment, ...]
    parts: tuple[Part, ...]
    live: int
    totals: Totals
    firsts: Longs
    snapshot: Snapshot | None
    content: int
    context: tuple[ContextPart, ...] = ()
    tally: TokenTally

    @property
    def mapped(self) -> int:
        """How many of the segments are the snapshot's."""
        return len(self.snapshot.segments) if self.snapshot else 0

    @property
    def context_mapped(self) -> int:
        """How many of the parts of contextual vectors are the snapshot's."""
        return len(self.snapshot.context) if self.snapshot else 0

    @property
    def loose(self) -> int:
        """Rows that the snapshot lacks, and rows that have gone from it since."""
        gone = sum(len(segment) - segment.live for segment in self.segments[: self.mapped])
        before = self.snapshot.gone if self.snapshot else 0
        return sum(len(segment) for segment in self.segments[self.mapped :]) + gone - before

    @property
    def changed(self) -> str | None:
        """The name of a file of the snapshot that was written to since it was checked; it must not be read on."""
        return self.snapshot.files.changed() if self.snapshot else None

    @property
    def outgrown(self) -> bool:
        """Whether a new snapshot is worth writing: there is none though there are rows, or much has changed since."""
        if self.snapshot is None:
            return self.live > 0
        return max(self.loose, self.loose_context) > LOOSE_ROWS

    @property
    def loose_context(self) -> int:
        """Passages whose contextual vectors the snapshot lacks."""
        return sum(len(part) for part in self.context[self.context_mapped :])

    @property
    def refined(self) -> int:
        """How many passages have contextual vectors."""
        return sum(part.live for part in self.context)

    def locate(self, ids: Longs) -> list[tuple[Segment, NDArray[np.intp], NDArray[np.intp]]]:
        """Return segments with the positions in `ids` that lie in them, and the rows at which.

        Raises:
            QueryError: a passage is not there.
        """
        which = np.searchsorted(self.firsts, ids, side="right") - 1
        found = []
        for number in sorted(set(which.tolist())):
            positions = np.flatnonzero(which == number)
            wanted = ids[positions]
            segment = self.segments[number] if number >= 0 else None
            if segment is None or not len(segment):
                raise _missing(wanted)
            rows = np.minimum(np.searchsorted(segment.ids, wanted), len(segment) - 1)
            sound = segment.ids[rows] == wanted
            if segment.alive is not None:
                sound &= segment.alive[rows]
            if not sound.all():
                raise _missing(wanted[~sound])
            found.append((segment, positions, rows))
        return found

    def tokens(self, ids: Longs) -> TokenRows:
        """Gather the tokens of passages."""
        located = self.locate(ids)
        if len(located) == 1:  # the usual case: `positions` is then every position, in order
            segment, _, rows = located[0]
            return TokenRows(
                ids=gather(segment.token_offsets, rows, segment.tokens),
                bounds=_gathered_offsets(segment.token_offsets, rows),
                sentences=gather(segment.sentence_offsets, rows, segment.sentence_starts),
                sentence_bounds=_gathered_offsets(segment.sentence_offsets, rows),
                sentence_norms=gather(segment.sentence_offsets, rows, segment.sentence_norms),
            )
        pieces: list[tuple[Ints, Ints, Floats]] = [_NOTHING] * len(ids)
        for segment, positions, rows in located:
            for position, row in zip(positions.tolist(), rows.tolist(), strict=True):
                words = slice(segment.token_offsets[row], segment.token_offsets[row + 1])
                sentences = slice(segment.sentence_offsets[row], segment.sentence_offsets[row + 1])
                pieces[position] = (
                    segment.tokens[words],
                    segment.sentence_starts[sentences],
                    segment.sentence_norms[sentences],
                )
        return TokenRows(
            ids=np.concatenate([_NOTHING[0], *(piece[0] for piece in pieces)]),
            bounds=_running([len(piece[0]) for piece in pieces]),
            sentences=np.concatenate([_NOTHING[1], *(piece[1] for piece in pieces)]),
            sentence_bounds=_running([len(piece[1]) for piece in pieces]),
            sentence_norms=np.concatenate([_NOTHING[2], *(piece[2] for piece in pieces)]),
        )

    def embeddings(self, ids: Longs) -> Floats:
        """Return the vectors of passages, `(n, dim)` float32."""
        result = np.zeros((len(ids), self.manifest.dimension), np.float32)
        for segment, positions, rows in self.locate(ids):
            result[positions] = segment.vectors.rows(rows)
        return result

    def documents(self, ids: Longs) -> Longs:
        """Return the document numbers of passages, `(n,)`."""
        result = np.zeros(len(ids), np.int64)
        for segment, positions, rows in self.locate(ids):
            result[positions] = segment.documents[rows]
        return result

    def languages(self, ids: Longs) -> list[str | None]:
        """Return the languages of passages."""
        result: list[str | None] = [None] * len(ids)
        for segment, positions, rows in self.locate(ids):
            for position, code in zip(positions.tolist(), segment.languages[rows].tolist(), strict=True):
                result[position] = segment.language_names[code]
        return result

    def token_counts(self, vocabulary: int) -> Longs:
        """Return how often each token of a table of that size stands in what counts, `(vocabulary,)`."""
        return self.tally.counts(self.segments, vocabulary)


_NOTHING = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))


def load_state(folder: Path, database: sqlite3.Connection, before: State | None = None) -> State:
    """Return the state at the reader's commit: from the snapshot and the difference, or else from the rows alone.

    Nothing is embedded again, and a snapshot that cannot be used is only a warning in the log. What the current
    snapshot shares with that of the state `before` is neither read nor counted again.
    """
    manifest = read_manifest(database, str(folder))
    try:
        found = read_snapshot(folder, manifest, before.snapshot if before is not None else None)
        if not knows(database, found.commit):
            raise SnapshotError(f"it is of commit {found.commit.generation}, which is not in the database's history")
    except SnapshotError as error:
        if count_since(database, 0):
            _log.warning("index at %r: snapshot not used (%s); rebuilt from the database", str(folder), error)
        return rebuild_state(folder, database, manifest)
    segments = _marked(found.segments, database, 0)  # as they are now: the snapshot does not hold it
    state = _assemble(found.commit, manifest, segments, found, found.context, before=before)
    return advance(state, folder, database)


def rebuild_state(folder: Path, database: sqlite3.Connection, manifest: Manifest) -> State:
    """Return the state at the reader's commit from the rows alone; many rows go through files, and stay there."""
    segments = _merged_small(spilled(folder, _read_segments(database, 0, manifest.dimension)))
    segments = _marked(segments, database, 0)
    context = merged_small_parts(_read_context(database, 0, manifest))
    return _assemble(last_commit(database), manifest, segments, None, context)


def advance(state: State, folder: Path, database: sqlite3.Connection) -> State:
    """Return the state at the reader's commit, which must not be older, by applying the difference."""
    now = last_commit(database)
    if now == state.commit:
        return state
    if not knows(database, state.commit) or _is_behind_snapshot(state, folder, database):
        return load_state(folder, database, state)
    removed = removed_since(database, state.commit.generation)
    segments = [segment.without(removed) for segment in state.segments] if len(removed) else list(state.segments)
    fixed = segments[: state.mapped]
    small = [segment for segment in segments[len(fixed) :] if segment.live]
    new = list(_read_segments(database, state.commit.generation, state.manifest.dimension))
    small += new
    parts = [part.without(removed) for part in state.context] if len(removed) else list(state.context)
    mapped = parts[: state.context_mapped]
    loose = [*parts[len(mapped) :], *_read_context(database, state.commit.generation, state.manifest)]
    return _assemble(
        now,
        state.manifest,
        _marked(fixed + _merged_small(small), database, state.commit.generation),
        state.snapshot,
        mapped + merged_small_parts(loose),
        now.generation if new or len(removed) else state.content,
        state,
    )


def group_whole(state: State) -> tuple[list[Group], list[ContextGroup]]:
    """Return what a snapshot of a state is written of, all of it as one segment."""
    segments = state.segments or (build_segment([], state.manifest.dimension),)
    context = [ContextGroup(parts=state.context)] if state.refined else []
    return [Group(segments=segments, kind=FLAT if state.live <= FLAT_LIMIT else FAST)], context


def group_tiers(state: State, *, purge: bool = False) -> tuple[list[Group], list[ContextGroup]]:
    """Return what a snapshot of a state is written of, so that most of the present one is kept.

    What the snapshot lacks becomes a segment, joined with the last ones until each is at least twice the next: each row
    is written anew a few times while an index grows, by the logarithm of its size.

    Args:
        state: the state; its snapshot must be the current one.
        purge: write anew whatever has rows that are gone.
    """
    pieces = state.snapshot.pieces if state.snapshot else ()
    groups: list[Group] = []
    for run in _runs([(each.live, len(each) - each.live) for each in state.segments], state.mapped, purge):
        segments = state.segments[run.start : run.stop]
        rows = sum(segment.live for segment in segments)
        fast = state.live > FLAT_LIMIT and rows > _FLAT_SHARE * FLAT_LIMIT
        kept = pieces[run.start] if run.keep else None
        groups.append(Group(segments=segments, kind=FAST if fast else FLAT, kept=kept))
    context_pieces = state.snapshot.context_pieces if state.snapshot else ()
    context = [
        ContextGroup(parts=state.context[run.start : run.stop], kept=context_pieces[run.start] if run.keep else None)
        for run in _runs([(each.live, len(each) - each.live) for each in state.context], state.context_mapped, purge)
    ]
    return groups, context


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbours that become one, or one that is kept."""

    start: int
    stop: int
    live: int
    keep: bool


def _runs(sizes: Sequence[tuple[int, int]], mapped: int, purge: bool) -> list[_Run]:
    """Choose what to join and what to keep, given the live and the dead rows of each, of which the first are mapped."""
    runs: list[_Run] = []
    for number, (live, dead) in enumerate(sizes[:mapped]):
        if live:
            keep = not dead if purge else dead <= _DEAD_SHARE * (live + dead)
            runs.append(_Run(number, number + 1, live, keep))
    live = sum(size for size, _ in sizes[mapped:])
    if live:
        runs.append(_Run(mapped, len(sizes), live, False))
    merged: list[_Run] = []
    for run in runs:
        while merged and not run.keep and merged[-1].live < 2 * run.live:
            before = merged.pop()
            run = _Run(before.start, run.stop, before.live + run.live, False)
        merged.append(run)
    return merged


def _assemble(
    commit: Commit,
    manifest: Manifest,
    segments: Sequence[Segment],
    snapshot: Snapshot | None,
    context: Sequence[ContextPart] = (),
    content: int | None = None,
    before: State | None = None,
) -> State:
    """Make a state of its parts; what they share with the state `before` is not made anew."""
    former: dict[int, tuple[Segment, Part]] = {}
    if before is not None:
        former = {id(part.postings): (held, part) for held, part in zip(before.segments, before.parts, strict=True)}
    own = [_own_totals(segment, former.get(id(segment.postings))) for segment in segments]
    totals = Totals(passages=sum(each.passages for each in own), words=sum(each.words for each in own))
    return State(
        commit=commit,
        manifest=manifest,
        segments=tuple(segments),
        parts=tuple(
            _part(segment, each, totals, former.get(id(segment.postings)))
            for segment, each in zip(segments, own, strict=True)
        ),
        live=sum(part.live for part in segments),
        totals=totals,
        firsts=np.array([part.ids[0] if len(part) else 0 for part in segments], np.int64),
        snapshot=snapshot,
        content=commit.generation if content is None else content,
        context=tuple(context),
        tally=before.tally if before is not None else TokenTally(),
    )


def _own_totals(segment: Segment, former: tuple[Segment, Part] | None) -> Totals:
    if former is not None and former[0] is segment and former[1].own is not None:
        return former[1].own
    return count_totals([(segment.postings, segment.counted)])


def _part(segment: Segment, own: Totals, totals: Totals, former: tuple[Segment, Part] | None) -> Part:
    held: dict[int, Counts] = {}
    frequencies: dict[int, int] = {}
    if former is not None:
        held = former[1].held
        if former[0] is segment:
            frequencies = former[1].frequencies
    return Part(
        postings=segment.postings,
        saturation=totals.saturation(segment.postings.lengths),
        alive=segment.alive,
        counted=segment.counted,
        held=held,
        frequencies=frequencies,
        own=own,
    )


def _is_behind_snapshot(state: State, folder: Path, database: sqlite3.Connection) -> bool:
    """Whether so much came in that the snapshot another process has written meanwhile is the shorter way."""
    if count_since(database, state.commit.generation) + max(state.loose, state.loose_context) <= LOOSE_ROWS:
        return False
    commit = read_commit(folder)
    older = state.snapshot.commit.generation if state.snapshot else 0
    return commit is not None and commit.generation > older and knows(database, commit)


def _read_context(database: sqlite3.Connection, generation: int, manifest: Manifest) -> list[ContextPart]:
    width = manifest.contextual_dimension
    return read_parts(context_since(database, generation, width), width)


def _read_segments(database: sqlite3.Connection, generation: int, dimension: int) -> Iterator[Segment]:
    passages = passages_since(database, generation, dimension)
    return (build_segment(block, dimension) for block in _blocks(passages))


def _marked(segments: Sequence[Segment], database: sqlite3.Connection, generation: int) -> list[Segment]:
    """Return segments with what is known since a generation of documents that repeat another."""
    documents, repeated = repeats_since(database, generation)
    return [segment.marked(documents, repeated) for segment in segments] if len(documents) else list(segments)


def _blocks(passages: Iterator[StoredPassage]) -> Iterator[list[StoredPassage]]:
    while block := list(islice(passages, BLOCK_ROWS)):
        yield block


def _merged_small(segments: Sequence[Segment]) -> list[Segment]:
    """Merge neighbours until each segment is at least twice the next: few segments, and each row is merged rarely."""
    result: list[Segment] = []
    for segment in segments:
        group = [segment]
        size = segment.live
        while result and result[-1].live < 2 * size:
            group.insert(0, result.pop())
            size += group[0].live
        result.append(merge_segments(group) if len(group) > 1 else segment)
    return result


def _gathered_offsets(offsets: Longs, rows: NDArray[np.intp]) -> Longs:
    return _running(offsets[rows + 1] - offsets[rows])


def _running(sizes: Sequence[int] | Longs) -> Longs:
    result = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=result[1:])
    return result


def _missing(ids: Longs) -> QueryError:
    return QueryError("passage_unknown", id=int(ids[0]))
