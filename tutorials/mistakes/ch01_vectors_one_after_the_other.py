"""Caught by: test_ch01_vectors_run_row_after_row, test_ch01_vectors_hold_faces.

One long vector: the axis of the images is lost.
"""


def as_vectors(images):
    return images.ravel()
