"""What setup.cfg cannot say: the course is built into the package, for ``python -m tinynet course``."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

TUTORIALS = Path("tutorials")
COURSE = ("*.py", "*.md", "exercises/*.py", "solutions/*.py", "mistakes/*.py", "variants/*.py", "web/static/slides.*")


class WithCourse(build_py):
    """Build the package, and put what belongs to the course into ``tinynet/tutorials``."""

    def run(self):
        """Copy, after the package, what PARTS of ``tinynet.course`` choose from."""
        super().run()
        if self.editable_mode:  # there the course lies beside the package
            return
        for pattern in COURSE:
            for path in sorted(TUTORIALS.glob(pattern)):
                place = Path(self.build_lib, "tinynet", path)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)


setup(cmdclass={"build_py": WithCourse})
