"""Adiabat and PyTorch with the same weights, one after the other: agreement first, then times.

    python Sources/AdiabatBenchmarks/Twins/twins.py [architecture.toml ...] [--threads 2] [--seconds 2]

For every architecture a model file with random weights is written. The forces of both on one configuration must agree to 1e-5 of
their root mean square in double precision; then a force on 200x200 sites and a training step on four configurations of 24x24 sites
are timed in single precision. A step is loss, gradient and an update by Adam; for Green's-function models, which are fitted by
Levenberg-Marquardt with differences of forces, it is a force for every parameter and one more on both sides, and what Adiabat then
does with them. Prints a Markdown table; times are the best of those measured. Build with `swift build -c release`.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

import convolution_twin
import fully_connected_twin
import greens_function_twin
from model_file import ModelFile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parents[2]
TOLERANCE = 1e-5


class OneChannel(torch.nn.Module):
    """A module of images with channels, for displacements without."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, displacement):
        return self.module(displacement[:, None])[:, 0]


def twin(path, program, displacement, dtype):
    """The PyTorch module of a model file; `displacement` is what it will be used on at most."""
    file = ModelFile(path)
    if file.family == "equivariant-fully-connected":
        return fully_connected_twin.Twin(file).to(dtype)
    if file.family == "greens-function":
        return greens_function_twin.Twin(file, program, displacement).to(dtype)
    if file.family == "convolution":
        return OneChannel(convolution_twin.Twin(convolution_twin.Model(path, file.electrons), dtype))
    raise SystemExit(f"no twin of the family {file.family}")


def hot(side, seed):
    """Displacements like those of a hot start, 5/kappa = 27.8."""
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((side, side)) * 27.8**0.5)


def electronic(force, displacement, electrons):
    """A total force without its elastic part."""
    near = sum(np.roll(displacement, step, axis) for step in (1, -1) for axis in (-2, -1))
    return force + electrons["stiffness"] * displacement + electrons["neighbor_stiffness"] * near


def disagreement(options, model, folder):
    """The largest difference of the forces in double precision, by their root mean square."""
    displacement = hot(24, 1)
    np.save(folder / "displacement.npy", displacement.numpy())
    subprocess.run(
        [options.adiabat, "forces", "--recipe", options.recipe, "--model", model, "--input", folder / "displacement.npy",
         "--output", folder / "force.npy"], check=True, capture_output=True)
    with torch.no_grad():
        theirs = twin(model, options.program, displacement, torch.float64)(displacement[None])[0].numpy()
    ours = electronic(np.load(folder / "force.npy"), displacement.numpy(), ModelFile(model).electrons)
    return np.abs(ours - theirs).max() / np.sqrt((ours**2).mean())


def best(action, seconds):
    """The shortest of at least three calls after one to warm up."""
    action()
    times, start = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - start < seconds:
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return min(times)


def their_times(options, model, threads):
    """Seconds of a force and of a step with PyTorch."""
    torch.set_num_threads(threads)
    large = hot(200, 2)
    module = twin(model, options.program, large, torch.float32)
    large = large.float()[None]
    with torch.no_grad():
        force = best(lambda: module(large), options.seconds)
    batch = hot(24, 3).float()[None].expand(4, -1, -1).contiguous()
    if ModelFile(model).family == "greens-function":
        parameters = sum(value.numel() for value in module.parameters())
        with torch.no_grad():
            return force, (parameters + 1) * best(lambda: module(batch), options.seconds)
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-6)

    def step():
        optimizer.zero_grad()
        ((module(batch) - batch) ** 2).mean().backward()
        optimizer.step()

    return force, best(step, options.seconds)


def our_times(options, model):
    """Seconds of a force and of a step by number of threads."""
    answer = subprocess.run(
        [options.program, "time", "forward", "training", "--model", model, "--threads", str(options.threads), "--seconds",
         str(options.seconds), "--json", "--recipe", options.recipe], check=True, capture_output=True, text=True)
    times = {}
    for line in map(json.loads, answer.stdout.splitlines()):
        if line.get("benchmark") == "forward" and ", 200², float32" in line["name"]:
            times["force", line["threads"]] = line["best_seconds"]
        if line.get("benchmark") == "training" and line["name"].endswith("float32"):
            times["step", line["threads"]] = line["best_seconds"]
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("architectures", nargs="*", type=pathlib.Path)
    parser.add_argument("--program", default=PACKAGE / ".build/release/AdiabatBenchmarks")
    parser.add_argument("--adiabat", default=PACKAGE / ".build/release/adiabat")
    parser.add_argument("--recipe", default=PACKAGE / "runs/quickstart.toml")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    architectures = options.architectures or sorted((PACKAGE / "Sources/AdiabatBenchmarks/Architectures").glob("*.toml"))
    counts = sorted({1, options.threads})
    heads = [f"{what}, {n} thread{'s' if n > 1 else ''}" for what in ("force", "step") for n in counts]
    print("| | difference |" + "".join(f" {head}: PyTorch | Adiabat | ratio |" for head in heads))
    print("|---|---|" + "---|---|---|" * len(heads))
    for architecture in architectures:
        with tempfile.TemporaryDirectory() as folder:
            model = pathlib.Path(folder) / "model.safetensors"
            subprocess.run(
                [options.program, "model", architecture, "--recipe", options.recipe, "--output", model], check=True)
            try:
                difference = disagreement(options, model, pathlib.Path(folder))
            except SystemExit as reason:
                print(f"{architecture.stem}: {reason}", file=sys.stderr)
                continue
            if not difference <= TOLERANCE:
                raise SystemExit(f"{architecture}: the forces differ by {difference:.1e} of their root mean square")
            theirs = {threads: their_times(options, model, threads) for threads in counts}
            ours = our_times(options, model)
        cells = [architecture.stem, f"{difference:.0e}"]
        for index, what in enumerate(("force", "step")):
            for threads in counts:
                a, b = theirs[threads][index], ours[what, threads]
                cells += [f"{a * 1e3:.3g} ms", f"{b * 1e3:.3g} ms", f"{a / b:.3g}"]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
