"""What lets others check a log: its Merkle tree, checkpoints and their witnesses, promises on receipts.

| files | hold |
| --- | --- |
| merkle | the arithmetic of RFC 6962: roots, proofs and their verification; no I/O |
| notes, checkpoint, inclusion, promise | the text forms, as C2SP writes them, and what they are signed with |
| tiles, tree_sources | a tree's hashes in the database, and how they grow from facts |
| making, checkpoint_service, checkpoint_exchange, copy_check | a node's own checkpoints: when one is due, who is asked to sign it, who has |
| witness | what a node keeps and refuses of other nodes' checkpoints |
| questions | what pages and commands ask: the last checkpoint, the proof of a fact |
| tables | the tables of all these |

May import the calendar of `work/common`, the envelope, the directory, the event log's tables and keys, and
sqlalchemy; never the wire, a projection or a page: the node carries its messages. To add a statement that
a node signs: a text form here with its own first line, so that no signature can be read as another one,
and a check that a stranger can run with the public key alone. Why it is so: decision 0008.
"""
