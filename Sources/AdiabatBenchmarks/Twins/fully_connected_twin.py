"""The published network (arXiv:2601.04104) and its relatives in PyTorch, from a model file of Adiabat.

All pairwise Clebsch-Gordan products of the irreps of C4v are formed and mixed linearly, as one writes it with tensors.
"""

import itertools

import numpy as np
import torch

from model_file import ModelFile

NAMES = ["A1", "A2", "B1", "B2", "E"]


def group():
    """The operations of C4v as integer matrices."""
    turn, mirror = np.array([[0, -1], [1, 0]]), np.diag([1, -1])
    return [np.linalg.matrix_power(turn, k) @ (mirror if flip else np.eye(2, dtype=int)) for flip in (0, 1) for k in range(4)]


def irrep(name, operation):
    """The matrix of an operation; B1 is even under the mirrors of the axes."""
    determinant = round(np.linalg.det(operation))
    axial = 1 if operation[0, 0] else -1
    number = {"A1": 1, "A2": determinant, "B1": axial, "B2": axial * determinant}
    return operation.astype(float) if name == "E" else np.array([[float(number[name])]])


def neighborhood(radius_squared):
    """Offsets (x, y) by distance, then y, then x; and the ranges of equal distance."""
    reach = int(radius_squared**0.5)
    offsets = [(x, y) for x in range(-reach, reach + 1) for y in range(-reach, reach + 1) if x * x + y * y <= radius_squared]
    offsets.sort(key=lambda o: (o[0] ** 2 + o[1] ** 2, o[1], o[0]))
    shells = [list(shell) for _, shell in itertools.groupby(range(len(offsets)), key=lambda k: sum(c * c for c in offsets[k]))]
    return offsets, shells


def basis(name, offsets, shells):
    """Orthonormal symmetry-adapted combinations [component][copy][offset], shell after shell."""
    place = {offset: k for k, offset in enumerate(offsets)}
    operations = group()
    dimension = 2 if name == "E" else 1
    # projectors[row][k]: the projection of offset k onto component `row`
    projectors = np.zeros((dimension, len(offsets), len(offsets)))
    for operation in operations:
        matrix = irrep(name, operation)
        for k, offset in enumerate(offsets):
            image = place[tuple(int(c) for c in operation @ np.array(offset))]
            for row in range(dimension):
                projectors[row, k, image] += matrix[row, 0] * dimension / len(operations)
    copies = []
    for shell in shells:
        rows = []
        for k in shell:
            rest = projectors[0, k] - sum((np.dot(row, projectors[0, k]) * row for row in rows), np.zeros(len(offsets)))
            if np.linalg.norm(rest) > 1e-9:
                rows.append(rest / np.linalg.norm(rest))
                copies.append([rows[-1] @ projectors[partner] for partner in range(dimension)])
    return np.array(copies).reshape(-1, dimension, len(offsets)).transpose(1, 0, 2)


def outer(a, b):
    return (a.unsqueeze(-1) * b.unsqueeze(-2)).flatten(-2)


def pairs(count, squares):
    return torch.triu_indices(count, count, 0 if squares else 1)


def products(h, squares):
    """Channels and all their products, by irrep, in the order of the weights' columns; E as (x, y)."""
    a1, a2, b1, b2, x, y = h

    def within(u, v):
        i, j = pairs(u.shape[-1], squares)
        return u[..., i] * v[..., j]

    def antisymmetric(u, v):
        i, j = pairs(u.shape[-1], False)
        return u[..., i] * v[..., j] - v[..., i] * u[..., j]

    joined = lambda *terms: torch.cat(terms, -1)
    return [
        joined(a1, within(a1, a1), within(a2, a2), within(b1, b1), within(b2, b2), within(x, x) + within(y, y)),
        joined(a2, outer(a1, a2), outer(b1, b2), antisymmetric(x, y)),
        joined(b1, outer(a1, b1), outer(a2, b2), within(x, x) - within(y, y)),
        joined(b2, outer(a1, b2), outer(a2, b1), within(x, y) + within(y, x)),
        joined(x, outer(a1, x), -outer(a2, y), -outer(b1, x), outer(b2, y)),
        joined(y, outer(a1, y), outer(a2, x), outer(b1, y), outer(b2, x)),
    ]


class Twin(torch.nn.Module):
    """Displacements [configuration, y, x] to electronic forces."""

    def __init__(self, file: ModelFile):
        super().__init__()
        self.options = file.architecture
        self.layers = len(self.options["widths"]) + 1
        offsets, shells = neighborhood(self.options["radius_squared"])
        self.offsets = offsets
        scale = file.arrays["input.scale"].numpy()
        for index, name in enumerate(NAMES):
            rows = basis(name, offsets, shells) / scale[index]
            for component in range(rows.shape[0]):
                self.register_buffer(f"basis_{name}{component}", torch.tensor(rows[component]))
        self.output_scale = float(file.arrays["output.scale"][0])
        self.weights = torch.nn.ParameterDict(
            {name.replace(".", "_"): torch.nn.Parameter(value) for name, value in file.arrays.items() if name.startswith("layer")})

    def gate(self, parts, bias):
        square = sum(part * part for part in parts)
        norm = (square + 1).sqrt() if self.options["activation"] == "smooth" else square.sqrt()
        factor = torch.sigmoid(norm + bias) / norm
        return [part * factor for part in parts]

    def output(self, displacement):
        values = torch.stack([torch.roll(displacement, (-y, -x), (-2, -1)) for x, y in self.offsets], -1)
        scales = self.options["encoding_scales"]
        encoded = [torch.tanh(values / s) for s in scales] if scales else [values]
        sources = [(name, component) for name in NAMES for component in range(2 if name == "E" else 1)]
        h = [torch.cat([v @ getattr(self, f"basis_{name}{c}").T for v in encoded], -1) for name, c in sources]
        for layer in range(self.layers):
            z = products(h, self.options["squares"])
            weight = lambda name: self.weights[f"layer{layer}_{name}_weight"].T
            if layer == self.layers - 1:
                return (z[0] @ weight("A1")).squeeze(-1) * self.output_scale
            bias = lambda name: self.weights[f"layer{layer}_{name}_bias"]
            h = [self.gate([z[k] @ weight(name)], bias(name))[0] for k, name in enumerate(NAMES[:4])]
            h += self.gate([z[4] @ weight("E"), z[5] @ weight("E")], bias("E"))

    def forward(self, displacement):
        if self.options["particle_hole_odd"]:
            return (self.output(displacement) - self.output(-displacement)) / 2
        return self.output(displacement)
