"""The PyTorch twin of our convolutional networks with a direct head: the same function from the same model file, as conv2d.

    convolution_twin.py MODEL.safetensors Q.npy F.npy [--threads 1] [--dtype float32] [--seconds 2]
                        [--coupling g] [--hopping t] [--temperature kT] [--chemical-potential mu] [--batch 4] [--batch-side 40]

MODEL holds parameters and constants by name, the bases of `ConvolutionModel.basisTensors`, and in its metadata `architecture`
(JSON) and `irreps` (names in order, separated by commas). Kernels are expanded to plain ones between all rows of features; those of
regular fields are turned to the operations of the group, where the nonlinearity is tanh, so what runs is
F.pad(circular) → conv2d → tanh → add. Q is [Ly, Lx]; F has its shape, in float64. Prints JSON: seconds of a forward pass and of
a training step (Adam on the expanded kernels, squared error), best of as many as fit in the time.
"""

import argparse
import json
import time

import numpy
import torch
from safetensors import safe_open


class Model:
    """A model file: tensors in float64 and the expanded kernels."""

    def __init__(self, path, conditions):
        with safe_open(path, "pt") as file:
            metadata = file.metadata()
            self.tensors = {name: file.get_tensor(name).double() for name in file.keys()}
        self.architecture = json.loads(metadata["architecture"])
        # Models of earlier versions have "chemical-potential".
        self.architecture["conditions"] = [c.replace("-", "_") for c in self.architecture["conditions"]]
        self.irreps = metadata["irreps"].split(",")
        self.dimensions = [int(d) for d in self.tensors["group.dimensions"]]
        self.conditions = conditions
        self.fields = self.architecture["fields"]
        self.fourier = self.tensors.get("group.fourier")
        if self.architecture.get("head", "direct") != "direct" or self.architecture.get("baseline") is not None:
            raise SystemExit("only direct heads without a baseline have a twin")
        if self.architecture.get("symmetrize") is not None:
            raise SystemExit("means over the point group have no twin")
        self.inputs = self.input_channels()
        self.layers = []
        # Channels of each irrep, of the inputs and of every layer's result.
        self.counts = [self.inputs]
        channels = self.inputs
        for l in range(1, len(self.architecture["channels"]) + 1):
            kernel, channels = self.kernel(l, channels)
            self.layers.append(kernel)
            self.counts.append(channels)
        self.channels = channels
        self.output_scale = float(self.tensors["output.scale"])

    def scales(self, kind):
        key = f"input.{kind}.logScale"
        if key in self.tensors:
            return [float(s.exp()) for s in self.tensors[key]]
        return self.architecture["encoding_scales" if kind == "site" else "pair_scales"]

    def input_channels(self):
        """Channels of each irrep: encodings and μ are invariants, bonds are sorted by irrep."""
        pairs = len(self.scales("pair"))
        counts = []
        for r, name in enumerate(self.irreps):
            basis = self.tensors.get(f"input.basis.{name}")
            count = pairs * (0 if basis is None else basis.shape[0])
            if r == 0:
                count += max(1, len(self.scales("site"))) + ("chemical_potential" in self.architecture["conditions"])
            counts.append(count)
        return counts

    def first_row(self, channels, irrep, component):
        return sum(n * d for n, d in zip(channels[:irrep], self.dimensions)) + component * channels[irrep]

    def condition_factor(self, name, rows):
        """1 + Σ_p u (p − p̄)/σ_p of every row of a weight matrix."""
        told = [c for c in self.architecture["conditions"] if c != "chemical_potential"]
        told.sort(key=lambda c: c != "temperature")
        if not told:
            return torch.ones(rows, dtype=torch.float64)
        values = torch.tensor([self.conditions[c] for c in told], dtype=torch.float64)
        deviation = (values - self.tensors["condition.mean"]) / self.tensors["condition.deviation"]
        return 1 + self.tensors[f"{name}.condition"] @ deviation

    def kernel(self, l, channels):
        """Plain kernel [out row][in row][y][x] of layer l, and the channels of its result."""
        offsets = self.tensors[f"layer{l}.offsets"].long()
        reach = int(offsets.abs().max())
        weights = {}
        for r, name in enumerate(self.irreps):
            key = f"layer{l}.{name}"
            if f"{key}.weight" in self.tensors:
                w = self.tensors[f"{key}.weight"]
                weights[r] = w * self.condition_factor(key, w.shape[0])[:, None]
        outputs = [weights[r].shape[0] if r in weights else 0 for r in range(len(self.irreps))]
        first_channel = [sum(channels[:r]) for r in range(len(channels))]
        rows = lambda counts: sum(n * d for n, d in zip(counts, self.dimensions))
        kernel = torch.zeros(rows(outputs), rows(channels), 2 * reach + 1, 2 * reach + 1, dtype=torch.float64)
        for r, w in weights.items():
            basis = self.tensors[f"layer{l}.basis.{self.irreps[r]}"]
            sources = self.tensors[f"layer{l}.input.{self.irreps[r]}"].long()
            column = 0
            for copy, source in enumerate(sources.tolist()):
                block = w[:, column : column + channels[source]]
                if l == 1:
                    units = self.tensors["input.scale"][first_channel[source] : first_channel[source] + channels[source]]
                    block = block / units
                column += channels[source]
                for component in range(self.dimensions[r]):
                    out = self.first_row(outputs, r, component)
                    for b in range(self.dimensions[source]):
                        into = self.first_row(channels, source, b)
                        for o, (x, y) in enumerate(offsets.tolist()):
                            factor = float(basis[copy, component, o, b])
                            if factor != 0:
                                kernel[out : out + outputs[r], into : into + channels[source], y + reach, x + reach] += (
                                    factor * block
                                )
        if self.fields == "regular":
            kernel = self.on_group(kernel, outputs, 0)
            if l > 1:
                kernel = self.on_group(kernel, channels, 1)
        return kernel, outputs

    def on_group(self, kernel, counts, axis):
        """Rows of irreps along an axis turned to rows [operation][channel]."""
        order = self.fourier.shape[0]
        count = sum(n * d for n, d in zip(counts, self.dimensions)) // order
        split = kernel.unflatten(axis, (order, count))
        return torch.tensordot(self.fourier, split, ([1], [axis])).movedim(0, axis).flatten(axis, axis + 1)

    def head(self):
        name = f"head.{self.irreps[0]}"
        weight = self.tensors[f"{name}.weight"] * self.condition_factor(name, 1)[:, None]
        full = torch.zeros(1, sum(n * d for n, d in zip(self.channels, self.dimensions)), 1, 1, dtype=torch.float64)
        full[0, : weight.shape[1], 0, 0] = weight[0]
        return self.on_group(full, self.channels, 1) if self.fields == "regular" else full


