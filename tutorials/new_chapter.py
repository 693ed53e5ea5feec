"""What a new chapter begins with: each file in the form that it has to have, with a placeholder where a thought goes.

Its three exercises are small and whole, so that everything runs from the start: replace them one by one.
"""

from __future__ import annotations

from pathlib import Path

TITLE = "A title"
EXERCISES = {  # function: title, formula, the slip that is caught
    "doubled": ("Twice", "2 * x", "x + 2"),
    "squared": ("The square", "x * x", "2 * x"),
    "halved": ("Half", "x / 2", "x // 2"),
}

CHAPTER = """# %% [markdown]
# # {n} {title}
#
# | | |
# | --- | --- |
# | **Where you are** | What the chapter before left open, and which question this one answers. |
# | **You will do** | ... |
# | **You will learn** | ... |
# | **You need** | ... |
# | **Time** | 60 minutes with the exercises |
#
# A paragraph that makes the reader want the answer.

# %%
import matplotlib.pyplot as plt
import numpy as np

from exercises.grading import check
{sections}
# %% [markdown]
# ## In five lines
#
# - What the reader now knows, with the numbers that this chapter measured.
# - ...
# - ...
# - ...
# - ...
#
# ## On your own
#
# - ...
#
# ## Further reading
#
# - ...
#
# ## What this chapter claims

# %%
{claims}
"""
SECTION = """
# %% [markdown]
# ## {n}.{k} {title}
#
# The derivation.
#
# > **Before you run the next cell.** What will the cell show?
# > <details><summary>A thought that helps</summary>The answer, which is what the cell shows.</details>

# %%
x = np.arange(5.0)
{function} = {formula}
fig, ax = plt.subplots(figsize=(4, 3), layout="constrained")
ax.plot(x, {function})
ax.set(title="{title}", xlabel="x", ylabel="{formula}")
plt.show()

# %% [markdown]
# What the figure shows, in words.
#
# > **Exercise {n}.{k}** (★☆☆, 5 minutes) Write `{function}(x)`.
# >
# > <details><summary>Hint 1</summary>What to think of.</details>
# > <details><summary>Hint 2</summary>The formula, or the function of NumPy.</details>
# > <details><summary>Hint 3</summary>Nearly the line, in words.</details>

# %%
check("{n}.{k}")
"""
SOLUTIONS = '''"""Chapter {n}, {title}: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch{n}.py`` says what is solved, what is wrong, and what you have not tried yet.
"""
'''
SOLUTION = '''

def {function}(x):
    """Exercise {n}.{k}: {title}.

    Return {formula} for an array x.
    """
    # BEGIN SOLUTION
    return {formula}
    # END SOLUTION
'''
GRADERS = '''"""Grades chapter {n}: {title}."""

import numpy as np
import pytest
'''
GRADER = '''

@pytest.mark.exercise("{n}.{k}")
def test_ch{n}_{function}(student, rng):
    """{function}(x) = {formula}, entry by entry."""
    x = rng.standard_normal((2, 3))
    np.testing.assert_allclose(student.{function}(x), {formula})
'''
MISTAKE = '''"""Caught by: test_ch{n}_{function}.

What somebody has in mind who writes this.
"""


def {function}(x):
    return {slip}
'''


def files(number: int, title: str = TITLE) -> dict[str, str]:
    """Return the files of a new chapter: their texts by their paths in the folder of the course."""
    n = f"{number:02}"
    word = "_".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())
    each = [
        {"n": n, "k": k, "function": function, "title": name, "formula": formula, "slip": slip}
        for k, (function, (name, formula, slip)) in enumerate(EXERCISES.items(), start=1)
    ]
    sections = "".join(SECTION.format(**one) for one in each)
    claims = "\n".join("assert np.array_equal({function}, {formula})".format(**one) for one in each)
    found = {
        f"{n}_{word}.py": CHAPTER.format(n=n, title=title, sections=sections, claims=claims),
        f"solutions/ch{n}.py": SOLUTIONS.format(n=n, title=title) + "".join(SOLUTION.format(**one) for one in each),
        f"exercises/test_ch{n}.py": GRADERS.format(n=n, title=title) + "".join(GRADER.format(**one) for one in each),
    }
    return found | {f"mistakes/ch{n}_{one['function']}.py": MISTAKE.format(**one) for one in each}


def write(folder: Path, number: int, title: str = TITLE) -> list[Path]:
    """Write the files of a new chapter and return their paths.

    Raises
    ------
    FileExistsError
        If one of them is there already, or another chapter of this number; nothing is written then.
    """
    texts = {folder / name: text for name, text in files(number, title).items()}
    there = [*folder.glob(f"{number:02}_*.py"), *(path for path in texts if path.exists())]
    if there:
        raise FileExistsError(f"there is a chapter {number} already: {there[0]}")
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return list(texts)
