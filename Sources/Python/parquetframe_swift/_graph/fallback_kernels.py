"""Kernels over numpy and scipy, with the answers of the engine's."""

from __future__ import annotations

import heapq
import math

import numpy
import scipy.sparse
import scipy.sparse.csgraph

from .. import errors
from .fallback import Lists, answer, check

_INFINITY = float("inf")


def run(lists: Lists, kernel: str, options: dict, cancel, progress) -> tuple:
    """The columns and the summary of a kernel."""
    function = _KERNELS.get(kernel)
    if function is None:
        raise errors.EngineUnavailableError(
            f"{kernel} needs the engine: no other library gives its answer")

    def report(iteration: int, residual: float | None = None) -> None:
        if progress is not None:
            progress(iteration, residual)
        check(cancel)

    return function(lists, {name: value for name, value in options.items() if value is not None}, report)


# ---- What kernels share ------------------------------------------------------------------------


def _entries(lists: Lists, nodes) -> tuple:
    """(the entries of the lists of some nodes, the node of each)"""
    starts = lists.indptr[nodes]
    counts = lists.indptr[nodes + 1] - starts
    ends = numpy.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return numpy.repeat(starts - (ends - counts), counts) + numpy.arange(total), numpy.repeat(nodes, counts)


def _nodes(lists: Lists, ids, what: str):
    for node in ids:
        if not 0 <= node < lists.node_count:
            raise lists.unknown(what, node)
    return numpy.array(list(ids), numpy.int64)


def _need(is_directed: bool, lists: Lists) -> None:
    if lists.directed != is_directed:
        raise errors.ArgumentError(f"this is for graphs {'with' if is_directed else 'without'} directions")


def _bad_weight(lists: Lists, wrong) -> None:
    if wrong.any():
        entry = int(wrong.argmax())
        source, target = int(lists.rows[entry]), int(lists.indices[entry])
        weight = float(lists.weights[entry])
        raise errors.GraphError(
            f"the edge from {source} to {target} has the weight {weight}",
            {"source": source, "target": target, "weight": weight})


def _scoring_weights(lists: Lists, options: dict, usual: bool):
    if lists.weights is None or not options.get("use_weights", usual):
        return numpy.ones(len(lists.indices))
    _bad_weight(lists, ~(numpy.isfinite(lists.weights) & (lists.weights >= 0)))
    return lists.weights.astype(float)


def _argument(is_good: bool, name: str, why: str) -> None:
    if not is_good:
        raise errors.ArgumentError(f"{name}: {why}", {"option": name})


def _iterate(options: dict, usual: int, limit: float, step, report) -> dict:
    """Calls `step`, which gives what it changed, until that is below `limit`."""
    last = options.get("max_iter", usual)
    _argument(last >= 1, "maxIterations", "there must be one at least")
    _argument(limit >= 0, "tolerance", "a tolerance is not negative")
    for iteration in range(1, last + 1):
        residual = float(step())
        report(iteration, residual)
        if residual < limit:
            return {"iterations": iteration, "residual": residual}
    raise errors.GraphError(
        f"no convergence in {last} iterations, the residual is {residual}",
        {"iterations": last, "residual": residual})


def _node_values(lists: Lists, given, name: str, rest: float = 0.0):
    """A value for each node, from a list of all or a dict of some."""
    if isinstance(given, dict):
        values = numpy.full(lists.node_count, rest)
        for node, value in given.items():
            if not 0 <= int(node) < lists.node_count:
                raise lists.unknown(name, int(node))
            values[int(node)] = value
        return values
    if len(given) != lists.node_count:
        raise errors.ArgumentError(f"{len(given)} values of {name} and {lists.node_count} of nodes")
    return numpy.array(given, float)


def _simple(lists: Lists):
    """The adjacency without parallel edges and self-loops, each entry 1."""
    keep = lists.rows != lists.indices
    keep[1:] &= (lists.rows[1:] != lists.rows[:-1]) | (lists.indices[1:] != lists.indices[:-1])
    rows, columns = lists.rows[keep], lists.indices[keep]
    shape = lists.node_count, lists.node_count
    return scipy.sparse.csr_array((numpy.ones(len(rows), numpy.int64), (rows, columns)), shape)


