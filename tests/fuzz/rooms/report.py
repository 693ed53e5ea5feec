"""Right calls of `tinynet.report`."""

from __future__ import annotations

from tests.fuzz.calls import Call
from tests.fuzz.examples import data, images, labels, net
from tinynet import report

settings = report.Settings("python -m tinynet explain", "thesis")

CALLS = [
    Call(
        report.Settings,
        {"command": "explain", "model": "thesis", "seeds": {"split": 0}, "training": {"epochs": 3}},
        fine={
            "command": "text, empty text",
            "model": "text, empty text",
            "seeds": "text as a key",
            "training": "text as a key, text within, None within, object within",
        },
        called={"training_seconds": "seconds"},
    ),
    Call(report.prepare_folder, {"out": "explained"}, fine={"out": "text"}),
    Call(
        report.explain_images,
        {"net": net, "x": images[:3], "labels": labels[:3], "classes": ["a", "b", "c"], "of": "logit"},
        fine={"x": "too short, one axis less", "classes": "text within"},
    ),
    Call(
        report.explain_network,
        {
            "net": net,
            "data": data,
            "train": data.take([0, 1, 2]),
            "test": data.take([3, 4, 5]),
            "out": "explained",
            "settings": settings,
            "progress": False,
        },
        fine={"out": "text"},
    ),
]
RESULTS = ("ExplainedImages", "Summary")
