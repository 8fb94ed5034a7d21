"""Ways in which files get broken: bits flipped, parts lost, doubled, swapped, headers that lie."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Mutation = Callable[[bytearray, bytes, Random], None]

# Values that programs trip over when they stand where a size, a count or a time should.
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def flip_bits(data: bytearray, _: bytes, random: Random) -> None:
    """A few single bits anywhere."""
    for _ in range(random.choice((1, 1, 2, 8, 64))):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def flip_header_bits(data: bytearray, _: bytes, random: Random) -> None:
    """A few single bits among the first and the last bytes, where containers keep their tables."""
    for _ in range(random.choice((1, 2, 4))):
        data[_edge(data, random)] ^= 1 << random.randrange(8)


def lie(data: bytearray, _: bytes, random: Random) -> None:
    """A number in a header replaced by an extreme one, in either byte order."""
    for _ in range(random.choice((1, 1, 2, 3))):
        width = random.choice((1, 2, 4, 8))
        at = min(_edge(data, random), len(data) - width)
        value = random.choice(_EDGES) & ((1 << 8 * width) - 1)
        data[at : at + width] = value.to_bytes(width, random.choice(("big", "little")))


def noise(data: bytearray, _: bytes, random: Random) -> None:
    """A stretch of random bytes."""
    begin, end = _stretch(data, random)
    data[begin:end] = random.randbytes(end - begin)


def blank(data: bytearray, _: bytes, random: Random) -> None:
    """A stretch of zeros, as a bad sector reads."""
    begin, end = _stretch(data, random)
    data[begin:end] = bytes(end - begin)


def truncate(data: bytearray, _: bytes, random: Random) -> None:
    """The end is missing."""
    del data[random.randrange(1, len(data)) :]


def behead(data: bytearray, _: bytes, random: Random) -> None:
    """The beginning is missing."""
    del data[: random.randrange(1, len(data))]


def remove(data: bytearray, _: bytes, random: Random) -> None:
    """A stretch is missing."""
    begin, end = _stretch(data, random)
    del data[begin:end]


def double(data: bytearray, _: bytes, random: Random) -> None:
    """A stretch stands there twice."""
    begin, end = _stretch(data, random)
    data[end:end] = data[begin:end]


def swap(data: bytearray, _: bytes, random: Random) -> None:
    """Two neighbouring stretches have changed places."""
    begin, end = _stretch(data, random)
    middle = (begin + end) // 2
    data[begin:end] = data[middle:end] + data[begin:middle]


def splice(data: bytearray, other: bytes, random: Random) -> None:
    """The beginning of this file and the end of another."""
    data[random.randrange(1, len(data)) :] = other[random.randrange(len(other)) :]


def append(data: bytearray, other: bytes, _: Random) -> None:
    """Another file behind this one."""
    data += other


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    flip_header_bits,
    lie,
    noise,
    blank,
    truncate,
    behead,
    remove,
    double,
    swap,
    splice,
    append,
)


def mutated(data: bytes, other: bytes, seed: int) -> tuple[str, bytes]:
    """One mutation of a file, sometimes two; the same for the same seed.

    Args:
        data: the file.
        other: another file, for what joins two.
        seed: decides which mutation, and where.

    Returns:
        The name of the mutation and the broken file, which is never empty.
    """
    random = Random(seed)
    broken = bytearray(data)
    names = []
    # Every mutation comes equally often; one in five files is hit twice.
    chosen = [MUTATIONS[(seed * 7 + seed // 12) % len(MUTATIONS)]]
    if random.random() < 0.2:
        chosen.append(random.choice(MUTATIONS))
    for mutation in chosen:
        mutation(broken, other, random)
        broken = broken or bytearray(1)
        names.append(mutation.__name__)
    return " + ".join(names), bytes(broken)


def _edge(data: bytearray, random: Random) -> int:
    """A position among the first bytes, or more rarely the last ones."""
    reach = min(len(data), random.choice((64, 512, 2048)))
    at = random.randrange(reach)
    return at if random.random() < 0.7 else len(data) - 1 - at


def _stretch(data: bytearray, random: Random) -> tuple[int, int]:
    """A stretch of up to a quarter of the file."""
    length = random.randint(1, max(1, len(data) // random.choice((4, 16, 64))))
    begin = random.randrange(max(1, len(data) - length + 1))
    return begin, begin + length
