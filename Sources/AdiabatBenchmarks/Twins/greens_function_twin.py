"""Local diagonalization with learned ends in PyTorch, from a model file of Adiabat.

Messages, products along paths and the elimination of a patch are tensor operations over all sites and poles at once; the cores of
blocks are inverted by batched linear algebra.
"""

import itertools
import json
import math
import subprocess

import torch

from model_file import ModelFile

STEPS = [(1, 0), (0, 1), (-1, 0), (0, -1)]
OPERATIONS = [
    lambda c, s=swap, a=a, b=b: (a * c[s], b * c[1 - s]) for swap in (0, 1) for a in (1, -1) for b in (1, -1)
]


def add(a, b):
    return (a[0] + b[0], a[1] + b[1])


def minus(a):
    return (-a[0], -a[1])


def neighbors(cell):
    return [add(cell, step) for step in STEPS]


def paths(starts, region, longest):
    """Paths (first, outside, last) that leave a region and return to it, one of each and its reverse."""
    found, known = [], set()
    for first in starts:
        partial = [(n,) for n in neighbors(first) if n not in region]
        for _ in range(longest):
            for outside in partial:
                for last in neighbors(outside[-1]):
                    path = (first, outside, last)
                    if last in starts and path not in known and not (len(outside) > 1 and (last, outside[::-1], first) in known):
                        known.add(path)
                        found.append(path)
            partial = [o + (n,) for o in partial for n in neighbors(o[-1]) if n not in region and n not in o]
    return found


class Classes:
    """Names of the coefficients of paths: equal for those that symmetry makes equal, numbered as they are met."""

    def __init__(self):
        self.names = {}

    def name(self, level, path, receiver, core):
        def place(cell):
            return (2 * cell[0] - core + 1, 2 * cell[1] - core + 1)

        first, outside, last = path
        cells = [place(c) for c in (first, *outside, last)]
        mark = [place(receiver)] if receiver else []
        images = [tuple(map(o, mark)) + tuple(map(o, c)) for o in OPERATIONS for c in (cells, cells[::-1])]
        key = (level, len(outside), min(images))
        if key not in self.names:
            kind = "tree" if len(outside) == 1 and first == last else f"path{len(outside)}"
            prefix = f"{'end' if level == 1 else f'level{level}'}.{kind}."
            number = sum(name.startswith(prefix) for name in self.names.values())
            self.names[key] = f"{prefix}{number}"
        return self.names[key]


class Twin(torch.nn.Module):
    """Displacements [configuration, y, x] to electronic forces: the sum over the radii that patches have at the poles.

    `program` is the benchmark program, which tells the poles; `side` and `displacement` set how many there are.
    """

    def __init__(self, file: ModelFile, program, displacement):
        super().__init__()
        options, electrons = file.architecture, file.electrons
        coupling, temperature = electrons["coupling"], electrons["temperature"]
        spread = coupling * float(displacement.abs().max()) + 4 * electrons["hopping"]
        answer = subprocess.run(
            [program, "poles", "--tolerance", repr(options["pole_tolerance"]), "--bound", repr(spread / temperature)],
            check=True, capture_output=True, text=True)
        answer = json.loads(answer.stdout)
        poles = [(pole * temperature, weight) for pole, weight in zip(answer["poles"], answer["weights"])]
        bounds = [0.0] + options.get("radius_heights", [])[: options["radius"]] + [math.inf]
        self.tiers = torch.nn.ModuleList(
            Tier(file, options["radius"] - step, (low, high), [p for p in poles if low <= p[0] < high])
            for step, (low, high) in enumerate(zip(bounds, bounds[1:])) if any(low <= p[0] < high for p in poles))

    def forward(self, displacement):
        return sum(tier(displacement) for tier in self.tiers)