def _sums(places, values, count: int):
    """What values at each place add up to."""
    return numpy.bincount(places, values, count).astype(float)


def _i4(values):
    return values.astype(numpy.int32)


# ---- Searches ----------------------------------------------------------------------------------


def _levels(lists: Lists, sources, max_depth, report=None) -> tuple:
    distances = numpy.full(lists.node_count, -1, numpy.int32)
    before = numpy.full(lists.node_count, lists.node_count, numpy.int64)
    distances[sources] = 0
    frontier, level = numpy.unique(sources), 0
    while len(frontier) and (max_depth is None or level < max_depth):
        entries, nodes = _entries(lists, frontier)
        targets = lists.indices[entries]
        is_new = distances[targets] == -1
        targets, nodes = targets[is_new], nodes[is_new]
        numpy.minimum.at(before, targets, nodes)
        level += 1
        distances[targets] = level
        frontier = numpy.unique(targets).astype(numpy.int64)
        if report is not None:
            report(level)
    before[before == lists.node_count] = -1
    return distances, _i4(before)


def _bfs(lists: Lists, options: dict, report) -> tuple:
    sources = _nodes(lists, options.get("sources", []), "source")
    _argument(options.get("max_depth", 0) >= 0, "max_depth", "a depth is not negative")
    distances, before = _levels(lists, sources, options.get("max_depth"), report)
    reached = int((distances >= 0).sum())
    return answer(distance=distances, predecessor=before), {
        "reached": reached, "depth": int(distances.max(initial=0))}


def _dfs(lists: Lists, options: dict, report) -> tuple:
    source = int(_nodes(lists, [options["source"]], "source")[0])
    deepest = options.get("max_depth", _INFINITY)
    _argument(deepest >= 0, "max_depth", "a depth is not negative")
    indptr, indices = lists.indptr.tolist(), lists.indices.tolist()
    entered, before, pre, post = {source}, [-1], [source], []
    way, places = [source], [indptr[source]]
    while way:
        node, place = way[-1], places[-1]
        end = indptr[node + 1] if len(way) <= deepest else place
        while place < end and indices[place] in entered:
            place += 1
        if place < end:
            places[-1] = place + 1
            target = indices[place]
            entered.add(target)
            before.append(node)
            pre.append(target)
            way.append(target)
            places.append(indptr[target])
        else:
            post.append(way.pop())
            places.pop()
    columns = (numpy.array(values, numpy.int32) for values in (pre, post, before))
    return answer(**dict(zip(("preorder", "postorder", "predecessor"), columns))), {}


def _topological_sort(lists: Lists, options: dict, report) -> tuple:
    _need(True, lists)
    indptr, indices = lists.indptr.tolist(), lists.indices.tolist()
    waiting = numpy.bincount(lists.indices, minlength=lists.node_count).tolist()
    order = [node for node, count in enumerate(waiting) if not count]
    for node in order:
        for target in indices[indptr[node]:indptr[node + 1]]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    if len(order) < lists.node_count:
        before = {}
        for node, count in enumerate(waiting):
            if count:
                for target in indices[indptr[node]:indptr[node + 1]]:
                    before.setdefault(target, node)
        node = next(node for node, count in enumerate(waiting) if count)
        raise _cycle_error(_cycle(before, node), "a cycle")
    return answer(node=numpy.array(order, numpy.int32)), {}


def _cycle(before, node: int) -> list:
    """The cycle that `before` leads into from a node, smallest node first."""
    seen: dict = {}
    while node not in seen:
        seen[node] = len(seen)
        node = before[node]
    cycle = list(seen)[seen[node]:][::-1]
    start = cycle.index(min(cycle))
    return cycle[start:] + cycle[:start]


def _cycle_error(cycle: list, what: str) -> errors.GraphError:
    shown = [*map(str, cycle[:8]), str(cycle[0]) if len(cycle) <= 8 else f"… ({len(cycle)} nodes)"]
    return errors.GraphError(f"{what}: {' → '.join(shown)}", {"cycle": cycle})


# ---- Paths -------------------------------------------------------------------------------------


def _shortest_paths(lists: Lists, options: dict, report) -> tuple:
    distances, before = _paths(lists, options, report)
    return answer(distance=distances, predecessor=before), {}


