"""Running a GPEN over batches of crops on a CPU or a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vidrestore.config import RestoreConfig
from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError
from vidrestore.restore.allocator import keep_freed_memory
from vidrestore.restore.catalogue import find_model
from vidrestore.restore.checkpoint import read_checkpoint
from vidrestore.restore.device import pick_device, pick_precision
from vidrestore.restore.folded import FoldedGpen
from vidrestore.restore.gate import LEAST_AGREEMENT, agreement, trial_crops
from vidrestore.restore.network import Gpen

_CPU_BATCH = 4
_CUDA_BATCH = 16
_UNKNOWN_LICENCE = "as its author states"


class GpenRestorer:
    """Restores face crops with a GPEN; each result depends on its own crop alone.

    Args:
        network: on any device; it is moved.
        device: where to compute.
        precision: what to compute in; parameters are converted once.
        batch: crops that go through the network together; more are split.
        threads: torch's CPU threads, for the whole process; 0 leaves them as they are.
    """

    def __init__(
        self,
        network: Gpen,
        device: torch.device,
        precision: torch.dtype,
        batch: int,
        threads: int = 0,
    ) -> None:
        if batch < 1:
            raise ValueError(f"a batch of {batch}; at least 1")
        if device.type == "cpu":
            keep_freed_memory()
            if threads:
                torch.set_num_threads(threads)
        self._device, self._dtype, self._batch = device, precision, batch
        self._size, self._warning = network.shape.size, ""
        self._network: Callable[[Tensor], Tensor]
        with self._told_memory():
            if device.type == "cpu":
                self._network = FoldedGpen(network, precision)
            else:
                network = network.eval().requires_grad_(False).to(device, precision)
                network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
                self._network = network
        self._stream = None
        if device.type == "cuda":
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
            # The weights are still being converted on the stream that this one does not wait for.
            self._stream.wait_stream(torch.cuda.current_stream(device))

    @property
    def size(self) -> int:
        """Side of the crops it takes, in pixels."""
        return self._size

    @property
    def batch(self) -> int:
        """Crops that go through the network together; memory that is short halves it."""
        return self._batch

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of how it went."""
        return (self._warning,) if self._warning else ()

    @property
    def device_name(self) -> str:
        """As the report names it: "cpu", "cuda:0"."""
        return str(self._device)

    @property
    def precision(self) -> str:
        """As the report names it: "float32", "bfloat16", "float16"."""
        return str(self._dtype).removeprefix("torch.")

    def restore(self, crops: Image, /) -> Image:
        """Restore upright crops.

        Args:
            crops: (N, S, S, 3) RGB, uint8 or uint16 over the type's whole range; N may be 0.

        Returns:
            The same shape and type, newly allocated.

        Raises:
            DeviceError: if the device has too little memory for a batch.
            ValueError: if the crops have another shape or type.
        """
        side = self.size
        if crops.ndim != 4 or crops.shape[1:] != (side, side, 3):
            raise ValueError(f"crops are {crops.shape}, expected (N, {side}, {side}, 3)")
        if crops.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"crops are {crops.dtype}, expected uint8 or uint16")
        restored = np.empty_like(crops, order="C")
        with self._told_memory(), torch.inference_mode(), self._queue():
            first = 0
            while first < len(crops):
                part = slice(first, first + self._batch)
                if self._fits(crops[part], restored[part]):
                    first = part.stop
                else:
                    self._halve()
        return restored

    def _fits(self, crops: Image, restored: Image) -> bool:
        """Restore a batch into ``restored``; False if memory is short and a smaller one may do."""
        try:
            restored[:] = self._restore_batch(crops)
        except torch.OutOfMemoryError:
            if self._batch == 1:
                raise
            return False
        return True

    def _halve(self) -> None:
        """Go on with half the batch, and say so once."""
        # What the failed batch held is free by now: its error, which kept it alive, is gone.
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        self._warning = self._warning or (
            f"{self._device} has too little memory for {self._batch} faces at a time: "
            "smaller batches were taken, none was dropped; a lower --restore.batch saves the tries"
        )
        self._batch //= 2

    def _restore_batch(self, crops: Image) -> Image:
        half = float(np.iinfo(crops.dtype).max) / 2
        samples = torch.from_numpy(np.array(crops, order="C"))  # torch wants to own what it reads
        if self._stream is not None:
            samples = samples.pin_memory()
        # (N, S, S, 3) samples seen as (N, 3, S, S) are channels_last already.
        picture = samples.to(self._device, non_blocking=True).permute(0, 3, 1, 2)
        picture = picture.to(torch.float32).div_(half).sub_(1.0)
        if not isinstance(self._network, FoldedGpen):  # which converts by itself
            picture = picture.to(self._dtype)
        result = self._network(picture).float()
        return _samples(result, half, crops.dtype)

    @contextmanager
    def _queue(self) -> Iterator[None]:
        """Work on an own stream of the GPU, so that others' work there need not be waited for."""
        if self._stream is None:
            yield
            return
        # cuDNN takes TF32 for float32 unless told not to; its ten bits are not what was asked for.
        exact = torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False)
        with torch.cuda.stream(self._stream), exact:
            yield

    @contextmanager
    def _told_memory(self) -> Iterator[None]:
        """Turn the lack of device memory into one line."""
        try:
            yield
        except torch.OutOfMemoryError as error:
            raise DeviceError(
                f"{self._device} has too little memory for {self._batch} faces at a time; "
                "lower --restore.batch or use --restore.device cpu"
            ) from error


