"""Ranks of nodes."""

from __future__ import annotations

import math

import numpy

from .lists import Lists, answer
from .shared import argument, iterate, node_values, scoring_weights, sums


def pagerank(lists: Lists, options: dict, report) -> tuple:
    count, alpha = lists.node_count, options.get("alpha", 0.85)
    argument(0 <= alpha <= 1, "alpha", "a probability is in 0…1")
    jumps = numpy.full(count, 1 / max(count, 1))
    if "personalization" in options:
        jumps = node_values(lists, options["personalization"], "personalization")
        argument(
            bool((numpy.isfinite(jumps) & (jumps >= 0)).all()), "personalization",
            "its values are finite and not negative")
        total = jumps.sum()
        is_good = not count or 1e-200 <= total <= 1e200
        argument(is_good, "personalization", "its sum is 0, or no number to divide by")
        jumps = jumps / max(total, 1e-200)
    weights = scoring_weights(lists, options, True)
    gives = sums(lists.rows, weights, count)
    is_end = gives == 0
    ranks = numpy.full(count, 1 / max(count, 1))
    parts = weights / numpy.where(is_end, 1, gives)[lists.rows]
    if not count:
        return answer(rank=ranks), {"iterations": 0, "residual": 0.0}

    def step() -> float:
        nonlocal ranks
        last = ranks
        pulled = sums(lists.indices, parts * last[lists.rows], count)
        ranks = alpha * (pulled + last[is_end].sum() * jumps) + (1 - alpha) * jumps
        return abs(ranks - last).sum()

    done = iterate(options, 100, options.get("tol", 1e-6) * count, step, report)
    return answer(rank=ranks), done


def hits(lists: Lists, options: dict, report) -> tuple:
    count, weights = lists.node_count, scoring_weights(lists, options, True)
    hubs = numpy.full(count, 1 / max(count, 1))
    authorities = numpy.zeros(count)

    def over(values, divisor: float):
        return values / divisor if divisor > 0 else values

    def step() -> float:
        nonlocal hubs, authorities
        last = hubs
        authorities = sums(lists.indices, weights * hubs[lists.rows], count)
        hubs = sums(lists.rows, weights * authorities[lists.indices], count)
        hubs = over(hubs, hubs.max(initial=0))
        authorities = over(authorities, authorities.max(initial=0))
        return abs(hubs - last).sum()

    done = iterate(options, 100, options.get("tol", 1e-8), step, report)
    if options.get("normalized", True):
        hubs, authorities = over(hubs, hubs.sum()), over(authorities, authorities.sum())
    return answer(hub=hubs, authority=authorities), done


def eigenvector_centrality(lists: Lists, options: dict, report) -> tuple:
    count, weights = lists.node_count, scoring_weights(lists, options, False)
    scores = numpy.full(count, 1 / max(count, 1))
    if not count:
        return answer(centrality=scores), {"iterations": 0, "residual": 0.0}

    def step() -> float:
        nonlocal scores
        last = scores
        scores = last + sums(lists.indices, weights * last[lists.rows], count)
        length = math.sqrt(float(scores @ scores))
        scores = scores / length if length > 0 else scores
        return abs(scores - last).sum()

    done = iterate(options, 100, options.get("tol", 1e-6) * count, step, report)
    return answer(centrality=scores), done


def katz_centrality(lists: Lists, options: dict, report) -> tuple:
    alpha, beta = options.get("alpha", 0.1), options.get("beta", 1.0)
    argument(math.isfinite(alpha), "alpha", "it is not finite")
    betas = beta
    if "betas" in options:
        betas = node_values(lists, options["betas"], "beta", beta)
    argument(bool(numpy.isfinite(betas).all()), "beta", "it is not finite")
    count, weights = lists.node_count, scoring_weights(lists, options, False)
    scores = numpy.zeros(count)
    if not count:
        return answer(centrality=scores), {"iterations": 0, "residual": 0.0}

    def step() -> float:
        nonlocal scores
        last = scores
        scores = alpha * sums(lists.indices, weights * last[lists.rows], count) + betas
        return abs(scores - last).sum()

    with numpy.errstate(over="ignore", invalid="ignore"):
        done = iterate(options, 1000, options.get("tol", 1e-6) * count, step, report)
        if options.get("normalized", True):
            scores = scores * (1 / numpy.float64(math.sqrt(float(scores @ scores))))
    return answer(centrality=scores), done
