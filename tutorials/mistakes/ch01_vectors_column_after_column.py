"""Caught by: test_ch01_vectors_run_row_after_row, test_ch01_vectors_hold_faces.

Column after column: the faces lie on their sides.
"""


def as_vectors(images):
    return images.swapaxes(2, 3).reshape(len(images), -1)