def _paths(lists: Lists, options: dict, report) -> tuple:
    farthest = options.get("max_distance", _INFINITY)
    _argument(farthest >= 0, "maxDistance", "a distance is a number, not negative")
    delta, method = options.get("delta", 1.0), options.get("method", "auto")
    _argument(0 < delta < _INFINITY, "delta", "a width is finite and more than 0")
    if method not in ("auto", "bellman_ford", "delta_stepping", "dijkstra"):
        raise errors.ArgumentError(f"method cannot be {method!r}", {"option": "method"})
    sources = numpy.unique(_nodes(lists, options.get("sources", []), "source"))
    targets = _nodes(lists, options.get("targets", []), "target")
    if lists.weights is None:
        depth = None if farthest == _INFINITY else int(min(farthest, 2**31 - 1))
        levels, before = _levels(lists, sources, depth, report)
        distances = numpy.where(levels < 0, _INFINITY, levels.astype(float))
    else:
        weights = lists.weights.astype(float)
        _bad_weight(lists, numpy.isnan(weights) | (weights == -_INFINITY))
        is_negative = bool((weights < 0).any())
        if method not in ("bellman_ford", "auto"):
            _bad_weight(lists, weights < 0)
        if is_negative:
            _argument(
                farthest == _INFINITY and not len(targets), "targets" if len(targets) else "maxDistance",
                "with negative weights no search can end early")
            distances = _bellman_ford(lists, weights, sources, report)
            before = _explained(lists, weights, distances, sources, None)
        else:
            distances = _dijkstra(lists, weights, sources, farthest)
            before = numpy.full(lists.node_count, lists.node_count, numpy.int64)
            own, other = distances[lists.rows], distances[lists.indices]
            fits = (own + weights == other) & (own < other) & (other < _INFINITY)
            numpy.minimum.at(before, lists.indices[fits], lists.rows[fits])
            before = _explained(lists, weights, distances, sources, before)
    if len(targets):
        is_far = distances > distances[targets].max()
        distances[is_far], before[is_far] = _INFINITY, -1
    return distances, before


def _dijkstra(lists: Lists, weights, sources, farthest: float):
    count = lists.node_count
    if not len(sources):
        return numpy.full(count, _INFINITY)
    if (weights > 0).all():
        matrix = scipy.sparse.csr_array((weights, lists.indices, lists.indptr), (count, count))
        return scipy.sparse.csgraph.dijkstra(
            matrix, directed=True, indices=sources, limit=farthest, min_only=True)
    indptr, indices, lengths = lists.indptr.tolist(), lists.indices.tolist(), weights.tolist()
    distances = [_INFINITY] * count
    for source in sources.tolist():
        distances[source] = 0.0
    heap = [(0.0, source) for source in sources.tolist()]
    while heap:
        distance, node = heapq.heappop(heap)
        if distance > distances[node]:
            continue
        for entry in range(indptr[node], indptr[node + 1]):
            offer, target = distance + lengths[entry], indices[entry]
            if offer < distances[target] and offer <= farthest:
                distances[target] = offer
                heapq.heappush(heap, (offer, target))
    return numpy.array(distances)


def _bellman_ford(lists: Lists, weights, sources, report):
    distances = numpy.full(lists.node_count, _INFINITY)
    distances[sources] = 0
    for round_ in range(1, lists.node_count + 1):
        offers = distances[lists.rows] + weights
        lowered = distances.copy()
        numpy.minimum.at(lowered, lists.indices, offers)
        report(round_)
        if (lowered == distances).all():
            return distances
        distances = lowered
    raise _cycle_error(_negative_cycle(lists, weights, sources), "a cycle of negative length")


def _negative_cycle(lists: Lists, weights, sources) -> list:
    """A cycle among predecessors, which there is when rounds go on after as many as there are nodes."""
    edges = list(zip(lists.rows.tolist(), lists.indices.tolist(), weights.tolist()))
    distances = dict.fromkeys(sources.tolist(), 0.0)
    before: dict = {}
    while True:
        for node, target, weight in edges:
            if node in distances and distances[node] + weight < distances.get(target, _INFINITY):
                distances[target] = distances[node] + weight
                before[target] = node
                seen = {target}
                step = node
                while step in before and step not in seen:
                    seen.add(step)
                    step = before[step]
                if step in seen:
                    return _cycle(before, step)


