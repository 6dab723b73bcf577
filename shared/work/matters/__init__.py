"""The life of a matter, from the register to its end: at the office that registered it and at each that handles it.

| files | hold |
| --- | --- |
| content, offering, case, referral, override | facts and rules: streams, what may happen and what happened |
| reactions | what follows at this node when a fact arrives |
| orders, questions, pages | what people ask for, what they see |

Rules may import the standard library, `eventsourcing.domain` and `work/common`; orders and questions may import
rules; pages may import all of these and the kit of pages. To add a step: an order in `orders`, its rule on the
stream, its refusals with a code, its test in tests/work.
"""
