"""Colours for everybody: those of Okabe and Ito, and grey.

With cividis for maps, a figure reads the same for colour-blind people and in grey print.
"""

DARK, BOARD = "#2b3038", "#dbe3ec"
BLUE, ORANGE, VERMILLION, SKY, GREY = "#0072B2", "#E69F00", "#D55E00", "#56B4E9", "#6b7280"
GREEN, PURPLE = "#009E73", "#CC79A7"
FEW = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE)  # colours of a few lines, told apart by markers too
MARKERS = ("o", "s", "^", "D", "v")
