"""Caught by: test_ch01_vectors_run_row_after_row, test_ch01_vectors_hold_faces.

The shape is right, but each vector takes pixels of all images in turn.
"""


def as_vectors(images):
    return images.reshape(-1, len(images)).T
