"""Studies: one for each source document, which runs its experiments and prints its claims beside ours.

`experiment` is one question, measured on every trained network; `study` runs all of a document's; `claims` is the table
that comes out of it, `statistics` what its verdicts rest on.
"""
