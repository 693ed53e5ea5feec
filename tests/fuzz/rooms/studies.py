"""Right calls of what a study is written with, and of what may be asked about studies."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.fuzz.calls import Call, Fresh
from tests.small_studies import DIGITS, TOY
from tinynet import studies
from tinynet.studies.engine import claims, statistics, study, trials
from tinynet.studies.engine.experiment import Budget, Experiment, Results

budget = Budget(seeds=1, epochs=1)
claim = claims.Claim("XX-1", "filters matter", "0.8", "0.9 (0.8 to 1)", True, 3, "digits", "chance 0.5")
results = Results(DIGITS, budget, [], {})
texts = dict.fromkeys(
    ("claim", "documented", "measured", "data", "control", "settings", "code", "title", "lede"), "text, empty text"
)
numbers = np.array([0.1, 0.3, 0.2])


def written() -> Path:
    """Return a file of claims."""
    return claims.save([claim], ".")


CALLS = [
    Call(studies.named, {"name": "lo"}, called={"name": "study"}),
    Call(claims.Claim, vars(claim), fine=texts | {"n_seeds": "huge"}),
    Call(claims.table, {"claims": [claim]}, fine={"width": "huge"}),
    Call(claims.save, {"claims": [claim], "folder": "."}, fine={"folder": "text"}),
    Call(claims.load, {"path": Fresh(written)}, fine={"path": "text"}),
    Call(claims.summary, {"studies": [[claim]]}),
    Call(claims.document, {"studies": [[claim]]}),
    Call(Budget, {"seeds": 2, "epochs": 3}, fine={"seeds": "huge", "epochs": "huge"}),
    Call(
        Results.claim,
        {"self": results, **{name: vars(claim)[name] for name in ("id", "claim", "documented", "measured", "holds")}},
        fine=texts,
    ),
    Call(Experiment, {"jobs": lambda data, budget: [], "claims": lambda results: []}),
    Call(
        study.Study,
        {**vars(TOY), "sources": ("Someone 2020.",)},
        fine=texts | {"sources": "text within", "data": "text", "name": "text"},
    ),
    Call(
        study.run,
        {"study": TOY, "data": DIGITS, "out": "out", "budget": budget, "workers": 1, "progress": False},
        fine={"out": "text", "command": "text, empty text", "workers": "text, empty text"},  # of a cluster
    ),
    Call(study.folder_name, {"data": DIGITS}),
    *(
        Call(
            function,
            {name: numbers},
            fine={name: "one axis more, NaN, a NaN, infinite, one axis less, too short, empty array"}
            | {"unit": "text, empty text", "form": "empty text"},
        )
        for function, name in (
            (statistics.spread, "values"),
            (statistics.percents, "shares"),
            (statistics.paired_p_value, "differences"),
        )
    ),
    Call(
        statistics.rank_correlation,
        {"one": numbers, "other": numbers[::-1]},
        fine=dict.fromkeys(("one", "other"), "NaN, a NaN, infinite"),
        called={"one": "other", "other": "one"},
    ),
    Call(trials.trials, {"model": "thesis", "module": "tinynet.studies.lo.basics", "budget": budget}),
    Call(
        trials.on_each_network,
        {"model": "thesis", "module": "tinynet.studies.lo.basics", "claims": lambda results: []},
        fine={"module": "text"},
    ),
]
RESULTS = ("Results", "Trial", "Training", "Measurement", "first_trial", "no_facts", "nothing_shown", "nothing_told")
