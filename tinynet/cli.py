"""The command line: ``python -m tinynet explain``, ``inspect``, ``picture``, ``data``, ``study`` and others."""

from __future__ import annotations

import argparse
import io
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import tinynet as tn
from tinynet import datasets, models, parsing, studies
from tinynet.classes import class_count
from tinynet.datasets import Dataset
from tinynet.datasets.dataset import check_classes
from tinynet.datasets.read.pictures import FITS
from tinynet.explain.prediction import PREDICTIONS
from tinynet.files import written_whole
from tinynet.studies.engine.jobs import JobError

CHECKPOINT = ".checkpoint.npz"  # hidden, so that a folder with nothing else still counts as empty
EXPLAIN_EXAMPLES = """examples:
  python -m tinynet explain
      train the thesis' network on drawn faces and explain it: about a minute
  python -m tinynet explain --data yale:~/yalefaces --out yale-explained
      the same on the real Yale faces
  python -m tinynet explain --data mnist:~/mnist --epochs 1
      handwritten digits, with the convolutional network of Gulati et al.
  python -m tinynet explain --data folder:~/pictures --of probability
      your own pictures, one folder a class
  python -m tinynet explain --data folder:~/pictures --size 64 --colour --model photographs
      the same in colour, 64 x 64 pixels cut from the middle
  python -m tinynet explain --net explained/net.npz
      a network saved before, without training
"""
INSPECT_EXAMPLES = """examples:
  python -m tinynet inspect explained/net.npz --data faces
      which units of a network do no work, what its layers cost, and advice as code
  python -m tinynet inspect net.npz --data folder:~/pictures --size 64 --colour --images 300 --out inspected.html
      the same of a network for photographs, with 300 of them
  python -m tinynet inspect net.npz --data muffins --evidence spots
      compare what units see with the size of a part whose mask the data set has
"""
DATA_EXAMPLES = """examples:
  python -m tinynet data list
  python -m tinynet data show digits:200 --out digits.png
  python -m tinynet data show folder:~/pictures --size 48x64 --colour --fit pad
      photographs 48 pixels high and 64 wide, each whole, with black beside it where need be
"""
PICTURE_EXAMPLES = """examples:
  python -m tinynet picture explained/net.npz --data faces
      for each class nine images of the data that it is surest of, and a picture made to raise it
  python -m tinynet picture explained/net.npz --data faces --layer conv2 --out conv2.png
      the same for the filters of a layer; with .gif the pictures are seen to arise
"""
PROJECT_EXAMPLES = """examples:
  python -m tinynet project explained/net.npz --data faces --layer conv1
      weights as pictures, the patches that drive each filter most, and the gradient at them
  python -m tinynet project digits.npz --data digits --layer relu2 --units 0,3,5
      behind ReLUs also deconvolution and guided backpropagation
"""
DREAM_EXAMPLES = """examples:
  python -m tinynet dream explained/net.npz --image face.png --layer tanh2
  python -m tinynet dream explained/net.npz --image holiday.jpg --layer tanh2 --size 200 --out dream.gif
"""
CHECK_EXAMPLES = """examples:
  python -m tinynet check my_layers.py:Softplus --input-shape 3,8,8
  python -m tinynet check "my_layers.py:Scale(2.5)" --input-shape 10 --seed 1
  python -m tinynet check layers.py:affine_forward,affine_backward --params w=6x4,b=4 --input-shape 6
      two functions, forward(x, w, b) -> out, cache and backward(dout, cache) -> dx, dw, db
  python -m tinynet check layers.py:conv_forward,conv_backward --params w=2x3x3x3,b=2 --input-shape 3,8,8 \\
      --extra "{'stride': 1, 'pad': 1}"
  python -m tinynet check layers.py:Relu --input-shape 4
      an object with forward(x) and backward(dout) that keeps what it needs
"""
STUDY_EXAMPLES = """examples:
  python -m tinynet study lo --quick
      two networks, trained briefly: under two minutes
  python -m tinynet study lo --data yale:~/yalefaces
      ten networks on the real faces; stopped and started again, it goes on where it was
  python -m tinynet study farias --data mnist:~/mnist --workers 8
      hundreds of networks that learn by target propagation, eight at once
  python -m tinynet study farias --dask tcp://10.0.0.1:8786
      the same on drawn digits, by all workers of a Dask cluster, which need not share a disk
  python -m tinynet study meniconi --data celeba:~/celeba
      two labels of the same faces: which statistics tell their networks apart more than seeds do
  python -m tinynet study gulati --data folder:~/pictures --size 64 --colour
      what filters see, of drawn letters and digits and of your photographs
  python -m tinynet study truth
      which methods of attribution are right: the leaderboard
  python -m tinynet study truth --method my_methods.py:my_method
      the same with a method of yours, my_method(net, x, target) -> one map an image
"""
CLAIMS_EXAMPLES = """examples:
  python -m tinynet claims studies/lo/faces-165/claims.json
  python -m tinynet claims studies/lo/faces-165/claims.json studies/lo/yale-165/claims.json --into tutorials/claims.md
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 a check failed, 2 an error, 130 interrupted.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after the program's name; those of the command line if not given.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that cannot show a name shows its letters' numbers
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        options = _parser().parse_args(words or ["--help"])
    finally:
        _say()  # what argparse has printed
    options.words = words
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        print("\ntinynet: interrupted", file=sys.stderr)
        return 130
    except (ValueError, OSError, tn.UnknownLayerError, MemoryError, JobError) as error:
        print(f"tinynet: error: {str(error) or type(error).__name__}", file=sys.stderr)
        return 2


def _say(text: str | None = None) -> None:
    """Print a text at once; a reader who has had enough, as ``| head`` has, is no error, and the work goes on."""
    try:
        if text is not None:
            print(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = parsing.Parser(prog="python -m tinynet", description=tn.__doc__)
    parser.add_argument("--version", action="version", version=f"tinynet {tn.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    explain = _command(
        commands,
        "explain",
        "train a network, or load one, and write a page that explains it",
        EXPLAIN_EXAMPLES,
        _explain,
    )
    explain.add_argument("--data", default="faces", help="a data set, see `data list` (default: %(default)s)")
    _take_pictures(explain)
    explain.add_argument(
        "--model",
        choices=list(models.MODELS),
        help="the network (default: the thesis' where it fits the images, else a smaller one)",
    )
    explain.add_argument("--net", metavar="FILE", help="a network saved before; nothing is trained")
    explain.add_argument(
        "--epochs", type=parsing.positive, help="passes over the training images (default: the model's)"
    )
    explain.add_argument(
        "--seed",
        type=int,
        default=0,
        help="of the split, the weights and the order of the images (default: %(default)s)",
    )
    explain.add_argument(
        "--of", choices=PREDICTIONS, default="logit", help="what the gradients are of (default: %(default)s)"
    )
    explain.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("explained"), help="folder to write to (default: %(default)s)"
    )
    explain.add_argument("--resume", action="store_true", help="go on with training that was interrupted")

    inspect = _command(
        commands,
        "inspect",
        "see what does no work in a network, with advice for its design",
        INSPECT_EXAMPLES,
        _inspect,
    )
    inspect.add_argument("net", metavar="NET", help="a saved network")
    inspect.add_argument("--data", default="faces", help="a data set, see `data list` (default: %(default)s)")
    _take_pictures(inspect)
    inspect.add_argument(
        "--images", type=parsing.positive, default=500, help="how many are looked at, at most (default: %(default)s)"
    )
    inspect.add_argument("--evidence", metavar="MASK", help="name of the data set's mask of what matters")
    inspect.add_argument("--seed", type=int, default=0, help="of the choice of images (default: %(default)s)")
    inspect.add_argument(
        "--out", metavar="FILE", type=Path, default=Path("inspected.html"), help="page to write (default: %(default)s)"
    )

    data = _command(commands, "data", "list the data sets, or look at one", DATA_EXAMPLES)
    data_commands = data.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _command(data_commands, "list", "every data set, with its licence and citation", DATA_EXAMPLES, _list_data)
    show = _command(data_commands, "show", "draw some images of each class", DATA_EXAMPLES, _show_data)
    show.add_argument("data", metavar="DATA", help="a data set, see `data list`")
    _take_pictures(show)
    show.add_argument(
        "--out",
        metavar="FILE",
        type=parsing.picture_file,
        default=Path("data.png"),
        help="picture to write (default: %(default)s)",
    )

    picture = _command(
        commands, "picture", "draw what classes or units of a network want to see", PICTURE_EXAMPLES, _picture
    )
    picture.add_argument("--steps", type=parsing.positive, default=100, help="of the climb (default: %(default)s)")
    project = _command(
        commands, "project", "draw weights, and what drives units in the data", PROJECT_EXAMPLES, _project
    )
    dream = _command(commands, "dream", "let a layer see more in an image of whatever it sees", DREAM_EXAMPLES, _dream)
    for command in (picture, project, dream):
        command.add_argument("net", metavar="NET", help="a network saved before")
        default = " (default: the classes)" if command is picture else ""
        command.add_argument("--layer", required=not default, help=f"whose units{default}")
        command.add_argument("--units", type=parsing.numbers, metavar="N,N", help="those asked about (default: all)")
    for command in (picture, project):
        command.add_argument("--data", required=True, help="a data set, see `data list`")
        _take_pictures(command)
    dream.add_argument("--image", metavar="FILE", type=Path, required=True, help="any picture")
    dream.add_argument("--size", type=parsing.positive, help="its longer side, in pixels (default: the network's)")
    dream.add_argument("--octaves", type=parsing.positive, help="sizes to dream at (default: 3, or 1 behind filters)")
    dream.add_argument("--steps", type=parsing.positive, default=20, help="of each octave (default: %(default)s)")
    for command, name in ((picture, "picture.png"), (project, "project.png"), (dream, "dream.png")):
        command.add_argument("--seed", type=int, default=0, help="of what is drawn (default: %(default)s)")
        hint = "to write (default: %(default)s)" + ("" if command is project else "; .gif shows how it arises")
        command.add_argument("--out", metavar="FILE", type=parsing.picture_file, default=Path(name), help=hint)

    check = _command(commands, "check", "test a layer of yours against the laws of a layer", CHECK_EXAMPLES, _check)
    check.add_argument(
        "layer", metavar="FILE:LAYER", help="a Python file and the layer's class in it, or two functions with a comma"
    )
    check.add_argument(
        "--input-shape",
        type=parsing.shape,
        required=True,
        metavar="C,H,W",
        help="shape of one input, without the batch axis",
    )
    check.add_argument(
        "--params", type=parsing.shapes, metavar="NAME=SHAPE,...", help="of functions: parameters, such as w=6x4,b=4"
    )
    check.add_argument(
        "--extra",
        type=parsing.literal,
        default=(),
        metavar="VALUE",
        help="of functions: what forward takes after those",
    )
    check.add_argument(
        "--batch-axis",
        type=lambda text: None if text == "none" else int(text),
        default=0,
        metavar="AXIS",
        help="where functions have the batch; none if they take one input, or one whole batch (default: %(default)s)",
    )
    check.add_argument("--seed", type=int, default=0, help="of the inputs drawn (default: %(default)s)")

    study = _command(
        commands,
        "study",
        "run the experiments of a source document, each claim beside our measurement",
        STUDY_EXAMPLES,
        _study,
    )
    study.add_argument(
        "name",
        choices=studies.NAMES,
        help="lo = Lo, Cohen and Ding 2015 and Lo 2016, farias = de Souza Farias and Maziero, gulati = Gulati "
        "et al. 2017, meniconi = Meniconi, Ramasamy and Prabakaran, truth = which methods of attribution are right",
    )
    study.add_argument("--data", help="a data set, see `data list` (default: the study's)")
    _take_pictures(study)
    study.add_argument(
        "--seeds", type=parsing.positive, help="number of networks of a kind (default: the study's, quick fewer)"
    )
    study.add_argument("--epochs", type=parsing.positive, help="of training (default: the document's, quick fewer)")
    study.add_argument("--quick", action="store_true", help="a first look, in a folder of its own")
    study.add_argument("--method", metavar="FILE:FUNCTION", help="of truth: judge a method of yours with the others")
    places = study.add_mutually_exclusive_group()
    places.add_argument(
        "--workers", metavar="N", type=parsing.positive, help="processes that work at once (default: one a processor)"
    )
    places.add_argument(
        "--dask", metavar="ADDRESS", help="scheduler of a Dask cluster to work on, such as tcp://HOST:8786"
    )
    study.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("studies"), help="folder to write to (default: %(default)s)"
    )

    claims = _command(commands, "claims", "write the claims of studies as one short table", CLAIMS_EXAMPLES, _claims)
    claims.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="claims.json of one study, a file for each data set"
    )
    claims.add_argument("--into", metavar="FILE", type=Path, help="a text file with marks to write between")
    return parser


def _command(
    commands: argparse._SubParsersAction[parsing.Parser],
    name: str,
    summary: str,
    examples: str,
    run: Callable[[argparse.Namespace], int] | None = None,
) -> parsing.Parser:
    description = f"{summary[0].upper()}{summary[1:]}."
    parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _take_pictures(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how the pictures of a folder are read."""
    pictures = parser.add_argument_group("pictures of a folder")
    pictures.add_argument("--size", type=parsing.size, metavar="PIXELS", help="of a square, or height and width: 48x64")
    pictures.add_argument("--colour", action="store_true", help="red, green and blue instead of one channel of grey")
    pictures.add_argument(
        "--fit", choices=FITS, help="what is done with other shapes: the middle cut out (crop), black added, distorted"
    )


