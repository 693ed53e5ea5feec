"""Studies: one file for each source document, which runs its experiments and prints its claims beside ours."""
