"""Whether this node's database was put back to an older state without a restore."""

import logging
from dataclasses import dataclass

from shared.event_log.group import Group
from shared.event_log.node_keys import NodeKeys
from shared.restore.session import shows_more
from shared.transport.continuity import Pair
from shared.work.common.order_refusals import RolledBack

log = logging.getLogger(__name__)


@dataclass
class RollbackWatch:
    """Looks at own facts that others give back; once `is_rolled_back`, the node takes no order any more."""

    me: str
    keys: NodeKeys
    incarnation: int
    is_rolled_back: bool = False

    def take_returned(self, group: Group, pairs: list[Pair]) -> None:
        """Own facts came back: what this node has signed and does not have proves it."""
        if shows_more(group.connection, self.keys, self.incarnation, pairs):
            log.error("%s: others hold what it has signed and does not have: its database is older", self.me)
            self.is_rolled_back = True

    def require_whole(self) -> None:
        """Refuse while orders would be decided on half a memory. Errors: RolledBack."""
        if self.is_rolled_back:
            raise RolledBack()