def _explained(lists: Lists, weights, distances, sources, before):
    """Predecessors where none is known yet, step by step from what has one."""
    count = lists.node_count
    is_reached = distances < _INFINITY
    is_open = is_reached.copy()
    if before is None:
        before = numpy.full(count, count, numpy.int64)
    is_open &= before == count
    is_open[sources] = False
    before[sources] = count
    frontier = numpy.flatnonzero(is_reached & ~is_open)
    while len(frontier) and is_open.any():
        entries, nodes = _entries(lists, frontier)
        targets = lists.indices[entries]
        fits = is_open[targets] & (distances[nodes] + weights[entries] == distances[targets])
        numpy.minimum.at(before, targets[fits], nodes[fits])
        frontier = numpy.unique(targets[fits]).astype(numpy.int64)
        is_open[frontier] = False
    before[before == count] = -1
    return _i4(before)


def _shortest_path(lists: Lists, options: dict, report) -> tuple:
    source = int(_nodes(lists, [options["source"]], "source")[0])
    target = int(_nodes(lists, [options["target"]], "target")[0])
    if lists.weights is not None and options.get("use_weights", True):
        ends = {"sources": [source]}
        if not (lists.weights < 0).any():
            ends["targets"] = [target]
        distances, before = _paths(lists, ends, report)
        return _path(target, before, float(distances[target]))
    forward, backward = _Side(lists, source), _Side(lists.reversed(), target)
    meeting = source if source == target else None
    while meeting is None:
        if not len(forward.frontier) or not len(backward.frontier):
            return _path(target, None, _INFINITY)
        nearer = forward.edge_count <= backward.edge_count
        meeting = forward.step(backward) if nearer else backward.step(forward)
    node = meeting
    while node != target:
        forward.before[backward.before[node]] = node
        node = backward.before[node]
    return _path(target, forward.before, float(forward.levels[meeting] + backward.levels[meeting]))


class _Side:
    """One of two searches that go towards each other."""

    def __init__(self, lists: Lists, node: int) -> None:
        self.lists, self.level = lists, 0
        self.levels = numpy.full(lists.node_count, -1)
        self.before = numpy.full(lists.node_count, -1)
        self.levels[node] = 0
        self.frontier = numpy.array([node])

    @property
    def edge_count(self) -> int:
        return int((self.lists.indptr[self.frontier + 1] - self.lists.indptr[self.frontier]).sum())

    def step(self, other: _Side) -> int | None:
        """Goes to the next level; the smallest node of it that the other side knows."""
        entries, nodes = _entries(self.lists, self.frontier)
        targets = self.lists.indices[entries]
        is_new = self.levels[targets] == -1
        targets, nodes = targets[is_new], nodes[is_new]
        self.level += 1
        self.levels[targets] = self.level
        self.before[targets] = self.lists.node_count
        numpy.minimum.at(self.before, targets, nodes)
        self.frontier = numpy.unique(targets).astype(numpy.int64)
        known = self.frontier[other.levels[self.frontier] >= 0]
        return int(known[0]) if len(known) else None


def _path(target: int, before, length: float) -> tuple:
    if length == _INFINITY:
        return answer(node=numpy.zeros(0, numpy.int32)), {"found": False}
    path = [target]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return answer(node=numpy.array(path[::-1], numpy.int32)), {"found": True, "length": length}


