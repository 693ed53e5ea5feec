"""Pictures of the user's own: a folder that holds one folder of image files for each class."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tinynet.datasets.dataset import DataError, Dataset, PathLike, check_classes, existing, grey_levels

if TYPE_CHECKING:
    from PIL import Image

USAGE = "folder:DIR"
DESCRIPTION = "Your own pictures: the folder DIR holds one folder of image files for each class"
LICENCE = "that of the pictures"
CITATION = ""


def load(folder: PathLike, size: tuple[int, int] = (60, 60), grey: bool = True) -> Dataset:
    """Read the pictures of a folder of folders; the names of these are the classes.

    Parameters
    ----------
    folder : str or path
        Holds one folder for each class. Hidden files are left out, and so are files that neither are pictures nor
        have the ending of one.
    size : tuple of int
        Height and width, in pixels, to which every picture is resized as a whole.
    grey : bool
        Whether to read one channel of grey, or three of red, green and blue.

    Returns
    -------
    Dataset
        Images of shape (N, 1 or 3, *size), ordered by class and file name; attribute "file" holds their paths.

    Raises
    ------
    DataError
        If the folder is missing or has fewer than two classes, a class is empty, or a picture cannot be read.
    """
    path = existing(folder, "folder")
    class_folders = [entry for entry in _visible(path) if entry.is_dir()]
    if len(class_folders) < 2:
        found = f"only {class_folders[0].name!r}" if class_folders else "none"
        raise DataError(f"folder: {str(path)!r} should hold a folder for each of at least two classes, found {found}")
    files = [_image_files(class_folder) for class_folder in class_folders]
    together = [file for of_class in files for file in of_class]
    return check_classes(
        Dataset(
            name=path.resolve().name,
            x=grey_levels(read_images(together, size, grey, f"reading {path.name}")),
            labels=np.repeat(np.arange(len(files)), [len(of_class) for of_class in files]),
            classes=tuple(class_folder.name for class_folder in class_folders),
            attributes={"file": np.array([file.relative_to(path).as_posix() for file in together])},
            licence=LICENCE,
            citation=CITATION,
            description=f"The pictures of the folder {path.name}",
        )
    )


def _visible(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _image_files(folder: Path) -> list[Path]:
    files = [entry for entry in _visible(folder) if entry.is_file() and _claims_to_be_image(entry)]
    if not files:
        raise DataError(f"folder: the class folder {str(folder)!r} holds no image file")
    return files


def _claims_to_be_image(file: Path) -> bool:
    """Whether a file has the ending of an image, or its content."""
    from PIL import Image

    Image.init()
    if Image.EXTENSION.get(file.suffix.lower()) in Image.OPEN:
        return True
    try:
        with _opened(file):
            return True
    except DataError:
        return False


def read_images(files: Sequence[Path], size: tuple[int, int], grey: bool, task: str) -> NDArray[np.uint8]:
    """Read image files of any format, resized, with a progress bar on a terminal.

    Parameters
    ----------
    files : sequence of path
        The files.
    size : tuple of int
        Height and width in pixels.
    grey : bool
        Whether to read one channel of grey, or three of red, green and blue.
    task : str
        What the progress bar says.

    Returns
    -------
    ndarray of shape (len(files), 1 or 3, *size)
        Bytes.

    Raises
    ------
    DataError
        If a file is no image, or a damaged one; the message names it.
    """
    from tqdm import tqdm

    if len(size) != 2 or min(size) < 1:
        raise DataError(f"the size of the images is {size}, expected a height and a width of at least 1")
    images = np.empty((len(files), 1 if grey else 3, *size), np.uint8)
    progress: Iterable[Path] = tqdm(files, desc=task, unit="image", leave=False, disable=None)
    for image, file in zip(images, progress, strict=True):
        pixels = _read_image(file, size, "L" if grey else "RGB")
        image[...] = pixels.reshape(*size, -1).transpose(2, 0, 1)
    return images


def _read_image(file: Path, size: tuple[int, int], mode: str) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps

    height, width = size
    with _opened(file) as image:
        upright = ImageOps.exif_transpose(image)
        resized = _opaque(_eight_bit(upright), mode).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(resized, np.uint8)


@contextmanager
def _opened(file: Path) -> Iterator[Image.Image]:
    """Open an image; whatever Pillow raises over a damaged one becomes a DataError that names it."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Odd metadata is no reason to complain about a picture that can be seen.
            warnings.simplefilter("ignore")
            with Image.open(file) as image:
                yield image
    except UnidentifiedImageError:
        raise DataError(f"{str(file)!r} is not an image, whatever its name says") from None
    except (
        OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error,
        Image.DecompressionBombError,
    ) as error:  # fmt: skip
        raise DataError(f"the image {str(file)!r} cannot be read, it may be truncated: {error}") from error


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return a 16-bit grey image with 8 bits; Pillow's own conversion would clip instead of scaling."""
    from PIL import Image

    if not image.mode.startswith("I"):
        return image
    levels = np.asarray(image).astype(np.int64)
    return Image.fromarray(np.clip(levels // 257, 0, 255).astype(np.uint8))


def _opaque(image: Image.Image, mode: str) -> Image.Image:
    """Return the image in a mode without transparency, on white, as a page would show it."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert(mode)
    coloured = image.convert("RGBA")
    page = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(page, coloured).convert(mode)
