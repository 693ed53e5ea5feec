"""The page that ``python -m tinynet explain`` writes: a trained network explained, with figures, arrays and numbers.

`findings` computes, `sections` turns what was found into figures and sentences, `page` into HTML, `folder` sees to it
that a report is written whole or not at all.
"""

from tinynet.report.folder import prepare_folder
from tinynet.report.images import ExplainedImages, explain_images
from tinynet.report.summary import Settings, Summary
from tinynet.report.writer import explain_network

__all__ = ["ExplainedImages", "Settings", "Summary", "explain_images", "explain_network", "prepare_folder"]