def astar(lists: Lists, source: int, target: int, heuristic, cancel) -> tuple:
    """`Graph.astar_path`; `heuristic` gives a bound for a node."""
    _nodes(lists, [source], "source")
    _nodes(lists, [target], "target")
    weights = numpy.ones(len(lists.indices)) if lists.weights is None else lists.weights.astype(float)
    if lists.weights is not None:
        _bad_weight(lists, ~(weights >= 0))
    indptr, indices, lengths = lists.indptr.tolist(), lists.indices.tolist(), weights.tolist()
    bounds: dict = {}

    def bound(node: int) -> float:
        if node not in bounds:
            bounds[node] = float(heuristic(node))
            _argument(bounds[node] >= 0, "heuristic", f"the bound of node {node} is {bounds[node]}")
        return bounds[node]

    distances, before = {source: 0.0}, {source: -1}
    heap = [(bound(source), source, 0.0)]
    while heap:
        check(cancel)
        _, node, distance = heapq.heappop(heap)
        if node == target:
            return _path(target, before, distance)
        if distance > distances[node]:
            continue
        for entry in range(indptr[node], indptr[node + 1]):
            offer, other = distance + lengths[entry], indices[entry]
            if offer < distances.get(other, _INFINITY):
                distances[other], before[other] = offer, node
                heapq.heappush(heap, (offer + bound(other), other, offer))
    return _path(target, before, _INFINITY)


def _minimum_spanning_forest(lists: Lists, options: dict, report) -> tuple:
    _need(False, lists)
    weights = numpy.ones(len(lists.indices)) if lists.weights is None else lists.weights.astype(float)
    if lists.weights is not None:
        _bad_weight(lists, numpy.isnan(weights))
    upper = lists.rows < lists.indices
    rows, columns, weights = lists.rows[upper], lists.indices[upper], weights[upper]
    parents = list(range(lists.node_count))

    def root(node: int) -> int:
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    chosen = []
    order = numpy.lexsort((columns, rows, weights))
    for place, first, second in zip(order.tolist(), rows[order].tolist(), columns[order].tolist()):
        first, second = root(first), root(second)
        if first != second:
            parents[max(first, second)] = min(first, second)
            chosen.append(place)
    chosen = numpy.sort(numpy.array(chosen, numpy.int64))
    total = float(weights[chosen].sum())
    return answer(source=_i4(rows[chosen]), target=_i4(columns[chosen]), weight=weights[chosen]), {
        "total_weight": None if math.isinf(total) else total}


# ---- Ranks and centrality ----------------------------------------------------------------------


def _pagerank(lists: Lists, options: dict, report) -> tuple:
    count, alpha = lists.node_count, options.get("alpha", 0.85)
    _argument(0 <= alpha <= 1, "alpha", "a probability is in 0…1")
    jumps = numpy.full(count, 1 / max(count, 1))
    if "personalization" in options:
        jumps = _node_values(lists, options["personalization"], "personalization")
        _argument(
            bool((numpy.isfinite(jumps) & (jumps >= 0)).all()), "personalization",
            "its values are finite and not negative")
        total = jumps.sum()
        _argument(not count or 1e-200 <= total <= 1e200, "personalization", "its sum is 0, or no number to divide by")
        jumps = jumps / max(total, 1e-200)
    weights = _scoring_weights(lists, options, True)
    gives = _sums(lists.rows, weights, count)
    is_end = gives == 0
    ranks = numpy.full(count, 1 / max(count, 1))
    parts = weights / numpy.where(is_end, 1, gives)[lists.rows]
    if not count:
        return answer(rank=ranks), {"iterations": 0, "residual": 0.0}

    def step() -> float:
        nonlocal ranks
        last = ranks
        pulled = _sums(lists.indices, parts * last[lists.rows], count)
        ranks = alpha * (pulled + last[is_end].sum() * jumps) + (1 - alpha) * jumps
        return abs(ranks - last).sum()

    done = _iterate(options, 100, options.get("tol", 1e-6) * count, step, report)
    return answer(rank=ranks), done


def _hits(lists: Lists, options: dict, report) -> tuple:
    count, weights = lists.node_count, _scoring_weights(lists, options, True)
    hubs = numpy.full(count, 1 / max(count, 1))
    authorities = numpy.zeros(count)

    def over(values, divisor: float):
        return values / divisor if divisor > 0 else values

    def step() -> float:
        nonlocal hubs, authorities
        last = hubs
        authorities = _sums(lists.indices, weights * hubs[lists.rows], count)
        hubs = _sums(lists.rows, weights * authorities[lists.indices], count)
        hubs = over(hubs, hubs.max(initial=0))
        authorities = over(authorities, authorities.max(initial=0))
        return abs(hubs - last).sum()

    done = _iterate(options, 100, options.get("tol", 1e-8), step, report)
    if options.get("normalized", True):
        hubs, authorities = over(hubs, hubs.sum()), over(authorities, authorities.sum())
    return answer(hub=hubs, authority=authorities), done


