"""The layers of a GPEN found in a graph that was computed, and their parameters as it holds them.

Those of the encoder are known by kernels that are constants, those of the generator by kernels that
are made anew for each picture from a style. Folded scales, fused biases, reshapes and casts are
looked through.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import torch
from torch import Tensor

from vidrestore.restore.gpen.network import GAIN, SLOPE, Gpen
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.graphs.evaluate import Evaluated
from vidrestore.restore.graphs.operators import NotUnderstood
from vidrestore.restore.graphs.trace import RESAMPLING, VIEWS, Linear, Trace
from vidrestore.weights.reading.onnx_program import Node

_MAPPING_RATE: Final = 0.01
_BLUR: Final = 4  # side of the low-pass
_CONVOLUTIONS: Final = frozenset({"Conv", "ConvTranspose"})


class _Kernel(NamedTuple):
    """The kernel of a convolution of the generator.

    Attributes:
        weight: (outputs, inputs, side, side), as the style finds it.
        modulation: the layer that makes the style's scales.
    """

    weight: Tensor
    modulation: Linear


class LayerReader:
    """Finds a GPEN's layers in a graph that was computed.

    Args:
        evaluated: the graph.
    """

    def __init__(self, evaluated: Evaluated) -> None:
        self._trace = Trace(evaluated, SLOPE)
        self._shapes = evaluated.shapes
        self._nodes = evaluated.program.nodes
        (self._picture,) = evaluated.program.inputs
        self._state: dict[str, Tensor] = {}
        self._style_source: str | None = None
        self._map_gains: dict[str, float] = {}  # of the encoder's leaky ReLUs, by their results

    def network(self) -> Gpen:
        """The network with the graph's parameters.

        Raises:
            NotUnderstood: a part is missing or looks otherwise.
        """
        layers = [node for node in self._nodes if self._is_styled(node)]
        colours = {self._side(node): node for node in layers if self._outputs(node) == 3}
        styled = [node for node in layers if self._outputs(node) != 3]
        sides = sorted(colours)
        if not styled or sides != [4 << octave for octave in range(len(sides))]:
            raise NotUnderstood("its generator is not one of whole octaves from 4 px on")
        for octave, side in enumerate(sides):
            self._read_colour(colours[side], octave)
        assert self._style_source is not None
        depth, style_width, coarse = self._read_style(self._style_source)
        widths = self._read_encoder(coarse)
        for node in styled:
            side = self._joined_side(node)
            if side not in sides:
                raise NotUnderstood("a layer of its generator has another size than its pictures")
            self._read_styled(node, sides.index(side))
        shape = GpenShape(widths, style_width, depth)
        network = Gpen.empty(shape)
        state = {name: value.float().contiguous() for name, value in self._state.items()}
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise NotUnderstood("its layers do not make up a whole GPEN") from error
        return network.eval().requires_grad_(False)

    def _is_styled(self, node: Node) -> bool:
        """Whether an operator is a convolution whose kernel hangs on the picture."""
        return node.kind in _CONVOLUTIONS and self._trace.maker(node.inputs[1]) is not None

    def _outputs(self, node: Node) -> int:
        return self._shapes[node.outputs[0]][1]

    def _side(self, node: Node) -> int:
        return self._shapes[node.outputs[0]][-1]

    def _kernel(self, node: Node) -> _Kernel:
        """Follow a kernel back to the constant that it is made of."""
        trace, name, factor = self._trace, node.inputs[1], 1.0
        while True:
            name, more = trace.unscaled(name)
            factor *= more
            maker = trace.maker(name)
            if maker is None or maker.kind not in {"Mul", "Div"}:
                raise NotUnderstood("a kernel is not made by multiplying")
            moving = trace.moving(maker)
            if len(moving) == 1 and maker.kind == "Mul":
                other = next(each for each in maker.inputs if each != moving[0])
                weight = trace.constants[other] * factor
                if weight.ndim < 4:
                    raise NotUnderstood("a kernel is multiplied by what is none")
                weight = weight.reshape(weight.shape[-4:])
                return _Kernel(weight, trace.linear(moving[0]))
            # Demodulation has one number for each output, the kernel one for each weight.
            counts = [math.prod(self._shapes[each]) for each in maker.inputs]
            if counts[0] == counts[1] or (maker.kind == "Div" and counts[0] < counts[1]):
                raise NotUnderstood("a kernel is demodulated in an unknown way")
            name = maker.inputs[0] if counts[0] > counts[1] else maker.inputs[1]

    def _conv(self, place: str, node: Node, *, side: int) -> None:
        """Take over a modulated convolution."""
        kernel = self._kernel(node)
        weight, modulation = kernel
        if weight.shape[-1] != side or weight.shape[-2] != side:
            raise NotUnderstood("a kernel of its generator has another size")
        if self._style_source not in {None, self._trace.unviewed(modulation.source)}:
            raise NotUnderstood("its layers do not share one style")
        self._style_source = self._trace.unviewed(modulation.source)
        self._state[f"{place}.conv.weight"] = weight * math.sqrt(weight[0].numel())
        inputs = modulation.weight.shape[1]
        self._state[f"{place}.conv.modulation.weight"] = modulation.weight * math.sqrt(inputs)
        self._state[f"{place}.conv.modulation.bias"] = modulation.bias

    def _joined(self, node: Node) -> tuple[Node, str]:
        """Where a convolution's result is joined with the encoder's map, and under which name."""
        name = node.outputs[0]
        for user in self._trace.onward(name):
            if user.kind == "Concat" and len(self._trace.moving(user)) == 2:
                return user, name
            blurs = user.kind == "Conv" and self._is_blur(user)
            if not (blurs or user.kind in VIEWS | RESAMPLING or user.kind in {"Mul", "Add"}):
                break
            name = user.outputs[0]
        raise NotUnderstood("a layer of its generator has no map of the encoder beside it")

    def _joined_side(self, node: Node) -> int:
        return self._shapes[self._joined(node)[0].outputs[0]][-1]

    def _is_blur(self, node: Node) -> bool:
        kernel = self._trace.constants.get(node.inputs[1])
        if kernel is None or kernel.ndim < 3:
            return False
        return kernel.shape[1] == 1 and kernel.shape[-1] in {1, _BLUR}

    def _read_styled(self, node: Node, octave: int) -> None:
        """Take over a styled convolution."""
        joined, own = self._joined(node)
        doubling = node.kind == "ConvTranspose"
        place = "first" if octave == 0 else f"{'doubling' if doubling else 'refining'}.{octave - 1}"
        if octave == 0:
            constant = self._trace.constants.get(node.inputs[0])
            if constant is None:
                raise NotUnderstood("its generator does not begin with a constant")
            self._state["constant"] = constant.reshape(1, -1, 4, 4)
        self._conv(place, node, side=3)
        other = next(each for each in joined.inputs if each != own)
        encoded, weight = self._trace.unscaled(other)
        if encoded not in self._map_gains:
            raise NotUnderstood("what lies beside a layer is no map of its encoder")
        bias = None
        for user in self._trace.onward(joined.outputs[0]):
            added = self._trace.added(user)
            if added is not None and bias is None:
                bias = added[1].flatten()
            if user.kind == "LeakyRelu":
                break
        if bias is None:
            raise NotUnderstood("a layer of its generator has no bias")
        self._state[f"{place}.map_weight"] = torch.tensor([weight / self._map_gains[encoded]])
        self._state[f"{place}.bias"] = bias

    def _is_activation(self, name: str) -> bool:
        maker = self._trace.maker(name)
        return maker is not None and maker.kind == "LeakyRelu"

    def _read_colour(self, node: Node, octave: int) -> None:
        self._conv(f"to_rgb.{octave}", node, side=1)
        bias = self._colour_bias(node).flatten()
        self._state[f"to_rgb.{octave}.bias"] = bias.expand(3).reshape(1, 3, 1, 1)

    def _colour_bias(self, node: Node) -> Tensor:
        if len(node.inputs) > 2 and node.inputs[2] in self._trace.constants:
            return self._trace.constants[node.inputs[2]]
        for user in self._trace.onward(node.outputs[0]):
            added = self._trace.added(user)
            if added is not None:
                return added[1]
            if user.kind not in VIEWS:
                break
        raise NotUnderstood("a picture of its generator has no bias")

    def _read_encoder(self, coarse: str) -> tuple[int, ...]:
        """Take over the encoder, from its last map back; gives the network's widths from 4 px."""
        found: list[tuple[Tensor, Tensor]] = []
        name = coarse
        while name != self._picture:
            activated = self._trace.activated(name)
            self._map_gains[self._trace.unscaled(name).name] = activated.gain
            source = self._trace.unviewed(activated.source)
            node, bias = self._trace.maker(source), None
            if node is not None and (added := self._trace.added(node)) is not None:
                bias = added[1].flatten()
                node = self._trace.maker(self._trace.unviewed(added[0]))
            if node is None or node.kind != "Conv" or node.inputs[1] not in self._trace.constants:
                raise NotUnderstood("its encoder is not made of convolutions")
            weight = self._trace.constants[node.inputs[1]]
            if len(node.inputs) > 2 and node.inputs[2]:
                own = self._trace.constants[node.inputs[2]]
                bias = own if bias is None else bias + own
            if bias is None:
                raise NotUnderstood("a layer of its encoder has no bias")
            gain = activated.gain / GAIN
            found.append((weight * (gain * math.sqrt(weight[0].numel())), bias * gain))
            name = self._before(node.inputs[0])
        for number, (weight, bias) in enumerate(reversed(found)):
            self._state[f"encoder.{number}.weight"] = weight
            self._state[f"encoder.{number}.bias"] = bias.expand(len(weight))
        return tuple(len(bias) for _, bias in found)

    def _before(self, name: str) -> str:
        """What an encoder's blur, if there is one, is a blur of."""
        trace = self._trace
        while True:
            name = trace.unviewed(name)
            node = trace.maker(name)
            if node is None:
                return name
            scaled = trace.factor_of(node)
            if node.kind == "LeakyRelu" or (scaled is not None and self._gains(scaled.name)):
                return name
            blurs = node.kind == "Conv" and self._is_blur(node)
            if not blurs and node.kind not in RESAMPLING and scaled is None:
                raise NotUnderstood("its encoder does something between its layers")
            name = trace.moving(node)[0]

    def _gains(self, name: str) -> bool:
        """Whether what is multiplied by a number is an activation."""
        return self._is_activation(self._trace.unscaled(name).name)

    def _read_style(self, name: str) -> tuple[int, int, str]:
        """Take over what makes the style; gives its layers' number and width, and its source."""
        trace, layers = self._trace, []
        while True:
            node = trace.maker(trace.unscaled(name).name)
            if node is not None and node.kind in {"Mul", "Div"} and len(trace.moving(node)) == 2:
                break
            activated = trace.activated(name)
            linear = trace.linear(activated.source)
            layers.append((linear, activated.gain / GAIN))
            name = trace.unviewed(linear.source)
        # Normalised by its own mean square: the vector has more numbers than that.
        name = max(node.inputs, key=lambda each: math.prod(self._shapes[each]))
        activated = trace.activated(name)
        first = trace.linear(activated.source)
        self._take_linear("to_style", first, activated.gain / GAIN, rate=1.0)
        for number, (linear, gain) in enumerate(reversed(layers)):
            self._take_linear(f"mapping.{number}", linear, gain, rate=_MAPPING_RATE)
        return len(layers), len(first.weight), first.source

    def _take_linear(self, place: str, linear: Linear, gain: float, *, rate: float) -> None:
        inputs = linear.weight.shape[1]
        self._state[f"{place}.weight"] = linear.weight * (gain * math.sqrt(inputs) / rate)
        self._state[f"{place}.bias"] = linear.bias * (gain / rate)
