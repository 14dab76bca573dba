"""What a model file of Adiabat holds: an architecture, a recipe, and named arrays."""

import json
import tomllib

from safetensors import safe_open


class ModelFile:
    def __init__(self, path):
        with safe_open(path, framework="pt") as file:
            self.metadata = file.metadata()
            self.arrays = {name: file.get_tensor(name) for name in file.keys()}
        self.family = self.metadata["family"]
        self.architecture = json.loads(self.metadata["architecture"])
        recipe = tomllib.loads(self.metadata["recipe"])
        # Energies in units of the hopping t, as the recipe gives them.
        self.electrons = recipe["model"]