def _data(spec: str, options: argparse.Namespace) -> Dataset:
    """Return the data set, read as the options say."""
    wanted = {"size": options.size, "grey": False if options.colour else None, "fit": options.fit}
    return datasets.load(spec, **{name: value for name, value in wanted.items() if value is not None})


def _explain(options: argparse.Namespace) -> int:
    from tinynet import report

    data = check_classes(_data(options.data, options))
    net = _loaded(options.net, data) if options.net else None
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
    _say("\n".join(summary.lines()))
    return 0


def _inspect(options: argparse.Namespace) -> int:
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
    _say(str(found))
    _say(f"page       {options.out}")
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
    try:
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
    except KeyboardInterrupt:
        if (options.out / CHECKPOINT).exists():
            print("\ntraining was interrupted; the same command with --resume goes on", file=sys.stderr)
        raise


def _list_data(options: argparse.Namespace) -> int:
    for source in datasets.catalogue():
        _say(source.usage)
        cite = f"cite: {source.citation}" if source.citation else "no citation needed"
        for what in (source.description, f"licence: {source.licence}", cite):
            _say(f"    {what}")
    return 0


def _show_data(options: argparse.Namespace) -> int:
    from tinynet import plots

    return _drawn(plots.data_sample(_data(options.data, options)), options.out)


