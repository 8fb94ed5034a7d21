from __future__ import annotations

import numpy as np
import pytest
import torch

from vidrestore.restore.running.samples import carried, carrier, pictures_of, samples_in, samples_of


def every(dtype: type) -> np.ndarray:
    """All values of a type, as crops."""
    values = np.arange(np.iinfo(dtype).max + 1).astype(dtype)
    return np.stack([values, values[::-1], values], axis=-1).reshape(-1, 16, 16, 3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_sample_goes_there_and_back(dtype: type) -> None:
    samples = every(dtype)
    tensor = carried(samples)
    assert tensor.dtype == carrier(dtype)
    pictures = pictures_of(tensor)
    assert pictures.shape == (len(samples), 3, 16, 16)
    assert pictures.is_contiguous(memory_format=torch.channels_last)
    wanted = samples / (np.iinfo(dtype).max / 2) - 1
    assert np.abs(pictures.permute(0, 2, 3, 1).numpy() - wanted).max() < 1e-6
    assert np.array_equal(samples_in(samples_of(pictures, tensor.dtype)), samples)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_out_of_range_is_clamped(dtype: type) -> None:
    beyond = torch.tensor([-9.0, 0.0, 9.0]).reshape(1, 3, 1, 1)
    most = np.iinfo(dtype).max
    samples = samples_in(samples_of(beyond, carrier(dtype)))
    assert samples.dtype == dtype
    assert samples.ravel().tolist() == [0, (most + 1) // 2, most]


def test_the_carrier_shares_memory() -> None:
    samples = np.zeros((1, 2, 2, 3), np.uint16)
    samples_in(carried(samples))[:] = 40_000
    assert (samples == 40_000).all()
