"""What a writer remembers between groups."""

from dataclasses import dataclass, field

from shared.event_log.answers import Answers
from shared.event_log.streams import Streams


@dataclass
class Memory:
    """Streams, answers of orders, and the journal's last position; `doubtful` after a commit that failed."""

    streams: Streams = field(default_factory=Streams)
    answers: Answers = field(default_factory=Answers)
    position: int = 0
    doubtful: bool = False

    def forget(self) -> None:
        """What a failed commit left in the database is not known before it answers again."""
        self.streams.clear()
        self.answers.clear()
        self.doubtful = True