def _drawn(picture: Any, out: Path) -> int:
    """Write a figure, or the bytes of a picture, to a file of this name."""
    with written_whole(out) as temporary:
        if isinstance(picture, bytes):
            temporary.write_bytes(picture)
        else:
            picture.savefig(temporary, format=out.suffix.lstrip(".") or "png", dpi=150)
    _say(str(out))
    return 0


def _seen(options: argparse.Namespace) -> Any:
    """Return what of a network is asked about."""
    from tinynet.report.seeing import Seen

    net, data = tn.Network.load(options.net), _data(options.data, options)
    _check_shape(options.net, net, data)
    return Seen(net, data, options.layer, options.units)


def _picture(options: argparse.Namespace) -> int:
    from tinynet import plots
    from tinynet.explain import Recipe

    seen, animated = _seen(options), options.out.suffix.lower() == ".gif"
    made = seen.raised(
        Recipe.of(seen.data.x, steps=options.steps, rng=options.seed, frames=40 * animated, progress=True)
    )
    return _drawn(plots.animated_gif(made.frames) if animated else seen.pictures(made), options.out)


def _project(options: argparse.Namespace) -> int:
    return _drawn(_seen(options).projections(), options.out)


def _dream(options: argparse.Namespace) -> int:
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


def _check(options: argparse.Namespace) -> int:
    from tinynet import testing

    layer = testing.load_layer(options.layer, options.params, options.extra, batch_axis=options.batch_axis)
    report = testing.check_layer(layer, options.input_shape, rng=options.seed)
    _say(str(report))
    return 0 if report.ok else 1


def _study(options: argparse.Namespace) -> int:
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
        tell=print,
    )
    _say(claims.table(found))
    _say(f"page       {folder / writing.PAGE}")
    return 0


def _claims(options: argparse.Namespace) -> int:
    from tinynet import files
    from tinynet.studies.engine import claims

    studies = [claims.load(path) for path in options.files]
    document, text = claims.document(studies), claims.summary(studies)
    if options.into is None:
        _say(text)
    else:
        files.fill(options.into, f"claims {document}", text)
    return 0
