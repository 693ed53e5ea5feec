"""Caught by: test_ch06_along_diagonals_law.

The first place of each weight, instead of all of its diagonal.
"""


def along_diagonals(dT, shape, th, tw):
    filters, channels, kh, kw = shape
    dT = dT.reshape(filters, th, tw, th + kh - 1, tw + kw - 1, channels)
    return dT[:, 0, 0, :kh, :kw].transpose(0, 3, 1, 2)
