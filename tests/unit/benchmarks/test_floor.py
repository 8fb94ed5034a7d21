from __future__ import annotations

import itertools

import pytest

from benchmarks.floor import Layer, Rates, floor_seconds, gigaflop, layers
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape


def published(size: int) -> GpenShape:
    return GpenShape.published(size, multiplier=2, narrow=1.0, style_width=512, mapping_depth=8)


SMALL = GpenShape((6, 5, 4), style_width=7, mapping_depth=2)


def test_work_is_the_published_networks_276_gflop() -> None:
    assert gigaflop(published(512)) == pytest.approx(276.2, abs=0.1)


def test_operations_are_what_the_paper_s_layers_take() -> None:
    """Counted by hand from the widths; the layers count them on the network."""
    widths, style = SMALL.widths, SMALL.style_width
    products = 3 * widths[-1] * SMALL.size**2  # RGB to the encoder
    products += widths[0] * 16 * style + 2 * style**2  # the style and its mapping
    products += 9 * widths[0] ** 2 * 16 + 3 * 2 * widths[0] * 16  # first, and its RGB
    demodulated = [(widths[0], widths[0])]
    plain = [2 * width for width in widths]
    for octave, (coarse, fine) in enumerate(itertools.pairwise(widths)):
        side = 4 << octave
        products += 9 * fine * coarse * side**2  # encoder
        products += 9 * 2 * coarse * fine * side**2  # doubling
        products += 9 * 2 * fine * fine * (2 * side) ** 2  # refining
        products += 3 * 2 * fine * (2 * side) ** 2  # to RGB
        products += 16 * fine * ((2 * side + 1) ** 2 + (2 * side) ** 2)  # both blurs
        demodulated += [(2 * coarse, fine), (2 * fine, fine)]
    modulated = [inputs for inputs, _ in demodulated] + plain
    products += sum(style * inputs for inputs in modulated)
    # Sums of squares for the demodulation; to RGB makes them too, and does not use them.
    products += sum(inputs * outputs for inputs, outputs in demodulated) + 3 * sum(plain)
    assert sum(layer.operations for layer in layers(SMALL)) == 2 * products


def test_samples_are_a_layer_s_inputs_and_its_result() -> None:
    found = {layer.name: layer for layer in layers(SMALL)}
    (coarse, middle, fine), style = SMALL.widths, SMALL.style_width
    assert found["encoder.0"].samples == (3 + fine) * 16**2
    assert found["encoder.1"].samples == fine * 16**2 + middle * 8**2
    # Its own 4x4 constant and the encoder's map; twice as many channels come out.
    assert found["first"].samples == 4 * coarse * 4**2 + style
    assert found["doubling.1"].samples == 2 * middle * 8**2 + 3 * fine * 16**2 + style
    assert found["refining.1"].samples == 5 * fine * 16**2 + style
    assert found["to_rgb.0"].samples == (2 * coarse + 3) * 4**2 + style
    assert found["to_rgb.2"].samples == (2 * fine + 3) * 16**2 + 3 * 8**2 + style


def test_every_parameter_is_read_once() -> None:
    found = layers(SMALL)
    assert len({layer.name for layer in found}) == len(found)
    total = sum(layer.weights for layer in found)
    constant = SMALL.widths[0] * 16  # counted as a sample
    assert total + constant == sum(each.numel() for each in Gpen(SMALL).parameters())


def test_each_layer_takes_the_longer_of_its_two_times() -> None:
    rates = Rates(operations=100.0, bytes=10.0, width=2)
    slow_sums, slow_memory = Layer("a", 1000, 10, 0), Layer("b", 10, 40, 20)
    assert floor_seconds([slow_sums], rates, 1) == 10.0
    assert floor_seconds([slow_memory], rates, 1) == 12.0
    assert floor_seconds([slow_memory], rates, 4) == 9.0
    assert floor_seconds([slow_sums, slow_memory], rates, 4) == 19.0


@pytest.mark.parametrize(("size", "wanted"), [(512, 0.40), (1024, 0.60), (2048, 1.03)])
def test_an_h200_s_floor_is_about_what_was_expected(size: int, wanted: float) -> None:
    """Sixteen faces in half precision; docs/performance.md tells what the rates stand for."""
    rates = Rates(operations=760e12, bytes=4.3e12, width=2)
    floor = 1000 * floor_seconds(layers(published(size)), rates, 16)
    assert floor == pytest.approx(wanted, rel=0.04)
