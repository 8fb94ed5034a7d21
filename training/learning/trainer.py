"""One step of training at a time: the plain network, its optimiser and its moving average."""

from __future__ import annotations

import copy
import math
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from training.judging.validation import to_unit
from training.learning.losses import detail_gap, feature_weights, mean_squares
from training.learning.optimising import autocast, follow, set_rate
from training.networks.plain import PlainGpen, windows
from training.networks.unfold import grow, unfold
from training.pool import Stint
from vidrestore import measure
from vidrestore.picture.template import template
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

_CLIP = 1.0
_LEAST_RATE = 0.02


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a run learns.

    Attributes:
        shape: of the network.
        stints: what is looked at, one after the other.
        warm_up: steps over which the rate rises at the start.
        decay_from: step from which the rate falls as a cosine does, to a fiftieth at the last;
            None is where the last stint begins.
        average: steps over which the moving average forgets.
        seed: of everything.
    """

    shape: GpenShape
    stints: tuple[Stint, ...]
    warm_up: int = 300
    decay_from: int | None = None
    average: float = 1000.0
    seed: int = 1

    @property
    def steps(self) -> int:
        """Of the whole run."""
        return self.stints[-1].until

    @property
    def falls_from(self) -> int:
        """Step from which the rate falls."""
        if self.decay_from is not None:
            return self.decay_from
        return self.stints[-2].until if len(self.stints) > 1 else 0


class Trainer:
    """A plain network that learns to restore; a ``Learner``.

    Args:
        recipe: what to learn.
        device: where.
        precision: type of the network's arithmetic; parameters stay float32.
        typical: (N, 3, S, S) uint8 worn pictures that the first features are measured on.
        start: a GPEN of constant style to go on from, of this shape or of half the size.
    """

    def __init__(
        self,
        recipe: Recipe,
        device: torch.device,
        precision: torch.dtype,
        typical: Tensor,
        start: Gpen | None = None,
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device, self.precision = recipe, device, precision
        self._weights = face_weights(recipe.shape.size)
        self._typical = to_unit(typical, torch.device("cpu"))
        if start is None:
            self.network = PlainGpen(recipe.shape)
            self.network.even_out(self._typical)
        else:
            self.network = _begun(start, recipe.shape, self._typical)
        self.network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).requires_grad_(requires_grad=False)
        learning = [p for p in self.network.parameters() if p.requires_grad]
        self.steps, self._lowest = 0, recipe.stints[0].lowest
        self.optimiser = torch.optim.Adam(learning, self.rate(), (0.9, 0.99), fused=True)

    @property
    def samples(self) -> int:
        """Whole crops' worth of pixels seen."""
        seen, began = 0.0, 0
        for stint in self.recipe.stints:
            taken = max(0, min(self.steps, stint.until) - began)
            seen += taken * stint.count * (stint.side / self.recipe.shape.size) ** 2
            began = stint.until
        return round(seen)

    @property
    def batch(self) -> float:
        """Whole crops' worth of pixels in the next step."""
        stint = self._stint()
        return stint.count * (stint.side / self.recipe.shape.size) ** 2

    def _stint(self) -> Stint:
        stints = self.recipe.stints
        return next((s for s in stints if self.steps < s.until), stints[-1])

    def rate(self) -> float:
        """The learning rate of the next step."""
        recipe = self.recipe
        warm = min(1.0, (self.steps + 1) / recipe.warm_up)
        passed = (self.steps - recipe.falls_from) / max(1, recipe.steps - recipe.falls_from)
        fall = (1 + math.cos(math.pi * min(1.0, max(0.0, passed)))) / 2
        return self._stint().rate * warm * (_LEAST_RATE + (1 - _LEAST_RATE) * fall)

    def step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Learn from a batch; gives "total", the loss, and "gain" over the input in dB.

        A picture counts in proportion to how wrong it was: the worst, of which little can be
        restored, would outweigh the rest else.
        """
        stint = self._stint()
        if stint.lowest < self._lowest:
            self._open_up(stint.lowest)
        source, truth = (to_unit(batch[name], self.device) for name in ("source", "truth"))
        if stint.windows:
            source, truth, restored = self._in_windows(source, truth)
        else:
            with autocast(self.device, self.precision):
                restored = self.network(source, stint.lowest).float()
            source, truth, restored = (stint.inner(x) for x in (source, truth, restored))
        whole = stint.side == self.recipe.shape.size and not stint.windows
        weights = self._weights if whole else torch.ones(source.shape[-2:])
        weights = weights.to(self.device)
        error, own = (mean_squares(x - truth, weights) for x in (restored, source))
        floor = stint.floor
        loss = (error / (own + floor)).mean()
        if stint.energy:
            loss = loss + stint.energy * detail_gap(restored, truth, weights).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        set_rate(self.optimiser, self.rate())
        self.optimiser.step()
        self.steps += 1
        follow(self.average, self.network, self.steps, self.recipe.average)
        gain = 10 * ((own + floor) / (error + floor)).log10().mean()
        return {"total": loss.detach(), "gain": gain.detach()}

    def _in_windows(self, source: Tensor, truth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Source, truth and result in windows around eyes and mouths, without their borders."""
        # Not the stream that picked the samples: each of these would be seen in one window alone.
        rng = np.random.default_rng((self.recipe.seed, self.steps, 1))
        corners, side = draw_windows(len(source), self.recipe.shape.size, rng)
        with autocast(self.device, self.precision):
            restored = self.network.forward_windows(source, corners, side).float()
        seen, wanted = (windows(x, corners, side, 1) for x in (source, truth))
        margin = self.recipe.shape.size // 16
        inner = slice(margin, side[0] - margin), slice(margin, side[1] - margin)
        seen, wanted, restored = (x[..., inner[0], inner[1]] for x in (seen, wanted, restored))
        return seen, wanted, restored

    def _open_up(self, lowest: int) -> None:
        """Let coarser octaves take part from now on."""
        for network in (self.network, self.average):
            network.open_up(self._lowest, self._typical.to(self.device))
        self._lowest = lowest

    def state(self) -> dict[str, Any]:
        """Everything needed to go on; "average" and "shape" are what is exported."""
        return {
            "steps": self.steps,
            "lowest": self._lowest,
            "network": self.network.state_dict(),
            "plain": self.average.state_dict(),
            "average": self.average.fold().state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "shape": asdict(self.recipe.shape),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.steps, self._lowest = state["steps"], state["lowest"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["plain"])
        self.optimiser.load_state_dict(state["optimiser"])


def draw_windows(count: int, size: int, rng: np.random.Generator) -> tuple[Tensor, tuple[int, int]]:
    """Corners (count, 2) of windows, and their height and width, px.

    Nearly half lie around the eyes, a third around the mouth, the rest anywhere on the face.
    """
    step, middles = size // 32, template("gpen", size)
    height, width = 12 * step, 16 * step
    corners = []
    for kind in rng.random(count):
        if kind < 0.45:
            x, y = middles[:2].mean(0)
        elif kind < 0.8:
            x, y = middles[3:].mean(0)
        else:
            x, y = rng.uniform(0.3 * size, 0.7 * size, 2)
        x, y = np.array([x, y]) + rng.uniform(-1.5, 1.5, 2) * step
        top, left = (round((at - half / 2) / step) for at, half in ((y, height), (x, width)))
        limits = (size - height) // step, (size - width) // step
        corners.append([min(max(0, top), limits[0]) * step, min(max(0, left), limits[1]) * step])
    return torch.tensor(corners), (height, width)


def _begun(start: Gpen, shape: GpenShape, typical: Tensor) -> PlainGpen:
    """The plain form of a network, grown to that shape where it is for half the size.

    Raises:
        ValueError: its shape is another one.
    """
    if start.shape == shape:
        return unfold(start, typical)
    half = torch.nn.functional.avg_pool2d(typical, 2)
    if shape.size == 2 * start.shape.size and start.shape.widths == shape.widths[:-1]:
        return grow(unfold(start, half), shape.widths[-1], typical)
    raise ValueError(f"{start.shape} does not begin a network of {shape}")


def face_weights(size: int) -> Tensor:
    """(size, size) weights, one on average, of a whole upright crop's pixels.

    The face counts four times what is around it; eyes, nose and mouth corners twice that.
    """
    sigma = 10 * size / 256
    face = cv2.GaussianBlur(measure.face_region(size).astype(np.float32), (0, 0), sigma)
    points = torch.from_numpy(template("gpen", size)).float()
    weights = torch.from_numpy(0.25 + 0.75 * face) * feature_weights(points[None], size, size, 1.0)
    return (weights / weights.mean())[0, 0]
