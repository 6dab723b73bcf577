"""An order in the node's writer: the answer it had before, or its decision."""

import hashlib
import json
from typing import Any

from shared.envelope import moment_text
from shared.event_log.group import Group
from shared.event_log.order_context import OrderContext
from shared.work.common.order_request import OrderRequest
from shared.work.common.refusals import Refusal


def decide(request: OrderRequest, group: Group) -> dict[str, Any]:
    """Answer an order in the open group, from what it was answered before or by deciding it now.

    The answer names stream, version, moment and facts; what the decision returns is added. Errors: any Refusal;
    nothing is recorded then.
    """
    fingerprint = _fingerprint(request)
    first = _first_answer(request, group, fingerprint)
    if first is not None:
        return first
    context = OrderContext(group, at=request.at, actor=request.by)
    try:
        answer = _answer(context, request.decide(context))
    except Refusal:
        context.give_up()
        # What was done already is often refused the second time; a repeated request wants its answer.
        first = _first_answer(request, group, fingerprint, look=True)
        if first is None:
            raise
        return first
    if request.key is not None:
        group.parts.memory.answers.keep(request.key, fingerprint, answer, request.at)
    return answer


def _first_answer(
    request: OrderRequest, group: Group, fingerprint: str, *, look: bool = False
) -> dict[str, Any] | None:
    """What the same order was answered before; `look` also at what the writer does not remember."""
    if request.key is None:
        return None
    answers = group.parts.memory.answers
    if look:
        answers.read(group.asking, [request.key])
    return answers.find(request.key, fingerprint)


def _answer(context: OrderContext, said: Any) -> dict[str, Any]:
    facts = context.record()
    last = facts[-1].envelope if facts else None
    return {
        "stream": str(last.stream) if last else None,
        "version": last.stream_version if last else None,
        "recorded_at": moment_text(context.at),
        "facts": [str(known.envelope.id) for known in facts],
        **(said if isinstance(said, dict) else {}),
    }


def _fingerprint(request: OrderRequest) -> str:
    body = json.dumps(request.content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(f"{request.by.account}|{body}".encode("utf-8", "surrogatepass")).hexdigest()
