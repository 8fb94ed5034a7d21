"""Which pictures should have come, judged by the packets."""

from __future__ import annotations

# More packets than any decoder holds back: their time stamps lie.
_MOST_DUE = 4096


class Expected:
    """Which pictures should have come: the packets' times that no picture has answered yet.

    Most codecs give one picture per packet. Where pictures are missing although nothing was
    damaged (fields in packets of their own, hidden reference frames), packets say nothing about
    pictures and no loss is found from then on.
    """

    def __init__(self) -> None:
        self._due: set[int] = set()
        self._reliable = True
        self._begun = False

    def packet(self, pts: int | None) -> None:
        """A packet went into the decoder."""
        if self._reliable and pts is not None:
            self._due.add(pts)
            if len(self._due) > _MOST_DUE:
                self._give_up()

    def lost(self, pts: int | None, *, damaged: bool) -> list[int]:
        """Times before this picture's that no picture came for, ascending.

        Args:
            pts: of the picture that came, in the order of presentation; None if it has none.
            damaged: whether anything was wrong with the stream so far.
        """
        if not self._reliable:
            return []
        if pts is None:
            self._give_up()
            return []
        missing = sorted(due for due in self._due if due < pts)
        self._due = {due for due in self._due if due > pts}
        begun, self._begun = self._begun, True
        if missing and begun and not damaged:
            self._give_up()
            return []
        return missing

    def rest(self) -> list[int]:
        """Times for which no picture had come when the decoder was empty, ascending."""
        missing, self._due = sorted(self._due), set()
        return missing if self._begun else []

    def _give_up(self) -> None:
        self._reliable = False
        self._due.clear()
