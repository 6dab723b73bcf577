"""Orders about the computers of the network: admit one, replace its keys, take nothing of it any more."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.orders.declaration import AT_THE_COUNTY, Declared, Step
from shared.orders.input import Line, OfficeId
from shared.orders.order import Order, OrderContext, Setting
from shared.work.common.refusals import Kind, NotFound, Refusal, UnknownUnit
from shared.work.common.sentences import N_
from shared.work.common.unit_tree import Directory
from shared.work.common.words import Tier, UnitKind
from shared.work.directory.node_entry import NodeEntry, NodeIsRevoked
from shared.work.directory.orders import CHANGE

SAMPLE_KEY = f"{43 * 'A'}="


SigningKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""32 bytes as base64 (RFC 8032)."""
ReceivingKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/=]{40,4000}$")]
NAME_OF_A_NODE = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
NewName = Annotated[str, StringConstraints(pattern=f"^{NAME_OF_A_NODE.pattern}$")]


def county_of(directory: Directory) -> UUID:
    """The county bureau, whose right the computers of the network are. Errors: NotFound while no directory is here."""
    root = directory.root()
    if root is None:
        raise NotFound(what="Unit")
    return root.unit


class NodeNameTaken(Refusal):
    """There is or was a node of this name, and names are never used again."""

    code = "node-name-taken"
    sentence = "There is or was a computer named %(node)s. Choose another name; names are never used again."
    kind = Kind.WRONG_INPUT


class NotATownship(Refusal):
    """A node below the county belongs to a township."""

    code = "not-a-township"
    sentence = "%(name)s is no township. Choose the township whose office or villages the computer is for."
    kind = Kind.WRONG_INPUT


class CountyKeepsItsNode(Refusal):
    """The county's own node cannot be given up: every other goes by its word."""

    code = "county-keeps-its-node"
    sentence = "The county's own computer cannot be taken out of the network. Replace its keys instead."


class AdmitNode(Order):
    """Take a computer into the network: its keys become known, and others take its facts."""

    DECLARED = Declared(
        "admit-node",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step(
            "",
            "admit",
            N_("Take in a computer"),
            N_("Take it in"),
            says=N_("The keys are the public halves of those in the computer's own folder."),
        ),
        sample={
            "name": "village-101-299",
            "tier": "village",
            "signing_key": SAMPLE_KEY,
            "receiving_key": SAMPLE_KEY,
        },
        refusals=(NodeNameTaken, NotATownship),
    )

    name: NewName = Field(title=N_("Name of the computer"))
    tier: Literal[Tier.VILLAGE, Tier.TOWNSHIP] = Field(title=N_("For a village or for a township office"))
    township: OfficeId = Field(title=N_("Township"))
    signing_key: SigningKey = Field(title=N_("Key that it signs with"))
    receiving_key: ReceivingKey = Field(title=N_("Key that it receives with"))

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return county_of(setting.directory)

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any]:
        township = setting.directory.find(self.township)
        if township is None:
            raise UnknownUnit(unit=self.township)
        if township.kind != UnitKind.TOWNSHIP:
            raise NotATownship(name=township.name)
        if self.name in setting.directory.nodes or context.exists(NodeEntry.id_for(self.name)):
            raise NodeNameTaken(node=self.name)
        context.add(
            NodeEntry.admit(
                county=setting.actor.unit,
                name=self.name,
                tier=self.tier,
                area=township.code[:9],
                signing_key=self.signing_key,
                receiving_key=self.receiving_key,
                at=context.at,
            )
        )
        return {"node": str(NodeEntry.id_for(self.name))}


class NodeOrder(Order):
    """An order about a computer of the network; `node` is the id of its record."""

    node: UUID
    version: int | None = None

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return county_of(setting.directory)

    def load(self, context: OrderContext) -> NodeEntry:
        """The node's record, if the version is the present one. Errors: NotFound, StaleVersion."""
        return context.load(NodeEntry, self.node, self.version)


class RekeyNode(NodeOrder):
    """Replace the keys of a computer: from now on it signs with the new one."""

    DECLARED = Declared(
        "rekey-node",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step(
            "node",
            "rekey",
            N_("Replace the computer's keys"),
            N_("Replace the keys"),
            says=N_("What it signed before stays good. Put the new keys into its folder, then start it."),
        ),
        sample={"signing_key": SAMPLE_KEY, "receiving_key": SAMPLE_KEY},
        refusals=(NodeIsRevoked,),
    )

    signing_key: SigningKey = Field(title=N_("Key that it signs with"))
    receiving_key: ReceivingKey = Field(title=N_("Key that it receives with"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        self.load(context).rekey(
            signing_key=self.signing_key, receiving_key=self.receiving_key, at=context.at
        )


class RevokeNode(NodeOrder):
    """Take nothing of a computer any more."""

    DECLARED = Declared(
        "revoke-node",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step(
            "node",
            "revoke",
            N_("Take nothing of the computer any more"),
            N_("Take nothing any more"),
            says=N_(
                "For a key or a computer in wrong hands. What others hold of it stays; nothing new is taken."
            ),
        ),
        sample={"reason": "电脑被盗"},
        refusals=(NodeIsRevoked, CountyKeepsItsNode),
    )

    reason: Line = Field(title=N_("Reason"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        node = self.load(context)
        root = setting.directory.root()
        if root is not None and root.node == node.name:
            raise CountyKeepsItsNode()
        node.revoke(since=self.today(context), reason=self.reason, at=context.at)
