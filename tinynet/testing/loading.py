"""Find a layer in somebody's file: ``my_layers.py:Softplus`` or ``my_layers.py:Dense(5)``."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from tinynet.layers.base import Layer


def load_layer(spec: str) -> Layer:
    """Make a layer of a class in a file.

    Parameters
    ----------
    spec : str
        The file and the class, such as ``my_layers.py:Softplus``; arguments are plain values, as in
        ``my_layers.py:Dense(5, bias=False)``.

    Returns
    -------
    Layer

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it does not import, has no such class, the class is no layer, or cannot be made with these arguments.

    Examples
    --------
    >>> from tinynet.testing import load_layer
    >>> load_layer("missing.py:Softplus")
    Traceback (most recent call last):
        ...
    FileNotFoundError: missing.py: no such file
    """
    file, separator, call = spec.partition(".py:")
    if not separator or not call:
        raise ValueError(
            f"got {spec!r}, expected FILE.py:CLASS, such as my_layers.py:Softplus or my_layers.py:Dense(5)"
        )
    path = Path(f"{file}.py")
    name, arguments, settings = _parsed(call)
    kind = _layer_class(_imported(path), path, name)
    try:
        inspect.signature(kind).bind(*arguments, **settings)
    except TypeError as error:
        wanted = f"{name}{inspect.signature(kind)}"
        raise ValueError(f"{path}: {name} cannot be made so: {error}; it takes {wanted}") from error
    try:
        return kind(*arguments, **settings)
    except Exception as error:  # whatever a student's class raises is told, not shown as a traceback
        raise ValueError(f"{path}: {call} raised {_told(error)}") from error


def _parsed(call: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Return the name and the literal arguments of a call expression; a bare name has none."""
    try:
        expression = ast.parse(call, mode="eval").body
        if isinstance(expression, ast.Name):
            return expression.id, [], {}
        if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name):
            arguments = [ast.literal_eval(argument) for argument in expression.args]
            settings = {keyword.arg: ast.literal_eval(keyword.value) for keyword in expression.keywords if keyword.arg}
            if len(settings) == len(expression.keywords):
                return expression.func.id, arguments, settings
    except (SyntaxError, ValueError):
        pass
    raise ValueError(
        f"got {call!r}, expected a class with plain values as arguments, such as Dense(5) or Conv(3, (2, 2))"
    )


def _imported(path: Path) -> ModuleType:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    source = importlib.util.spec_from_file_location(path.stem, path)
    if source is None or source.loader is None:
        raise ValueError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(source)
    try:
        with _importing_from(path.resolve().parent):
            source.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ValueError(f"{path}: does not import: {_told(error)}{_line(error, path)}") from error
    return module


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Let the file import its neighbours, as it could if it were run."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _layer_class(module: ModuleType, path: Path, name: str) -> type[Layer]:
    found = getattr(module, name, None)
    if found is None:
        own = [key for key, value in vars(module).items() if isinstance(value, type) and issubclass(value, Layer)]
        near = get_close_matches(name, own) or own
        hint = f"did you mean {', '.join(near)}?" if near else "it defines no layer"
        raise ValueError(f"{path}: has no class {name}; {hint}")
    if not isinstance(found, type) or not issubclass(found, Layer):
        raise ValueError(f"{path}: {name} is not a layer: it should start with class {name}(tn.Layer)")
    return found


def _line(error: BaseException, path: Path) -> str:
    """Return where in the file an import failed; a SyntaxError says so itself."""
    lines = []
    step = error.__traceback__
    while step is not None:
        if Path(step.tb_frame.f_code.co_filename).resolve() == path.resolve():
            lines.append(step.tb_lineno)
        step = step.tb_next
    return f" (line {lines[-1]})" if lines else ""


def _told(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