def _eigenvector_centrality(lists: Lists, options: dict, report) -> tuple:
    count, weights = lists.node_count, _scoring_weights(lists, options, False)
    scores = numpy.full(count, 1 / max(count, 1))
    if not count:
        return answer(centrality=scores), {"iterations": 0, "residual": 0.0}

    def step() -> float:
        nonlocal scores
        last = scores
        scores = last + _sums(lists.indices, weights * last[lists.rows], count)
        length = math.sqrt(float(scores @ scores))
        scores = scores / length if length > 0 else scores
        return abs(scores - last).sum()

    done = _iterate(options, 100, options.get("tol", 1e-6) * count, step, report)
    return answer(centrality=scores), done


def _katz_centrality(lists: Lists, options: dict, report) -> tuple:
    alpha, beta = options.get("alpha", 0.1), options.get("beta", 1.0)
    _argument(math.isfinite(alpha), "alpha", "it is not finite")
    betas = beta
    if "betas" in options:
        betas = _node_values(lists, options["betas"], "beta", beta)
    _argument(bool(numpy.isfinite(betas).all()), "beta", "it is not finite")
    count, weights = lists.node_count, _scoring_weights(lists, options, False)
    scores = numpy.zeros(count)
    if not count:
        return answer(centrality=scores), {"iterations": 0, "residual": 0.0}

    def step() -> float:
        nonlocal scores
        last = scores
        scores = alpha * _sums(lists.indices, weights * last[lists.rows], count) + betas
        return abs(scores - last).sum()

    with numpy.errstate(over="ignore", invalid="ignore"):
        done = _iterate(options, 1000, options.get("tol", 1e-6) * count, step, report)
        if options.get("normalized", True):
            scores = scores * (1 / numpy.float64(math.sqrt(float(scores @ scores))))
    return answer(centrality=scores), done


def _closeness_centrality(lists: Lists, options: dict, report) -> tuple:
    count = lists.node_count
    nodes = _nodes(lists, options.get("nodes", range(count)), "node")
    incoming = lists.reversed()
    scores = numpy.zeros(len(nodes))
    for place, node in enumerate(nodes):
        distances, _ = _levels(incoming, nodes[place:place + 1], None)
        reached, total = int((distances > 0).sum()), int(distances[distances > 0].sum())
        if total:
            scores[place] = reached / total
            if options.get("wf_improved", True):
                scores[place] *= reached / (count - 1)
    return answer(centrality=scores), {}


def _shuffled(count: int, seed: int | None):
    """All nodes in an order that a seed decides, as the engine has it (SplitMix64)."""
    nodes, mask = list(range(count)), 2**64 - 1
    if seed is not None:
        state = seed
        for place in range(count - 1, 0, -1):
            state = (state + 0x9E3779B97F4A7C15) & mask
            mixed = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & mask
            mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & mask
            mixed ^= mixed >> 31
            other = mixed * (place + 1) >> 64
            nodes[place], nodes[other] = nodes[other], nodes[place]
    return nodes


def _betweenness_centrality(lists: Lists, options: dict, report) -> tuple:
    count, wanted = lists.node_count, options.get("k")
    seed = options.get("seed", 0)
    _argument(seed >= 0, "seed", "it is not negative")
    if wanted is not None:
        _argument(0 <= wanted <= count, "sampleCount", f"there are {count} nodes")
    if "sources" in options:
        sources = _nodes(lists, options["sources"], "source").tolist()
        _argument(len(set(sources)) == len(sources), "sources", "a node is among them twice")
    else:
        wanted = count if wanted is None else wanted
        sources = _shuffled(count, seed if wanted < count else None)[:wanted]
    simple, endpoints = _simple(lists), bool(options.get("endpoints"))
    indptr, indices = simple.indptr.astype(numpy.int64), simple.indices
    plain = Lists(indptr, indices, None, True, None)
    scores = numpy.zeros(count)
    for source in sources:
        _add_dependencies(plain, source, endpoints, scores)
    ends = count if endpoints else count - 1
    if ends >= 2:
        is_all = len(sources) == count
        others = float(ends if is_all else len(sources))
        own = others if is_all or endpoints else others - 1

        def scale(pairs: float) -> float:
            if not pairs > 0:
                return math.nan if pairs == 0 and sources else 1.0
            if options.get("normalized", True):
                return 1 / (pairs * (ends - 1))
            return ends / (pairs * (1 if lists.directed else 2))

        scores[sources] *= scale(own) / scale(others)
        scores *= scale(others)
    return answer(centrality=scores), {}