class Tier(torch.nn.Module):
    """The part of the poles (height, weight) within `bounds`, with patches of one radius."""

    def __init__(self, file: ModelFile, radius, bounds, poles):
        super().__init__()
        options = file.architecture
        self.core, self.radius, self.levels = options["core"], radius, options["levels"]
        self.coupling, self.temperature = file.electrons["coupling"], file.electrons["temperature"]
        nodes = options["nodes"]
        first = max((k for k, node in enumerate(nodes) if node <= bounds[0]), default=0)
        last = min((k for k, node in enumerate(nodes) if node >= bounds[1]), default=len(nodes) - 1)
        heights = [height for height, _ in poles]
        self.register_buffer("heights", torch.tensor(heights, dtype=torch.float64))
        self.register_buffer("pole_weights", torch.tensor([weight for _, weight in poles], dtype=torch.float64))
        self.register_buffer("interpolation", self.interpolation_matrix(nodes[first : last + 1], heights))
        smaller = f"radius{radius}."
        own = {
            name.removeprefix(smaller): value for name, value in file.arrays.items()
            if name.startswith(smaller) if radius < options["radius"]
        } or {name: value for name, value in file.arrays.items() if not name.startswith("radius")}
        self.values = torch.nn.ParameterDict(
            {name.replace(".", "_"): torch.nn.Parameter(value) for name, value in own.items()})

        classes = Classes()
        self.message_terms = [
            [self.terms(classes, level, [(0, 0)], {(0, 0), step}, options["message_path"], False, step) for step in STEPS]
            for level in range(2, self.levels + 1)]
        self.sites = self.patch()
        region = set(self.sites)
        starts = [site for site in self.sites if any(n not in region for n in neighbors(site))]
        self.end_terms = self.terms(classes, 1, starts, region, options["end_path"], options["joins_distant"], None)

    @staticmethod
    def interpolation_matrix(nodes, heights):
        matrix = torch.zeros(len(heights), len(nodes), dtype=torch.float64)
        for row, height in enumerate(heights):
            above = next((k for k, node in enumerate(nodes) if node >= height), len(nodes))
            if above in (0, len(nodes)):
                matrix[row, min(above, len(nodes) - 1)] = 1
            else:
                part = math.log(height / nodes[above - 1]) / math.log(nodes[above] / nodes[above - 1])
                matrix[row, above - 1], matrix[row, above] = 1 - part, part
        return matrix

    def patch(self):
        """Sites in the order in which Adiabat lists them: the core first."""
        side = range(-self.radius, self.core + self.radius)
        cells = [(x, y) for y in side for x in side]
        if self.core == 1:
            return sorted(cells, key=lambda c: (abs(c[0]) + abs(c[1]), c))
        inside = lambda c: all(0 <= k < self.core for k in c)
        return [c for c in cells if inside(c)] + [c for c in cells if not inside(c)]

    def terms(self, classes, level, starts, region, longest, joins_distant, receiver):
        """(first, last, factors, name) of every path; a factor is (site, receiver) of a message, or (site, None)."""
        found = []
        for path in paths(starts, region, longest):
            first, outside, last = path
            if not (joins_distant or first == last or last in neighbors(first)):
                continue
            factors = []
            for k, site in enumerate(outside):
                inside = [n for n in neighbors(site) if n in region]
                target = first if k == 0 else last if k == len(outside) - 1 else inside[0] if len(inside) == 1 else None
                factors.append((site, target))
            found.append((first, last, factors, classes.name(level, path, receiver, 1 if receiver else self.core)))
        return found

    def forward(self, displacement):
        real = displacement.dtype
        complex_type = torch.complex128 if real == torch.float64 else torch.complex64
        size = displacement.shape[-2:]
        energy = torch.complex(
            (-self.coupling * displacement)[:, None].expand(-1, len(self.heights), *size),
            -self.heights.to(real)[None, :, None, None].expand(displacement.shape[0], -1, *size))
        coefficient = {
            name.replace("_", "."): (self.interpolation.to(real) @ value.to(real)).to(complex_type)[None, :, None, None]
            for name, value in self.values.items()}

        def moved(field, cell):
            return field if cell == (0, 0) else torch.roll(field, (-cell[1], -cell[0]), (-2, -1))

        bare = 1 / energy
        messages = {step: bare for step in STEPS}

        def product(factors, at, known):
            result = None
            for site, receiver in factors:
                key = (site, receiver)
                if key not in known:
                    field = bare if receiver is None else messages[add(receiver, minus(site))]
                    known[key] = at(field, site)
                result = known[key] if result is None else result * known[key]
            return result

        for terms in self.message_terms:
            known = {}
            messages = {
                step: 1 / (energy - sum(coefficient[name] * product(factors, moved, known) for _, _, factors, name in along))
                for step, along in zip(STEPS, terms)}

        core = self.core
        rows = [torch.arange(0, length, core) for length in size]

        def at(field, cell):
            if core == 1:
                return moved(field, cell)
            y, x = (rows[0] + cell[1]) % size[0], (rows[1] + cell[0]) % size[1]
            return field[..., y[:, None], x[None, :]]

        region = set(self.sites)
        matrix = {site: {site: at(energy, site)} for site in self.sites}
        for site in self.sites:
            for neighbor in neighbors(site):
                if neighbor in region:
                    matrix[site][neighbor] = -1.0
        known = {}
        for first, last, factors, name in self.end_terms:
            term = coefficient[name] * product(factors, at, known)
            for a, b in {(first, last), (last, first)}:
                matrix[a][b] = matrix[a].get(b, 0.0) - term
        green = self.inverse_diagonal(matrix)
        weights = self.pole_weights.to(real)
        result = torch.zeros_like(displacement)
        for site, values in green.items():
            force = -self.coupling * self.temperature * torch.einsum("k,bkyx->byx", weights, values.real)
            y, x = rows[0] + site[1], rows[1] + site[0]
            y, x = y[y < size[0]], x[x < size[1]]
            if core == 1:
                return force
            result[:, y[:, None], x[None, :]] = force[:, : len(y), : len(x)]
        return result

    def inverse_diagonal(self, matrix):
        """Diagonal elements of the inverse on the core: the rest is eliminated, the farthest first."""
        center = (self.core - 1) / 2
        core = [site for site in self.sites if all(0 <= c < self.core for c in site)]
        far = sorted((s for s in self.sites if s not in core), key=lambda s: -sum(abs(c - center) for c in s))
        for site in far:
            pivot = 1 / matrix[site].pop(site)
            others = list(matrix[site].items())
            for a, (left, value) in enumerate(others):
                scaled = value * pivot
                for right, other in others[a:]:
                    difference = matrix[left].get(right, 0.0) - scaled * other
                    matrix[left][right] = matrix[right][left] = difference
                del matrix[left][site]
            del matrix[site]
        if len(core) == 1:
            return {core[0]: 1 / matrix[core[0]][core[0]]}
        like = matrix[core[0]][core[0]]
        rows = [[torch.as_tensor(matrix[a].get(b, 0.0), dtype=like.dtype).expand_as(like) for b in core] for a in core]
        inverse = torch.linalg.inv(torch.stack([torch.stack(row, -1) for row in rows], -2))
        return {site: inverse[..., k, k] for k, site in enumerate(core)}
