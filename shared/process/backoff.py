"""Nodes of a process that fail: each is left alone for a while, longer each time, and stops no other."""

from dataclasses import dataclass, field


@dataclass
class RetryBackoff:
    """Who is left alone; `first` and `longest` pause in seconds, it doubles with every failure."""

    first: float
    longest: float
    _pauses: dict[str, float] = field(default_factory=dict)
    _left_out: dict[str, float | None] = field(default_factory=dict)

    def failed(self, name: str) -> None:
        """A node's database or writer refused."""
        self._left_out.setdefault(name, None)

    def is_left_out(self, name: str) -> bool:
        """Whether a node is left alone at present."""
        return name in self._left_out

    def recovered(self, name: str) -> None:
        """A node took something in; the next failure is a new one."""
        self._pauses.pop(name, None)

    def due(self, now: float) -> list[str]:
        """Nodes whose time has come to try again; `now` counts seconds and never goes back."""
        for name, until in list(self._left_out.items()):
            if until is None:
                pause = self._pauses.get(name, self.first)
                self._pauses[name] = min(2 * pause, self.longest)
                self._left_out[name] = now + pause
        due = [name for name, until in self._left_out.items() if until is not None and until <= now]
        for name in due:
            del self._left_out[name]
        return due
