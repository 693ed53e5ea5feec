'''What every study runs on: jobs and where they run, experiments and their claims, and the page that shows them.

A study is one folder of `tinynet/studies` whose ``__init__.py`` holds a `STUDY`; the command line finds it there. The
whole of a study that asks five trained networks one question each::

    """What Someone 2020 claims about the depth of what a network attends to."""

    import numpy as np
    import tinynet as tn
    from tinynet.studies.engine.experiment import Budget
    from tinynet.studies.engine.study import Study
    from tinynet.studies.engine.trials import on_each_network


    def measure(trial):                       # pure: the same trial gives the same arrays, wherever it runs
        gradient = tn.class_gradient(trial.net, trial.data.x, trial.data.labels)
        return {"size": np.linalg.norm(gradient["tanh1"])}


    def claims(results):                      # all networks are measured: judge
        size = np.median(results.stack("size"))
        return [results.claim("SO-1", "gradients are large", "above 1", f"{size:.2f}", size > 1)]


    STUDY = Study(
        name="someone",
        title="How far a network looks",
        lede="One sentence for the head of the page.",
        sources=("Someone: Looking far, 2020.",),
        data="faces",
        full=Budget(seeds=5, epochs=100),
        quick=Budget(seeds=2, epochs=10),
        experiments=(on_each_network("thesis", __name__, claims),),
    )

Experiments that need other jobs than a trained network write their own: a frozen dataclass with a `measure`, see
`jobs`; `farias` is an example. `jobs` says what a job is, `workers` where jobs run, `runner` how they are handed out
and kept, `experiment` and `trials` how results are judged, `study` brings them together; `claims`, `statistics` and
`writing` make the table and the page.
'''