def _add_dependencies(lists: Lists, source: int, endpoints: bool, scores) -> None:
    """One search of Brandes' method."""
    levels = numpy.full(lists.node_count, -1)
    paths, depends = numpy.zeros(lists.node_count), numpy.zeros(lists.node_count)
    levels[source], paths[source] = 0, 1
    frontier, steps, level = numpy.array([source]), [], 0
    while len(frontier):
        entries, nodes = _entries(lists, frontier)
        targets = lists.indices[entries]
        level += 1
        levels[targets[levels[targets] == -1]] = level
        leads_on = levels[targets] == level
        nodes, targets = nodes[leads_on], targets[leads_on]
        numpy.add.at(paths, targets, paths[nodes])
        steps.append((nodes, targets))
        frontier = numpy.unique(targets).astype(numpy.int64)
    for nodes, targets in reversed(steps):
        numpy.add.at(depends, nodes, paths[nodes] / paths[targets] * (1 + depends[targets]))
    others = levels > 0
    scores[others] += depends[others] + (1 if endpoints else 0)
    if endpoints:
        scores[source] += int(others.sum())


def _degrees(lists: Lists, direction: str):
    own = numpy.diff(lists.indptr)
    if direction == "out":
        return own
    if direction == "in":
        return numpy.diff(lists.reversed().indptr)
    if direction != "both":
        raise errors.ArgumentError(f"direction cannot be {direction!r}", {"option": "direction"})
    if lists.directed:
        return own + numpy.diff(lists.reversed().indptr)
    return own + numpy.bincount(lists.rows[lists.rows == lists.indices], minlength=lists.node_count)


def _degree_centrality(lists: Lists, options: dict, report) -> tuple:
    count = lists.node_count
    values = _degrees(lists, options.get("direction", "both")) * (1 / max(count - 1, 1))
    return answer(centrality=numpy.ones(1) if count == 1 else values), {}


def _degree_statistics(lists: Lists, options: dict, report) -> tuple:
    degrees = _degrees(lists, options.get("direction", "both"))
    return answer(count=numpy.bincount(degrees, minlength=1).astype(numpy.int64)), {
        "min": int(degrees.min()) if len(degrees) else 0, "max": int(degrees.max(initial=0)),
        "mean": int(degrees.sum()) / max(lists.node_count, 1),
        "isolated": int((_degrees(lists, "both") == 0).sum()), "self_loops": lists.loops}


# ---- Structure ---------------------------------------------------------------------------------


def _components(lists: Lists, strong: bool) -> tuple:
    count = lists.node_count
    matrix = scipy.sparse.csr_array(
        (numpy.ones(len(lists.indices), numpy.int8), lists.indices, lists.indptr), (count, count))
    found, numbers = (0, numpy.zeros(0, numpy.int32)) if not count else (
        scipy.sparse.csgraph.connected_components(matrix, connection="strong" if strong else "weak"))
    smallest = numpy.full(found, count)
    numpy.minimum.at(smallest, numbers, numpy.arange(count))
    return answer(component=_i4(smallest[numbers])), {"count": int(found)}


def _choice(options: dict, *allowed: str) -> None:
    if options.get("method", allowed[0]) not in allowed:
        raise errors.ArgumentError(f"method cannot be {options['method']!r}", {"option": "method"})


def _connected_components(lists: Lists, options: dict, report) -> tuple:
    _choice(options, "afforest", "union_find")
    return _components(lists, False)


def _strongly_connected_components(lists: Lists, options: dict, report) -> tuple:
    _choice(options, "auto", "tarjan", "forward_backward")
    return _components(lists, True)


