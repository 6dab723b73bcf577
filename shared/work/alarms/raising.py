"""What a node does about a fact that is not its sender's: it tells the offices above, once a day for each kind."""

from shared.orders.order import OrderContext
from shared.work.alarms.alarm import Alarm
from shared.work.common.authority import Violation
from shared.work.common.calendar import day_of
from shared.work.common.fact import UnitId


def raise_alarm(context: OrderContext, unit: UnitId, found: Violation) -> None:
    """Record the alarm in the name of an office of this node."""
    day = day_of(context.at)
    if not context.exists(Alarm.id_for(found.heard_by, unit, found.node, found.code, day)):
        context.add(
            Alarm.raise_about(
                unit=unit,
                heard_by=found.heard_by,
                node=found.node,
                code=found.code,
                day=day,
                about=found.unit,
                said=found.said,
                fact=found.fact,
                detail=found.why,
                at=context.at,
            )
        )
