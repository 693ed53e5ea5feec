"""How networks of each shape are trained: the steps and rates that were found to train them.

What was tried, on MNIST, with the authors' weights, batches of 100 and no momentum (test accuracy after ten
epochs; one seed unless it says so):

- One hidden layer, the authors' step of 100: rates 0.02, 0.05, 0.1 and 0.5 give 128 units 92.4, 94.3, 95.5 and 96.1 %.
  Few units want a shorter step: 16 units reach 91.2 % with step 100 and rate 0.1, 92.0 % with step 30 and rate 0.3.
- Two hidden layers: the step of 100 leaves 16-16 at 10 %, 30 gives 87.7 %, 15 gives 91.7 %; 32-32 reaches 94.9 %.
- Three hidden layers of 128: steps of 3 do not train at all, 8 gives 40 % after an epoch, 10 gives 84 % after ten, 20
  gives 97.2 %. Of 512: 10 does not train, 20 to 30 give 94.6 % after three epochs, 25 with rate 0.001 gives 86 %
  after ten. Of 1024, with step 25 after two epochs: 87 % with rate 0.01, 69 % with rate 0.002. A layer multiplies what
  comes down by about the step times f' times the size of its weights, and that wants to be near 1.
- Three hidden layers of 16: 35 runs with random steps (6 to 60) and rates (0.003 to 1), half of them with a momentum of
  0.9, and 36 around the best. Step 10 with rate 0.1 or 0.15 was best: 80 to 90 %, by seed. Momentum did not help, nor
  did rates that fall to 0. Repeated steps (the authors' `period`, 2 to 10) gave 90 % at best.
- Three hidden layers of 8: 35 such random runs stayed below 58 %, further ones below 74 %, repeated steps below 83 %.
- Started at the activation instead of at zero, which is backpropagation with the delta of a layer scaled by a power of
  the step, three layers of 16 reach 93.4 % (step 2, rate 1; 91 % with rate 0.3) and three of 8 reach 88 to 90 % (step
  1.5, rate 4; less with steps of 2 and 3 and rates of 1 to 5). So it is the pull to zero, strong beside a target that
  few units send down, that keeps narrow deep networks from the paper's numbers; these shapes are trained both ways.
"""

from __future__ import annotations

from typing import NamedTuple

from tinynet.targets import GradientTargets


class Setting(NamedTuple):
    """How a network is trained by target propagation.

    Attributes
    ----------
    tau : float
        Length of the step that makes targets.
    rate : float
        Learning rate.
    start : {"zero", "activation"}
        Where the step starts: at zero as in the authors' program, or at the activation.
    """

    tau: float
    rate: float
    start: str = "zero"

    @property
    def rule(self) -> GradientTargets:
        """How targets are made."""
        return GradientTargets(self.tau, self.start)

    def __str__(self) -> str:
        start = "" if self.start == "zero" else " from the activation"
        return f"step {self.tau:g}{start}, rate {self.rate:g}"


def _settings(tau: float, *rates: float, start: str = "zero") -> tuple[Setting, ...]:
    """Return settings that differ in the rate alone, the one to begin with first."""
    return tuple(Setting(tau, rate, start) for rate in rates)


ONE, TWO, THREE = (0.02, 0.1, 0.5), (0.03, 0.1, 0.01), (0.03, 0.01, 0.1)
SETTINGS = {
    (8,): _settings(30, 0.1, 0.03, 0.3),
    (16,): _settings(30, 0.3, 0.1, 1.0),
    (32,): _settings(30, 0.1, 0.5, 0.03),
    (64,): _settings(100, *ONE),
    (128,): _settings(100, *ONE),
    (256,): _settings(100, *ONE),
    (512,): _settings(100, *ONE),
    (1024,): _settings(100, *ONE),
    (8, 8): _settings(15, 0.1, 0.3, 0.03),
    (16, 16): _settings(15, 0.1, 0.3, 0.03),
    (32, 32): _settings(15, 0.1, 0.3, 0.03),
    (64, 64): _settings(30, *TWO),
    (128, 128): _settings(30, *TWO),
    (256, 256): _settings(30, *TWO),
    (512, 512): _settings(30, *TWO),
    (1024, 1024): _settings(30, *TWO),
    (8, 8, 8): _settings(8, 0.15, 0.3, 0.05),
    (16, 16, 16): _settings(10, 0.15, 0.3, 0.05),
    (32, 32, 32): _settings(15, 0.1, 0.3, 0.03),
    (64, 64, 64): _settings(20, 0.1, 0.03, 0.01),
    (128, 128, 128): _settings(20, *THREE),
    (256, 256, 256): _settings(20, *THREE),
    (512, 512, 512): _settings(25, 0.005, 0.0008),
    (1024, 1024, 1024): _settings(25, 0.01, 0.003),
}
FROM_ACTIVATION = {
    (8, 8, 8): _settings(1.5, 4.0, 2.0, start="activation"),
    (16, 16, 16): _settings(2, 1.0, 0.3, 3.0, start="activation"),
}
