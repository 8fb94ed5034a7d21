"""Reading a pickle as data: what it would import and build is listed, and none of it is done.

A pickle is a program for a small stack machine. This one follows that program with the standard
library's disassembler (:mod:`pickletools`) and builds lists, dicts and numbers only. Whatever the
program would import becomes a :class:`Global`, whatever it would call becomes a :class:`Call`;
neither can do anything. The few calls by which torch.save describes a tensor become
:class:`~vidrestore.weights.reading.stored.StoredTensor`.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from vidrestore.text.escaping import quoted, shown
from vidrestore.weights.reading.pickle_calls import Call, Global, called, referred
from vidrestore.weights.reading.stored import Storage, Unreadable

MOST_BYTES = 16 << 20
"""The longest pickle that is read; the pickle of a state dict is some ten thousand bytes."""
MOST_STEPS = 500_000
"""Steps that are followed in one file, over all its pickles."""
_MOST_GLOBALS = 1000


@dataclass(slots=True, eq=False)
class Listing:
    """What a pickle holds.

    Attributes:
        globals: what it would import, in order, each once, and no more than a thousand.
        value: what it describes; meaningless if ``broken``.
        storages: the runs of numbers that it refers to, by key.
        broken: why it could not be followed to its end; empty if it could.
        end: the position behind its last byte.
        steps: that it took.
    """

    globals: list[str] = field(default_factory=list)
    value: object = None
    storages: dict[str, Storage] = field(default_factory=dict)
    broken: str = ""
    end: int = 0
    steps: int = 0


def list_pickle(content: bytes, start: int = 0, steps: int = MOST_STEPS) -> Listing:
    """Follow the pickle that begins at ``start``; never raises for what it holds.

    Args:
        content: the bytes of a file.
        start: where the pickle begins.
        steps: how many may be followed.
    """
    machine = _Machine(steps)
    stream = io.BytesIO(content)
    stream.seek(start)
    listing = Listing()
    try:
        for opcode, argument, _ in pickletools.genops(stream):
            machine.step(opcode.name, argument)
        listing.value = machine.stack[-1]
    except (Unreadable, ValueError, LookupError, TypeError, OverflowError) as error:
        listing.broken = shown(str(error) or type(error).__name__, 100)
    listing.globals = list(machine.globals)
    listing.storages = machine.storages
    listing.end, listing.steps = stream.tell(), machine.steps
    return listing


class _Mark:
    """Separates arguments on the stack."""


class _Machine:
    """The stack, the memo, and what each kind of step does to them."""

    def __init__(self, most: int) -> None:
        self.stack: list[Any] = []
        self.steps = 0
        self._most = most
        self.memo: dict[int, Any] = {}
        self.globals: dict[str, None] = {}
        self.storages: dict[str, Storage] = {}

    def step(self, name: str, argument: Any) -> None:
        """Do one step.

        Raises:
            Unreadable: the step does not exist or does not fit the stack.
            LookupError: the stack or the memo lacks what the step needs.
        """
        self.steps += 1
        if self.steps > self._most:
            raise Unreadable(f"its pickles have more than {MOST_STEPS} steps")
        if name in _IGNORED:
            return
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _ARGUMENTS:
            self.stack.append(argument)
        elif name in _STEPS:
            _STEPS[name](self, argument)
        else:
            raise Unreadable(f"its pickle has a step {shown(name)}")

    def pop(self) -> Any:
        value = self.stack.pop()
        if isinstance(value, _Mark):
            raise Unreadable("its pickle takes a value where there is none")
        return value

    def pop_to_mark(self) -> list[Any]:
        """Everything above the last mark, which goes too."""
        for index in range(len(self.stack) - 1, -1, -1):
            if isinstance(self.stack[index], _Mark):
                values = self.stack[index + 1 :]
                del self.stack[index:]
                return values
        raise Unreadable("its pickle lacks a mark")

    def import_(self, module: object, name: object) -> None:
        found = Global(*(part if isinstance(part, str) else "?" for part in (module, name)))
        if len(self.globals) < _MOST_GLOBALS:
            self.globals.setdefault(shown(str(found)))
        self.stack.append(found)

    def put(self, index: int) -> None:
        # Python numbers what it keeps from 0 on; other numbers could be chosen to collide.
        if not 0 <= index < MOST_STEPS:
            raise Unreadable("its pickle keeps values under odd numbers")
        self.memo[index] = self.stack[-1]

    def call(self, function: object, arguments: object) -> None:
        self.stack.append(called(function, arguments))

    def extend(self, values: list[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(values)

    def set_items(self, values: Iterable[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, dict):
            numbers = iter(values)
            # Only text can be a tensor's name. What else may be a key is not followed: hashing it,
            # comparing it or writing it out may take for ever.
            target.update(
                (key, value)
                for key, value in zip(numbers, numbers, strict=False)
                if isinstance(key, str)
            )

    def persist(self, identity: object) -> None:
        storage = referred(identity)
        if storage and self.storages.setdefault(storage.key, storage) != storage:
            raise Unreadable(f"its pickle describes storage {quoted(storage.key)} in two ways")
        self.stack.append(storage or Call("persistent", identity))


_IGNORED = frozenset(("PROTO", "FRAME", "STOP", "READONLY_BUFFER"))

_CONSTANTS: dict[str, Callable[[], object]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": list,
    "MARK": _Mark,
    "NEXT_BUFFER": bytes,
}

_ARGUMENTS = frozenset(
    (
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        *("BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
        *("FLOAT", "BINFLOAT"),
    )
)


def _tuple(machine: _Machine, count: int) -> None:
    values = tuple(machine.pop() for _ in range(count))
    machine.stack.append(values[::-1])


def _imported(machine: _Machine, argument: str) -> None:
    module, _, name = argument.partition(" ")
    machine.import_(module, name)


def _stack_imported(machine: _Machine) -> None:
    name, module = machine.pop(), machine.pop()
    machine.import_(module, name)


def _reduced(machine: _Machine) -> None:
    arguments, function = machine.pop(), machine.pop()
    machine.call(function, arguments)


def _reduced_with_names(machine: _Machine) -> None:
    machine.pop()
    _reduced(machine)


def _instance(machine: _Machine, argument: str) -> None:
    arguments = tuple(machine.pop_to_mark())
    _imported(machine, argument)
    machine.call(machine.pop(), arguments)


def _object(machine: _Machine) -> None:
    function, *arguments = machine.pop_to_mark()
    machine.call(function, tuple(arguments))


def _pair(machine: _Machine) -> None:
    value, key = machine.pop(), machine.pop()
    machine.set_items((key, value))


def _dict_of(machine: _Machine) -> None:
    values = machine.pop_to_mark()
    machine.stack.append({})
    machine.set_items(values)


# A set is read as the list of its members: hashing what a file holds is a risk, and none is needed.
_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "APPEND": lambda machine, _: machine.extend([machine.pop()]),
    "APPENDS": lambda machine, _: machine.extend(machine.pop_to_mark()),
    "ADDITEMS": lambda machine, _: machine.extend(machine.pop_to_mark()),
    "LIST": lambda machine, _: machine.stack.append(machine.pop_to_mark()),
    "FROZENSET": lambda machine, _: machine.stack.append(machine.pop_to_mark()),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.pop_to_mark())),
    "TUPLE1": lambda machine, _: _tuple(machine, 1),
    "TUPLE2": lambda machine, _: _tuple(machine, 2),
    "TUPLE3": lambda machine, _: _tuple(machine, 3),
    "DICT": lambda machine, _: _dict_of(machine),
    "SETITEM": lambda machine, _: _pair(machine),
    "SETITEMS": lambda machine, _: machine.set_items(machine.pop_to_mark()),
    "POP": lambda machine, _: machine.stack.__delitem__(-1),
    "POP_MARK": lambda machine, _: machine.pop_to_mark().clear(),
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "GET": lambda machine, index: machine.stack.append(machine.memo[index]),
    "BINGET": lambda machine, index: machine.stack.append(machine.memo[index]),
    "LONG_BINGET": lambda machine, index: machine.stack.append(machine.memo[index]),
    "PUT": lambda machine, index: machine.put(index),
    "BINPUT": lambda machine, index: machine.put(index),
    "LONG_BINPUT": lambda machine, index: machine.put(index),
    "MEMOIZE": lambda machine, _: machine.put(len(machine.memo)),
    "GLOBAL": _imported,
    "STACK_GLOBAL": lambda machine, _: _stack_imported(machine),
    "EXT1": lambda machine, code: machine.import_("copyreg extension", str(code)),
    "EXT2": lambda machine, code: machine.import_("copyreg extension", str(code)),
    "EXT4": lambda machine, code: machine.import_("copyreg extension", str(code)),
    "INST": _instance,
    "OBJ": lambda machine, _: _object(machine),
    "NEWOBJ": lambda machine, _: _reduced(machine),
    "NEWOBJ_EX": lambda machine, _: _reduced_with_names(machine),
    "REDUCE": lambda machine, _: _reduced(machine),
    "BUILD": lambda machine, _: machine.stack.__delitem__(-1),
    "PERSID": lambda machine, identity: machine.persist(identity),
    "BINPERSID": lambda machine, _: machine.persist(machine.pop()),
}
