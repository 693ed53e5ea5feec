"""The tests of tinynet: laws first, then slow replicas, then cases worked out by hand."""