class Twin(torch.nn.Module):
    def __init__(self, model, dtype):
        super().__init__()
        self.model = model
        self.kernels = torch.nn.ParameterList([torch.nn.Parameter(k.to(dtype)) for k in model.layers])
        self.last = torch.nn.Parameter((model.head() * model.output_scale).to(dtype))
        self.site = [1 / s for s in model.scales("site")]
        c = model.conditions
        self.pair = [c["coupling"] / (c["hopping"] * s) for s in model.scales("pair")]

    def encode(self, q):
        """Rows of irreps: encodings, then combinations of the bonds, then μ."""
        model = self.model
        site = torch.cat([torch.tanh(q * f) for f in self.site], 1) if self.site else q
        rows = [[] for _ in model.irreps]
        if self.pair:
            bonds = model.tensors["input.bonds"].long().tolist()
            differences = torch.cat([q - torch.roll(q, (-y, -x), (2, 3)) for x, y in bonds], 1)
            values = [torch.tanh(differences * f) for f in self.pair]
            for r, name in enumerate(model.irreps):
                basis = model.tensors.get(f"input.basis.{name}")
                if basis is None:
                    continue
                basis = basis.to(q.dtype)
                for component in range(model.dimensions[r]):
                    rows[r].append([torch.einsum("cb,nbyx->ncyx", basis[:, component], v) for v in values])
        parts = [site]
        for r in range(len(rows)):
            for block in rows[r]:
                parts += block
            if r == 0 and "chemical_potential" in model.architecture["conditions"]:
                parts.append(torch.full_like(q, model.conditions["chemical_potential"]))
        return torch.cat(parts, 1)

    def activate(self, y, layer):
        if self.model.fields != "irreps":
            return torch.tanh(y)
        counts = [self.model.tensors.get(f"layer{layer}.{name}.weight") for name in self.model.irreps]
        parts, row = [], 0
        for w, d in zip(counts, self.model.dimensions):
            n = 0 if w is None else w.shape[0]
            block = y[:, row : row + n * d].unflatten(1, (d, n)) if n else None
            row += n * d
            if n:
                parts.append((block / torch.sqrt(1 + (block * block).sum(1, keepdim=True))).flatten(1, 2))
        return torch.cat(parts, 1)

    def forward(self, q):
        h = self.encode(q)
        for l, kernel in enumerate(self.kernels):
            reach = kernel.shape[-1] // 2
            y = self.activate(torch.nn.functional.conv2d(torch.nn.functional.pad(h, (reach,) * 4, mode="circular"), kernel), l + 1)
            h = self.add_residual(h, y, l) if self.model.architecture["residual"] and l > 0 else y
        return torch.nn.functional.conv2d(h, self.last)

    def add_residual(self, h, y, layer):
        """h is added in the irreps of which there are as many channels."""
        before, after = self.model.counts[layer : layer + 2]
        if before == after:
            return y + h
        if self.model.fields == "regular":
            return y
        parts, into, out = [], 0, 0
        for n, m, d in zip(before, after, self.model.dimensions):
            parts.append(y[:, out : out + m * d] + (h[:, into : into + n * d] if n == m else 0))
            into, out = into + n * d, out + m * d
        return torch.cat(parts, 1)

    def multiply_adds(self):
        return sum(k.numel() for k in self.kernels) + self.last.numel()


