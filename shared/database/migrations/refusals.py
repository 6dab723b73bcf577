"""Why the tables of a node are not brought up to date; in each case nothing was changed."""

from shared.work.common.refusals import Kind, Refusal


class DatabaseIsNewer(Refusal):
    """The tables are of a release that this program does not know."""

    code = "database-is-newer"
    sentence = (
        "The database of %(node)s was written by a newer release (its tables are of revision %(found)s, this program "
        "knows them up to %(known)s). Nothing was changed: start the newer release, or put the copy from before back."
    )
    kind = Kind.NOT_AT_THE_MOMENT


class UpgradeNeeded(Refusal):
    """The tables are of an earlier release, and whoever opens the node now is not to change them."""

    code = "upgrade-needed"
    sentence = (
        "The tables of %(node)s are of an earlier release: start the node once, or run `huiyin upgrade`."
    )
    kind = Kind.NOT_AT_THE_MOMENT


class UpgradeHeldUp(Refusal):
    """Somebody else holds a table for longer than a start waits."""

    code = "upgrade-held-up"
    sentence = (
        "The tables of %(node)s cannot be brought up to date, because another session holds one of them or a step took "
        "too long (%(reason)s). Nothing was changed: end that session and start again."
    )
    kind = Kind.NOT_AT_THE_MOMENT


class UpgradeIsTheOwners(Refusal):
    """The role that runs the node may add facts and change no table."""

    code = "upgrade-is-the-owners"
    sentence = (
        "The role that runs %(node)s may not change its tables (%(reason)s). Nothing was changed: let the owner of the "
        "schema run `huiyin upgrade --postgres`."
    )
    kind = Kind.NOT_AT_THE_MOMENT