def _samples(picture: Tensor, half: float, dtype: np.dtype[Any]) -> Image:
    """(N, 3, S, S) in [-1, 1] to rounded (N, S, S, 3) samples in main memory."""
    scaled = picture.add(1.0).mul_(half).round_().clamp_(0.0, 2 * half)
    if dtype == np.uint8:
        return scaled.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    # torch converts little to uint16; int32 holds it on the way.
    return scaled.to(torch.int32).permute(0, 2, 3, 1).cpu().numpy().astype(np.uint16)


@dataclass(frozen=True, slots=True, eq=False)
class LoadedRestorer:
    """A restorer with what a report says of its model.

    Attributes:
        engine: what restores.
        name: the catalogue's name, or the file's.
        file: where the weights were read.
        sha256: of that file.
        licence: of the weights.
        template: the alignment it expects.
        loading: what the user should know of how it was loaded.
    """

    engine: GpenRestorer
    name: str
    file: Path
    sha256: str
    licence: str
    template: str
    loading: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know, of loading and of what happened since."""
        return self.loading + self.engine.warnings

    @property
    def size(self) -> int:
        """Side of the crops it takes, in pixels."""
        return self.engine.size

    @property
    def batch(self) -> int:
        """Crops that go through the network together."""
        return self.engine.batch

    @property
    def device_name(self) -> str:
        """Where it computes: "cpu", "cuda:0"."""
        return self.engine.device_name

    @property
    def precision(self) -> str:
        """What it computes in: "float32", "bfloat16", "float16"."""
        return self.engine.precision

    def restore(self, crops: Image, /) -> Image:
        """As :meth:`GpenRestorer.restore`."""
        return self.engine.restore(crops)


def load_restorer(config: RestoreConfig) -> LoadedRestorer:
    """Load the model that the options name onto the device that they name.

    Raises:
        ModelError: if there is no such model, or its file is missing, damaged or refused.
        DeviceError: if the device is missing, too small, or cannot compute in the precision.
    """
    device = pick_device(config.device)
    precision = pick_precision(config.precision, device)
    file, model = find_model(config.model)
    checkpoint = read_checkpoint(file, model.sha256 if model else None)
    batch = config.batch or (_CPU_BATCH if device.type == "cpu" else _CUDA_BATCH)

    def engine(precision: torch.dtype) -> GpenRestorer:
        return GpenRestorer(checkpoint.build(), device, precision, batch, config.threads)

    chosen, warnings = _agreeing(engine, precision)
    return LoadedRestorer(
        engine=chosen,
        name=model.name if model else file.name,
        file=file,
        sha256=checkpoint.sha256,
        licence=model.licence if model else _UNKNOWN_LICENCE,
        template=model.template if model else "gpen",
        loading=warnings,
    )


def _agreeing(
    engine: Callable[[torch.dtype], GpenRestorer], precision: torch.dtype
) -> tuple[GpenRestorer, tuple[str, ...]]:
    """The engine in ``precision`` if it restores as float32 does, else the one in float32."""
    if precision == torch.float32:
        return engine(torch.float32), ()
    chosen = engine(precision)
    crops = trial_crops(chosen.size)
    exact = engine(torch.float32)
    level = agreement(chosen.restore(crops), exact.restore(crops))
    if level >= LEAST_AGREEMENT:
        return chosen, ()
    warning = (
        f"{chosen.precision} agrees with float32 at {level:.1f} dB only with this model, under "
        f"{LEAST_AGREEMENT:g} dB: faces were restored in float32"
    )
    return exact, (warning,)