def best(body, seconds):
    body()
    shortest, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        body()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--coupling", type=float, default=1.5)
    parser.add_argument("--hopping", type=float, default=1)
    parser.add_argument("--temperature", type=float, default=0.1)
    parser.add_argument("--chemical-potential", type=float, default=0)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--batch-side", type=int, default=40)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    dtype = getattr(torch, a.dtype)
    conditions = {
        "coupling": a.coupling, "hopping": a.hopping, "temperature": a.temperature, "chemical_potential": a.chemical_potential,
    }
    twin = Twin(Model(a.model, conditions), dtype)
    q = torch.tensor(numpy.load(a.input), dtype=dtype)[None, None]
    with torch.no_grad():
        numpy.save(a.output, twin(q)[0, 0].double().numpy())
        forward = best(lambda: twin(q), a.seconds)
    batch = torch.randn(a.batch, 1, a.batch_side, a.batch_side, dtype=dtype)
    target = torch.randn_like(batch)
    optimizer = torch.optim.Adam(twin.parameters())

    def step():
        optimizer.zero_grad()
        ((twin(batch) - target) ** 2).mean().backward()
        optimizer.step()

    training = best(step, a.seconds)
    print(
        json.dumps({
            "torch": torch.__version__, "threads": a.threads, "dtype": a.dtype, "sites": q.numel(),
            "multiply_adds": twin.multiply_adds(), "forward_seconds": forward,
            "forward_gflops": 2 * twin.multiply_adds() * q.numel() / forward / 1e9,
            "training_sites": batch.numel(), "training_step_seconds": training,
        }))


if __name__ == "__main__":
    main()
