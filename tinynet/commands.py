"""What the commands do: each takes the options of the command line, says what it found, and returns an exit code."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import tinynet as tn
from tinynet import datasets, models, parsing, studies
from tinynet.classes import class_count
from tinynet.datasets import Dataset
from tinynet.datasets.dataset import check_classes
from tinynet.datasets.fetch import REMOTE
from tinynet.files import written_whole

CHECKPOINT = ".checkpoint.npz"  # hidden, so that a folder with nothing else still counts as empty


def say(text: str | None = None) -> None:
    """Print a text at once; a reader who has had enough, as ``| head`` has, is no error, and the work goes on."""
    if sys.stdout is None:  # closed by whoever started the program
        return
    try:
        if text is not None:
            print(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _data(spec: str, options: argparse.Namespace) -> Dataset:
    """Return the data set, read as the options say."""
    wanted = {"size": options.size, "grey": False if options.colour else None, "fit": options.fit}
    return datasets.load(spec, **{name: value for name, value in wanted.items() if value is not None})


def explain(options: argparse.Namespace) -> int:
    """Train a network, or load one, and write a page that explains it."""
    from tinynet import report

    asked = {"--model": options.model, "--epochs": options.epochs, "--resume": options.resume}
    of_training = [name for name, value in asked.items() if value]
    if options.net is not None and of_training:
        raise ValueError(f"{options.net}: a network saved before, of which nothing is trained: no {of_training[0]}")
    data = check_classes(_data(options.data, options))
    net = None if options.net is None else _loaded(options.net, data)
    if options.image or options.misclassified:
        return _explain_images(options, data, net)
    options.out = options.out or Path("explained")
    name = options.model or models.suited(data.input_shape, len(data.classes))
    train, test = data.split(rng=options.seed, by_class=True)  # every class is tested
    report.prepare_folder(options.out)
    history, training, seconds = None, {}, None
    if net is None:
        model = models.named(name)
        net = models.build(name, data.input_shape, len(data.classes), rng=options.seed)
        started = time.perf_counter()
        history = _trained(net, model, train, test, options)
        seconds = time.perf_counter() - started
        training = {
            "epochs": len(history),
            "batch_size": model.batch_size,
            "loss": repr(model.loss),
            "optimizer": repr(model.optimizer),
        }
    settings = report.Settings(
        command=shlex.join(["python", "-m", "tinynet", *options.words]),
        model=options.net or name,
        seeds={"split": options.seed}
        if history is None
        else dict.fromkeys(("split", "weights", "order"), options.seed),
        training=training,
        training_seconds=seconds,
    )
    with _resumable(options):
        summary = report.explain_network(
            net,
            data,
            train=train,
            test=test,
            out=options.out,
            settings=settings,
            of=options.of,
            history=history,
            rng=options.seed,
        )
    (options.out / CHECKPOINT).unlink(missing_ok=True)
    say("\n".join(summary.lines()))
    return 0


def _explain_images(options: argparse.Namespace, data: Dataset, net: tn.Network | None) -> int:
    """Explain pictures from files, or the test images that are misclassified, in one figure."""
    from tinynet import report
    from tinynet.datasets.read.pictures import read_images
    from tinynet.plots.seeing import UNITS_A_BAND

    out = parsing.picture_file(str(options.out or "explained.png"))
    train, test = data.split(rng=options.seed, by_class=True)
    if net is None:
        name = options.model or models.suited(data.input_shape, len(data.classes))
        net = models.build(name, data.input_shape, len(data.classes), rng=options.seed)
        models.named(name).train(net, train.x, train.labels, epochs=options.epochs, rng=options.seed)
    if options.misclassified:
        wrong = np.flatnonzero(net.predict(test.x) != test.labels)
        say(f"{len(wrong):,} of {len(test):,} test images are misclassified")
        if not len(wrong):
            return 0
        shown = test[wrong[:UNITS_A_BAND]]
        found = report.explain_images(net, shown.x, shown.labels, classes=data.classes, of=options.of)
    else:
        channels, *size = data.input_shape
        fit = options.fit or "crop"
        pixels = read_images(options.image, (size[0], size[1]), grey=channels == 1, task="images", fit=fit)
        found = report.explain_images(net, pixels / np.float32(255), classes=data.classes, of=options.of)
    say(str(found))
    return _drawn(found.figure(), out)


def inspect(options: argparse.Namespace) -> int:
    """See what does no work in a network."""
    from tinynet.report.inspection import write_page

    data = check_classes(_data(options.data, options))
    net = _loaded(options.net, data)
    if options.evidence is not None and options.evidence not in data.masks:
        known = f"it has {', '.join(data.masks)}" if data.masks else "it has none"
        raise ValueError(f"{data.name}: no mask {options.evidence!r}; {known}")
    chosen = np.sort(np.random.default_rng(options.seed).permutation(len(data))[: options.images])
    looked_at = data.take(chosen)
    evidence = None if options.evidence is None else looked_at.masks[options.evidence]
    found = tn.explain.inspect_network(net, looked_at.x, looked_at.labels, evidence=evidence)
    write_page(found, options.out, shlex.join(["python", "-m", "tinynet", *options.words]), data.name)
    say(str(found))
    say(f"page       {options.out}")
    return 0


def _loaded(path: str, data: Dataset) -> tn.Network:
    net = tn.Network.load(path)
    _check_shape(path, net, data)
    if len(net.output_shape) != 1 or class_count(net) != len(data.classes):
        raise ValueError(
            f"{path}: puts out {net.output_shape}, expected one number for each of {len(data.classes)} classes"
        )
    return net


def _check_shape(path: str, net: tn.Network, data: Dataset) -> None:
    if net.input_shape != data.input_shape:
        hint = "; --size and --colour say how pictures of a folder are read" if len(net.input_shape) == 3 else ""
        raise ValueError(f"{path}: takes inputs of shape {net.input_shape}, the images are {data.input_shape}{hint}")


def _trained(
    net: tn.Network, model: models.Model, train: Dataset, test: Dataset, options: argparse.Namespace
) -> tn.History:
    with _resumable(options):
        return model.train(
            net,
            train.x,
            train.labels,
            epochs=options.epochs,
            rng=options.seed,
            validation=(test.x, test.labels),
            checkpoint=options.out / CHECKPOINT,
            resume=options.resume,
        )


@contextmanager
def _resumable(options: argparse.Namespace) -> Iterator[None]:
    """Say how a run goes on that is interrupted, in training or behind it."""
    try:
        yield
    except KeyboardInterrupt:
        if options.net is None and (options.out / CHECKPOINT).exists():
            print("\nwhat was trained is kept; the same command with --resume goes on", file=sys.stderr)
        raise


def list_data(options: argparse.Namespace) -> int:
    """Say every data set, with its licence and citation."""
    for source in datasets.catalogue():
        say(source.usage)
        cite = f"cite: {source.citation}" if source.citation else "no citation needed"
        for what in (source.description, f"licence: {source.licence}", cite):
            say(f"    {what}")
    return 0


def get_data(options: argparse.Namespace) -> int:
    """Fetch a data set that may be fetched."""
    folder = datasets.get(options.name, options.into, mirror=options.mirror)
    say(f"{folder}\nread it with --data {REMOTE[options.name].spec.replace('DIR', str(folder))}")
    return 0


def check_data(options: argparse.Namespace) -> int:
    """Say whether a folder is what we expect."""
    found = datasets.check(options.place)
    say(str(found))
    return 0 if found.ok else 1


def show_data(options: argparse.Namespace) -> int:
    """Draw some images of each class."""
    from tinynet import plots

    return _drawn(plots.data_sample(_data(options.data, options)), options.out)


def _drawn(picture: Any, out: Path) -> int:
    """Write a figure, or the bytes of a picture, to a file of this name."""
    with written_whole(out) as temporary:
        if isinstance(picture, bytes):
            temporary.write_bytes(picture)
        else:
            picture.savefig(temporary, format=out.suffix.lstrip(".") or "png", dpi=150)
    say(str(out))
    return 0


def _seen(options: argparse.Namespace) -> Any:
    """Return what of a network is asked about."""
    from tinynet.report.seeing import Seen

    net, data = tn.Network.load(options.net), _data(options.data, options)
    _check_shape(options.net, net, data)
    return Seen(net, data, options.layer, options.units)


def picture(options: argparse.Namespace) -> int:
    """Draw what classes or units of a network want to see."""
    from tinynet import plots
    from tinynet.explain import Recipe

    seen, animated = _seen(options), options.out.suffix.lower() == ".gif"
    made = seen.raised(
        Recipe.of(seen.data.x, steps=options.steps, rng=options.seed, frames=40 * animated, progress=True)
    )
    return _drawn(plots.animated_gif(made.frames) if animated else seen.pictures(made), options.out)


def project(options: argparse.Namespace) -> int:
    """Draw weights, and what drives units in the data."""
    return _drawn(_seen(options).projections(), options.out)


def dream(options: argparse.Namespace) -> int:
    """Let a layer see more in an image of whatever it sees."""
    from tinynet import explain, plots
    from tinynet.datasets.read.pictures import read_images, usual_size

    net, animated = tn.Network.load(options.net), options.out.suffix.lower() == ".gif"
    size = usual_size([options.image], options.size) if options.size else net.input_shape[1:]
    if len(size) != 2:
        raise ValueError(f"{options.net}: takes inputs of shape {net.input_shape}, expected images")
    (pixels,) = read_images([options.image], size, grey=net.input_shape[0] == 1, task="image", fit="crop")
    image = pixels / np.float32(255)
    changes = {"steps": options.steps, "rng": options.seed, "frames": 15 * animated, "progress": True}
    dream = explain.deep_dream(net, image, options.layer, options.units, octaves=options.octaves, **changes)
    if animated:
        return _drawn(plots.animated_gif(dream.frames), options.out)
    names = ["the image", f"dreamt by {options.layer}"]
    return _drawn(plots.image_grid([image, dream.image], names, columns=2), options.out)


def check(options: argparse.Namespace) -> int:
    """Test a layer against the laws of a layer."""
    from tinynet import testing

    layer = testing.load_layer(options.layer, options.params, options.extra, batch_axis=options.batch_axis)
    report = testing.check_layer(layer, options.input_shape, rng=options.seed)
    say(str(report))
    return 0 if report.ok else 1


def study(options: argparse.Namespace) -> int:
    """Run the experiments of a document."""
    from tinynet.studies.engine import claims, study, writing

    chosen = studies.named(options.name)
    if options.method and chosen.name != "truth":
        raise ValueError(f"study {chosen.name}: takes no --method, which the study truth judges")
    if options.method:
        from tinynet.studies import truth

        chosen = truth.with_method(options.method)
    budget = chosen.quick if options.quick else chosen.full
    if options.epochs and budget.epochs is None:
        raise ValueError(f"study {chosen.name}: takes no --epochs, each network trains as long as the document's")
    data = check_classes(_data(options.data or chosen.data, options))
    folder = options.out / chosen.name / study.folder_name(data, quick=options.quick)
    found = study.run(
        chosen,
        data,
        folder,
        budget=replace(budget, seeds=options.seeds or budget.seeds, epochs=options.epochs or budget.epochs),
        workers=options.dask or options.workers,
        command=shlex.join(["python", "-m", "tinynet", *options.words]),
        tell=say,
    )
    say(claims.table(found))
    say(f"page       {folder / writing.PAGE}")
    return 0


def course(options: argparse.Namespace) -> int:
    """Lay out the course."""
    from tinynet.course import lay_out

    chapters = lay_out(options.folder, teacher=options.teacher)
    say(f"chapters   {len(chapters)}, as scripts and as notebooks, in {options.folder}")
    say(f"exercises  {options.folder / 'exercises'}; the chapters say when, and check them")
    if options.teacher:
        say(f"teachers   {options.folder / 'TEACHING.md'}: outcomes, slips, slides, and how to grade a class")
    say(f"begin with {chapters[0].with_suffix('.ipynb')}, or python {chapters[0]}")
    return 0


def claims(options: argparse.Namespace) -> int:
    """Write the claims of studies as one table."""
    from tinynet import files
    from tinynet.studies.engine import claims

    studies = [claims.load(path) for path in options.files]
    document, text = claims.document(studies), claims.summary(studies)
    if options.into is None:
        say(text)
    else:
        files.fill(options.into, f"claims {document}", text)
    return 0
