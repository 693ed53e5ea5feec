"""Image files of any usual format, read without trusting them: each becomes bytes of one size, or one clear error."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from tinynet.arguments import boolean, one_of, shown, whole_number
from tinynet.datasets.dataset import DataError, check_file, data_errors
from tinynet.progress import progress_bar

if TYPE_CHECKING:
    from PIL import Image

FORMATS = "AVIF BMP DIB GIF ICO JPEG JPEG2000 PCX PNG PPM SGI TIFF WEBP".split()
"""Those of pictures: others that Pillow knows run programs, or hold much more than a picture."""
MOST_PIXELS = 40_000_000  # of a picture as it is in its file
MOST_SIDE = 4096  # of a picture that is asked for
MOST_TOLD = 5  # damaged pictures that an error names
FITS = ("crop", "pad", "stretch")
T = TypeVar("T")


def has_image_ending(file: Path) -> bool:
    """Whether the name of a file ends as that of an image.

    Parameters
    ----------
    file : path
        Of any file; it is not opened.
    """
    from PIL import Image

    Image.init()
    return Image.EXTENSION.get(file.suffix.lower()) in FORMATS


def is_image(file: Path) -> bool:
    """Whether the content of a file begins as that of an image.

    Parameters
    ----------
    file : path
        Of any file; only its first bytes are read.
    """
    try:
        with _opened(file):
            return True
    except DataError:
        return False


def usual_size(files: Sequence[Path], longest: int) -> tuple[int, int]:
    """Return the height and width of images that have the shape of most pictures: the median of height to width.

    Parameters
    ----------
    files : sequence of path
        The pictures.
    longest : int
        The longer of the two sides, in pixels.
    """
    sides = np.array(list(_of_each(files, _sides)))
    ratio = float(np.median(sides[:, 0] / sides[:, 1]))
    height, width = min(ratio, 1), min(1 / ratio, 1)
    return max(round(longest * height), 1), max(round(longest * width), 1)


def _sides(file: Path) -> tuple[int, int]:
    """Return the height and width of a picture as it is seen; its pixels are not read."""
    from PIL import ExifTags

    with _opened(file) as image:
        lies = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
        return (image.width, image.height) if lies else (image.height, image.width)


def read_images(
    files: Sequence[Path], size: tuple[int, int], *, grey: bool, task: str, fit: str = "stretch"
) -> NDArray[np.uint8]:
    """Read image files, resized, with a progress bar on a terminal.

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
    fit : {"crop", "pad", "stretch"}
        What is done with a picture of another shape than `size`: its middle is cut out, or black is added around it,
        or it is stretched.

    Returns
    -------
    ndarray of shape (len(files), 1 or 3, *size)
        Bytes.

    Raises
    ------
    DataError
        If a file is no image, a damaged one, or one of more than `MOST_PIXELS`; the message names it.
    """
    images = np.empty((len(files), *image_shape(size, grey)), np.uint8)
    for image, pixels in zip(images, each_image(files, size, grey=grey, task=task, fit=fit), strict=True):
        image[...] = pixels
    return images


def each_image(
    files: Sequence[Path],
    size: tuple[int, int],
    *,
    grey: bool,
    task: str,
    fit: str = "stretch",
    box: tuple[float, float, float, float] | None = None,
) -> Iterator[NDArray[np.uint8]]:
    """Read image files one after the other, as :func:`read_images` does all together.

    Parameters
    ----------
    files, size, grey, task, fit
        As for :func:`read_images`.
    box : tuple of float, optional
        Left, upper, right and lower edge of the part of every picture that is read and stretched to `size`, in shares
        of its width and height.

    Yields
    ------
    ndarray of shape (1 or 3, *size)
        Bytes.
    """
    shape = image_shape(size, grey)
    with data_errors("images"):
        one_of("fit", fit, FITS)
    read = partial(_read_image, size=(shape[2], shape[1]), mode="L" if grey else "RGB", fit=fit, box=box)
    for pixels in _of_each(progress_bar(files, desc=task, unit="image", leave=False), read):
        yield pixels.reshape(*shape[1:], shape[0]).transpose(2, 0, 1)


def _of_each(files: Iterable[Path], read: Callable[[Path], T]) -> Iterator[T]:
    """Yield what is read from each file; behind the first damaged one nothing, but the error names all of them."""
    faults: list[DataError] = []
    for file in files:
        try:
            found = read(file)
        except DataError as fault:
            faults.append(fault)
        else:
            if not faults:
                yield found
    if len(faults) > 1:
        told = "; ".join([*map(str, faults[:MOST_TOLD]), *["..."] * (len(faults) > MOST_TOLD)])
        raise DataError(f"{len(faults)} pictures: {told}") from faults[0]
    if faults:
        raise faults[0]


def image_shape(size: tuple[int, int], grey: bool) -> tuple[int, int, int]:
    """Return the shape of an image, (1 or 3, *size), having checked what was asked for.

    Parameters
    ----------
    size : tuple of int
        Height and width in pixels.
    grey : bool
        Whether it has one channel of grey, or three of red, green and blue.
    """
    if not isinstance(size, (tuple, list)) or len(size) != 2:
        raise DataError(f"the size of the images is {shown(size)}, expected a height and a width")
    with data_errors("the size of the images"):
        height, width = (
            whole_number(side, length, 1, MOST_SIDE) for side, length in zip(("height", "width"), size, strict=True)
        )
    with data_errors("images"):
        return 1 if boolean("grey", grey) else 3, height, width


def _read_image(
    file: Path, size: tuple[int, int], mode: str, fit: str, box: tuple[float, float, float, float] | None
) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps

    with _opened(file) as image:
        upright = ImageOps.exif_transpose(image)
        opaque = _opaque(_eight_bit(upright, image.format, file), mode)
        if box is not None:
            (left, upper, right, lower), (width, height) = box, opaque.size
            part = (left * width, upper * height, right * width, lower * height)
            fitted = opaque.resize(size, Image.Resampling.LANCZOS, part)
        elif fit == "stretch":
            fitted = opaque.resize(size, Image.Resampling.LANCZOS)
        else:
            fitted = (ImageOps.fit if fit == "crop" else _padded)(opaque, size, Image.Resampling.LANCZOS)
        return np.asarray(fitted, np.uint8)


def _padded(image: Image.Image, size: tuple[int, int], method: Image.Resampling) -> Image.Image:
    """Return the whole image, undistorted, in the middle of a black one of a size."""
    from PIL import Image

    scale = min(size[0] / image.width, size[1] / image.height)
    width, height = max(round(scale * image.width), 1), max(round(scale * image.height), 1)
    page = Image.new(image.mode, size)
    page.paste(image.resize((width, height), method), ((size[0] - width) // 2, (size[1] - height) // 2))
    return page


class _Whole(io.FileIO):
    """A file of which no more is asked for than there is: room for as many bytes as it claims to have may not be."""

    def read(self, size: int | None = -1) -> bytes:
        """Read so many bytes, or what is left."""
        left = max(os.fstat(self.fileno()).st_size - self.tell(), 0)
        return super().read(left if size is None or size < 0 else min(size, left)) or b""


@contextmanager
def _opened(file: Path) -> Iterator[Image.Image]:
    """Open an image; whatever is raised over a damaged one becomes a DataError that names it."""
    from PIL import Image, UnidentifiedImageError

    Image.init()
    if os.path.lexists(file):
        check_file(file)  # a pipe would be waited for
    with data_errors("image", file), warnings.catch_warnings():
        # Odd metadata is no reason to complain about a picture that can be seen.
        warnings.simplefilter("ignore")
        with _Whole(file) as whole:
            try:
                image = Image.open(whole, formats=[name for name in FORMATS if name in Image.OPEN])
            except UnidentifiedImageError:
                raise DataError(f"{str(file)!r} is not an image, whatever its name says") from None
            if image.width * image.height > MOST_PIXELS:
                raise DataError(
                    f"the image {str(file)!r} is {image.width} x {image.height} pixels large, expected at most "
                    f"{MOST_PIXELS // 10**6} million pixels"
                )
            yield image


def _eight_bit(image: Image.Image, form: str | None, file: Path) -> Image.Image:
    """Return a grey image of 16 bits or floats with 8 bits, where Pillow's own conversion would clip, not scale."""
    from PIL import Image

    if image.mode == "F":
        levels = np.asarray(image)
        low, high = levels.min(), levels.max()
        if not 0 <= low <= high <= 1:
            raise DataError(f"the image {str(file)!r} reaches from {low:g} to {high:g}, expected 0 (black) to 1")
        return Image.fromarray(np.rint(levels * np.float32(255)).astype(np.uint8))
    if not image.mode.startswith("I"):
        return image
    if image.mode == "I" and form == "TIFF":
        raise DataError(f"the image {str(file)!r} has 32 bits a pixel, expected 8 or 16 bits, or floats from 0 to 1")
    levels = np.asarray(image)
    return Image.fromarray(np.clip(levels // 257, 0, 255).astype(np.uint8))


def _opaque(image: Image.Image, mode: str) -> Image.Image:
    """Return the image in a mode without transparency, on white, as a page would show it."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert(mode)
    coloured = image.convert("RGBA")
    page = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(page, coloured).convert(mode)