def _core_numbers(lists: Lists, options: dict, report) -> tuple:
    _need(False, lists)
    indptr, indices = lists.indptr.tolist(), lists.indices.tolist()
    loops = lists.rows[lists.rows == lists.indices]
    degrees = (numpy.diff(lists.indptr) - numpy.bincount(loops, minlength=lists.node_count)).tolist()
    heap = [(degree, node) for node, degree in enumerate(degrees)]
    heapq.heapify(heap)
    cores, largest = [-1] * lists.node_count, 0
    while heap:
        degree, node = heapq.heappop(heap)
        if cores[node] >= 0 or degree != degrees[node]:
            continue
        largest = max(largest, degree)
        cores[node] = largest
        for target in indices[indptr[node]:indptr[node + 1]]:
            if cores[target] < 0:
                degrees[target] -= 1
                heapq.heappush(heap, (degrees[target], target))
    return answer(core=numpy.array(cores, numpy.int32)), {"largest": largest}


def _triangles(lists: Lists) -> tuple:
    """(triangles, neighbours of each node)"""
    _need(False, lists)
    simple = _simple(lists)
    closed = (simple @ simple).multiply(simple).sum(axis=1)
    return numpy.asarray(closed, numpy.int64).ravel() // 2, numpy.diff(simple.indptr).astype(numpy.int64)


def _triangle_count(lists: Lists, options: dict, report) -> tuple:
    return [], {"count": int(_triangles(lists)[0].sum()) // 3}


def _clustering(lists: Lists, options: dict, report) -> tuple:
    triangles, degrees = _triangles(lists)
    pairs = degrees * (degrees - 1) / 2
    values = numpy.where(pairs > 0, triangles / numpy.where(pairs > 0, pairs, 1), 0.0)
    corners = int(triangles.sum())
    return answer(coefficient=values, triangles=triangles), {
        "count": corners // 3, "transitivity": corners / float(pairs.sum()) if corners else 0.0,
        "average": sum(values.tolist()) / len(values) if len(values) else 0.0}


def _bipartition(lists: Lists, options: dict, report) -> tuple:
    sides = [(one.indptr.tolist(), one.indices.tolist()) for one in (lists, lists.reversed())]
    side, before = [-1] * lists.node_count, [-1] * lists.node_count
    for start in range(lists.node_count):
        if side[start] >= 0:
            continue
        side[start] = 0
        queue = [start]
        for node in queue:
            for indptr, indices in sides:
                for target in indices[indptr[node]:indptr[node + 1]]:
                    if side[target] < 0:
                        side[target], before[target] = 1 - side[node], node
                        queue.append(target)
                    elif side[target] == side[node]:
                        return [], {"is_bipartite": False, "odd_cycle": _odd_cycle(before, node, target)}
    return answer(side=numpy.array(side, numpy.int32)), {"is_bipartite": True}


def _odd_cycle(before: list, first: int, second: int) -> list:
    ways = []
    for node in (first, second):
        way = [node]
        while before[way[-1]] >= 0:
            way.append(before[way[-1]])
        ways.append(way)
    one, other = ways
    while len(one) > 1 and len(other) > 1 and one[-2] == other[-2]:
        one.pop()
        other.pop()
    cycle = one + other[-2::-1] if first != second else [first]
    start = cycle.index(min(cycle))
    cycle = cycle[start:] + cycle[:start]
    if len(cycle) > 2 and cycle[-1] < cycle[1]:
        cycle[1:] = cycle[:0:-1]
    return cycle


def _out_degree(lists: Lists, options: dict, report) -> tuple:
    return answer(degree=_degrees(lists, "out")), {}


def _in_degree(lists: Lists, options: dict, report) -> tuple:
    return answer(degree=_degrees(lists, "in")), {}


_KERNELS = {
    function.__name__[1:]: function for function in (
        _bfs, _dfs, _topological_sort, _shortest_paths, _shortest_path, _minimum_spanning_forest, _pagerank,
        _hits, _eigenvector_centrality, _katz_centrality, _closeness_centrality, _betweenness_centrality,
        _degree_centrality, _degree_statistics, _connected_components, _strongly_connected_components,
        _core_numbers, _triangle_count, _clustering, _bipartition, _out_degree, _in_degree)}
