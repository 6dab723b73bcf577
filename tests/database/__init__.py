"""Tables change from release to release: revisions, copies, projections of another release, and the command."""
