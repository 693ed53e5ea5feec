"""How fast is tinynet beside other programs that do the same? ``python -m tests.benchmarks`` answers with ratios."""
