"""Find a layer in somebody's file: ``my_layers.py:Softplus``, ``my_layers.py:Dense(5)``, or a pair of functions."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from tinynet.arguments import unknown
from tinynet.layers.base import Layer
from tinynet.testing.adapters import Params, from_autograd, from_functions, from_object
from tinynet.testing.outcomes import FOREIGN


def load_layer(spec: str, params: Params | None = None, extra: Any = (), *, batch_axis: int | None = 0) -> Layer:
    """Make a layer of a class, or of two functions, in a file.

    Parameters
    ----------
    spec : str
        The file and the class, such as ``my_layers.py:Softplus``; arguments are plain values, as in
        ``my_layers.py:Dense(5, bias=False)``. Or the file and two functions, forward and backward, as in
        ``layers.py:affine_forward,affine_backward``.
    params : mapping of str to shape or ndarray, optional
        Of what is no :class:`tinynet.Layer` (functions, objects that keep their input, PyTorch's functions): the
        parameters. Where only a shape is given they are drawn.
    extra : object
        Of functions: further arguments of `forward`, as :func:`from_functions` hands them on.
    batch_axis : int or None
        Of functions: where inputs and outputs have their batch axis; None if they take one input at a time.

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
    file, separator, call = str(spec).partition(".py:")
    if not separator or not call:
        raise ValueError(
            f"got {spec!r}, expected FILE.py:CLASS, such as my_layers.py:Softplus or my_layers.py:Dense(5), or "
            f"FILE.py:FORWARD,BACKWARD for two functions"
        )
    path = Path(f"{file}.py")
    names = [name.strip() for name in call.split(",")]
    if len(names) == 2 and all(name.isidentifier() for name in names):
        module = _imported(path)
        forward, backward = (_found(module, path, name, "function", _is_function) for name in names)
        return from_functions(forward, backward, params, extra, batch_axis=batch_axis)
    name, arguments, settings = _parsed(call)
    kind = _found(_imported(path), path, name, "class", _is_layer_class)
    if _is_autograd(kind):
        return from_autograd(kind, params, extra, batch_axis=batch_axis)
    if params:
        raise ValueError(f"{path}: {name} has parameters of its own: params goes with functions")
    try:
        inspect.signature(kind).bind(*arguments, **settings)
    except TypeError as error:
        wanted = f"{name}{inspect.signature(kind)}"
        raise ValueError(f"{path}: {name} cannot be made so: {error}; it takes {wanted}") from error
    try:
        made = kind(*arguments, **settings)
    except FOREIGN as error:
        raise ValueError(f"{path}: {call} raised {_told(error)}") from error
    return made if isinstance(made, Layer) else from_object(made, extra, batch_axis=batch_axis)


def load_function(spec: str) -> Callable[..., Any]:
    """Return a function in a file.

    Parameters
    ----------
    spec : str
        The file and the function, such as ``my_methods.py:my_method``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it does not import, or has no such function.
    """
    file, separator, name = str(spec).partition(".py:")
    if not separator or not name.isidentifier():
        raise ValueError(f"got {spec!r}, expected FILE.py:FUNCTION, such as my_methods.py:my_method")
    path = Path(f"{file}.py")
    found: Callable[..., Any] = _found(_imported(path), path, name, "function", _is_function)
    return found


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
    source = importlib.util.spec_from_file_location(f"checked_{path.stem}", path)
    if source is None or source.loader is None:
        raise ValueError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(source)
    sys.modules[module.__name__] = module  # where dataclasses look names up
    try:
        with _importing_from(path.resolve().parent):
            source.loader.exec_module(module)
    except FOREIGN as error:
        del sys.modules[module.__name__]
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


def _found(module: ModuleType, path: Path, name: str, what: str, fits: Callable[[Any], bool]) -> Any:
    found = getattr(module, name, None)
    if found is None:
        own = [key for key, value in vars(module).items() if fits(value)]
        if own:
            raise ValueError(f"{path}: {unknown(what, name, own)}")
        raise ValueError(f"{path}: has no {what} {name}; it defines no {'layer' if what == 'class' else what}")
    if not fits(found):
        hint = f"it should start with class {name}(tn.Layer), or have forward(x) and backward(dout)"
        raise ValueError(
            f"{path}: {name} is not a layer: {hint}" if what == "class" else f"{path}: {name} is not a function"
        )
    return found


def _is_function(value: Any) -> bool:
    return callable(value) and not isinstance(value, type)


def _is_layer_class(value: Any) -> bool:
    passes = all(hasattr(value, name) for name in ("forward", "backward"))
    return isinstance(value, type) and value is not Layer and passes


def _is_autograd(kind: type) -> bool:
    """Return whether a class is one of PyTorch's functions, which no file can define without importing it."""
    torch = sys.modules.get("torch")
    return torch is not None and issubclass(kind, torch.autograd.Function)


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
