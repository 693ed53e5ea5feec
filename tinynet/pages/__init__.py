"""Self-contained pages: one HTML file with its figures in it, for reports and studies alike."""
