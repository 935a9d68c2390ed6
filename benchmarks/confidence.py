"""How honest a confidence is: reliability, calibration error, and what is gained by staying silent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Questions of like confidence: their mean confidence, the share that was right, and how many they are."""

    confidence: float
    right: float
    count: int


def reliability(confidence: Floats, right: Floats, *, bins: int = 10) -> list[Bin]:
    """Group questions ``(n,)`` by confidence into bins of equal count, in rising order.

    Equal counts, because most confidences lie near 0 and 1 and bins of equal width would hold a handful elsewhere
    (Nguyen and O'Connor, EMNLP 2015).
    """
    order = np.argsort(confidence, kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    return [
        Bin(confidence=float(confidence[group].mean()), right=float(right[group].mean()), count=len(group))
        for group in groups
    ]


def calibration_error(bins: list[Bin]) -> float:
    """Return the expected calibration error: the mean gap between confidence and share right, by count."""
    total = sum(group.count for group in bins)
    return sum(group.count * abs(group.confidence - group.right) for group in bins) / total


def brier_score(confidence: Floats, right: Floats) -> float:
    """Return the mean squared gap between confidence and outcome (Brier 1950); 0 is perfect, lower is better."""
    return float(np.mean((confidence - right) ** 2))


def separation(confidence: Floats, right: Floats) -> float:
    """Return the chance that a right top passage has more confidence than a wrong one (ROC AUC); ties count half."""
    good, bad = np.sort(confidence[right == 1]), confidence[right == 0]
    if not len(good) or not len(bad):
        return float("nan")
    above = len(good) - np.searchsorted(good, bad, side="right")
    equal = np.searchsorted(good, bad, side="right") - np.searchsorted(good, bad, side="left")
    return float((above + equal / 2).sum() / (len(good) * len(bad)))


def risk_coverage(confidence: Floats, right: Floats) -> list[tuple[float, float]]:
    """Return (share answered, share wrong among those) for every threshold, the most confident questions first.

    Source: El-Yaniv and Wiener, JMLR 2010. Questions of equal confidence are answered together.

    Example:
        >>> risk_coverage(np.array([0.9, 0.2, 0.5]), np.array([1.0, 0.0, 0.0]))
        [(0.3333333333333333, 0.0), (0.6666666666666666, 0.5), (1.0, 0.6666666666666666)]
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(1 - right[order])
    answered = np.arange(1, len(order) + 1)
    last_of_equals = np.append(np.diff(confidence[order]) != 0, True)
    points = zip(answered[last_of_equals] / len(order), (wrong / answered)[last_of_equals], strict=True)
    return [(float(coverage), float(risk)) for coverage, risk in points]


def area_under(points: list[tuple[float, float]]) -> float:
    """Return the area under a risk-coverage curve (AURC), lower is better; risk holds from one coverage to the next."""
    coverages = np.array([0.0, *(coverage for coverage, _ in points)])
    return float(np.sum(np.diff(coverages) * np.array([risk for _, risk in points])))
