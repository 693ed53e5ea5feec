"""The command line: ``python -m tinynet explain``, ``inspect``, ``picture``, ``data``, ``study`` and others."""

from __future__ import annotations

import argparse
import io
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import tinynet as tn
from tinynet import commands, interruption, models, parsing, studies
from tinynet.commands import say
from tinynet.datasets.fetch import REMOTE
from tinynet.datasets.read.pictures import FITS
from tinynet.explain.prediction import PREDICTIONS
from tinynet.studies.engine.jobs import JobError

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
  python -m tinynet explain --net explained/net.npz --image me.jpg
      what that network takes one picture for, and what in it speaks for that, as a figure
  python -m tinynet explain --net explained/net.npz --misclassified --out wrong.png
      the same of test images that it takes for something else
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
  python -m tinynet data get mnist
      into data/mnist; broken off, it goes on where it was
  python -m tinynet data check ~/yalefaces
      which files are there, how many pictures, and what is missing
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
COURSE_EXAMPLES = """examples:
  python -m tinynet course ~/course
  python -m tinynet course ~/teaching --teacher
      twenty chapters as scripts and notebooks, with exercises that grade themselves; what is there is left alone
"""
CLAIMS_EXAMPLES = """examples:
  python -m tinynet claims studies/lo/faces-165/claims.json
  python -m tinynet claims studies/lo/faces-165/claims.json studies/lo/yale-165/claims.json --into tutorials/claims.md
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 a check failed, 2 an error, 130 interrupted, 143 terminated.

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
        options = _parser().parse_args([*words, "--help"] if words in ([], ["data"]) else words)
    finally:
        say()  # what argparse has printed
    options.words = words
    try:
        with interruption.terminable():
            return int(options.run(options))
    except interruption.Terminated:
        print("\ntinynet: terminated", file=sys.stderr)
        return 143
    except KeyboardInterrupt:
        print("\ntinynet: interrupted", file=sys.stderr)
        return 130
    except (ValueError, OSError, argparse.ArgumentTypeError, MemoryError, JobError) as error:
        print(f"tinynet: error: {str(error) or type(error).__name__}", file=sys.stderr)
        return 2


def _models() -> str:
    """Return a list of the models, each with what it is made of."""
    lines = (f"  {name:<12} {model.description}" for name, model in models.MODELS.items())
    return "\n".join(["models:", *(textwrap.fill(line, 100, subsequent_indent=" " * 15) for line in lines)])


def _parser() -> argparse.ArgumentParser:
    parser = parsing.Parser(prog="python -m tinynet", description=tn.__doc__)
    parser.add_argument("--version", action="version", version=f"tinynet {tn.__version__}")
    top = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    explain = _command(
        top,
        "explain",
        "train a network, or load one, and write a page that explains it",
        f"{_models()}\n\n{EXPLAIN_EXAMPLES}",
        commands.explain,
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
        type=parsing.natural,
        default=0,
        help="of the split, the weights and the order of the images (default: %(default)s)",
    )
    explain.add_argument(
        "--of", choices=PREDICTIONS, default="logit", help="what the gradients are of (default: %(default)s)"
    )
    explain.add_argument(
        "--out", metavar="PATH", type=Path, help="folder to write to (default: explained); with --image the figure"
    )
    single = explain.add_mutually_exclusive_group()
    single.add_argument("--image", metavar="FILE", type=Path, nargs="+", help="explain pictures, in a figure, no page")
    single.add_argument("--misclassified", action="store_true", help="explain test images that are, in a figure")
    explain.add_argument("--resume", action="store_true", help="go on with training that was interrupted")

    inspect = _command(
        top,
        "inspect",
        "see what does no work in a network, with advice for its design",
        INSPECT_EXAMPLES,
        commands.inspect,
    )
    inspect.add_argument("net", metavar="NET", help="a saved network")
    inspect.add_argument("--data", default="faces", help="a data set, see `data list` (default: %(default)s)")
    _take_pictures(inspect)
    inspect.add_argument(
        "--images", type=parsing.positive, default=500, help="how many are looked at, at most (default: %(default)s)"
    )
    inspect.add_argument("--evidence", metavar="MASK", help="name of the data set's mask of what matters")
    inspect.add_argument(
        "--seed", type=parsing.natural, default=0, help="of the choice of images (default: %(default)s)"
    )
    inspect.add_argument(
        "--out",
        metavar="FILE",
        type=parsing.file,
        default=Path("inspected.html"),
        help="page to write (default: %(default)s)",
    )

    data = _command(top, "data", "list, fetch, check or look at data sets", DATA_EXAMPLES)
    data_commands = data.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _command(data_commands, "list", "every data set, with its licence and citation", DATA_EXAMPLES, commands.list_data)
    get = _command(data_commands, "get", "fetch a data set that may be fetched", DATA_EXAMPLES, commands.get_data)
    get.add_argument("name", metavar="NAME", help=f"{', '.join(REMOTE)}; of others it says how to get them by hand")
    get.add_argument(
        "--into", metavar="DIR", type=Path, default=Path("data"), help="folder to put it in (default: %(default)s)"
    )
    get.add_argument("--from", dest="mirror", metavar="ADDRESS", help="another server's folder with the same files")
    check = _command(data_commands, "check", "is a folder what we expect?", DATA_EXAMPLES, commands.check_data)
    check.add_argument("place", metavar="DIR", help="the folder; mnist:DIR and so on say what it should be")
    show = _command(data_commands, "show", "draw some images of each class", DATA_EXAMPLES, commands.show_data)
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
        top, "picture", "draw what classes or units of a network want to see", PICTURE_EXAMPLES, commands.picture
    )
    picture.add_argument("--steps", type=parsing.positive, default=100, help="of the climb (default: %(default)s)")
    project = _command(
        top, "project", "draw weights, and what drives units in the data", PROJECT_EXAMPLES, commands.project
    )
    dream = _command(
        top, "dream", "let a layer see more in an image of whatever it sees", DREAM_EXAMPLES, commands.dream
    )
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
        command.add_argument("--seed", type=parsing.natural, default=0, help="of what is drawn (default: %(default)s)")
        hint = "to write (default: %(default)s)" + ("" if command is project else "; .gif shows how it arises")
        command.add_argument("--out", metavar="FILE", type=parsing.picture_file, default=Path(name), help=hint)

    check = _command(top, "check", "test a layer of yours against the laws of a layer", CHECK_EXAMPLES, commands.check)
    check.add_argument(
        "layer",
        type=parsing.layer,
        metavar="FILE:LAYER",
        help="a Python file and the layer's class in it, or two functions with a comma",
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
        type=parsing.axis,
        default=0,
        metavar="AXIS",
        help="where functions have the batch; none if they take one input, or one whole batch (default: %(default)s)",
    )
    check.add_argument("--seed", type=parsing.natural, default=0, help="of the inputs drawn (default: %(default)s)")

    study = _command(
        top,
        "study",
        "run the experiments of a source document, each claim beside our measurement",
        STUDY_EXAMPLES,
        commands.study,
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

    course = _command(top, "course", "lay out the course in a folder", COURSE_EXAMPLES, commands.course)
    course.add_argument("folder", metavar="DIR", type=Path, help="where chapters and exercises go")
    course.add_argument(
        "--teacher", action="store_true", help="solutions, typical mistakes and the class's grader, too"
    )

    claims = _command(top, "claims", "write the claims of studies as one short table", CLAIMS_EXAMPLES, commands.claims)
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
