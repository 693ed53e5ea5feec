"""Who is drawn and how: 15 people as tables of measures, 11 conditions as tables of expressions and lights."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Person:
    """One identity, as a table of measures.

    Parameters
    ----------
    name, distinguishing, family : str
        Its name, the kind of its planted feature, and the name of the first of its look-alikes.
    skin, hair, iris, clothes : float
        Tones, 0 (black) to 1 (white); `lip_tone` is relative to the skin.
    hair_style : {"short", "curly", "long", "bob", "bald"}
        How the hair is worn.
    hairline, brow_level, eye_level, nose_tip, mouth_level, chin : float
        Heights, in pixels below the face's origin.
    face_width, jaw_width, chin_width, nose_width, mouth_width, eye_width, eye_gap : float
        Half-widths, and half the distance between the eyes, in pixels.
    eye_height, brow_weight, brow_arch, lips, ear_size, eye_tilt : float
        Further measures, in pixels; the size of the ears is relative, the tilt of the eyes a slope, upwards outside.
    beard, wears_glasses, round_glasses : bool
        A full beard; glasses unless a condition says otherwise, and the shape of the glass.
    age : float
        Depth of the lines of age, 0 to 1.
    """

    name: str
    distinguishing: str
    family: str = "Ben"
    skin: float = 0.72
    hair: float = 0.16
    hair_style: str = "short"
    hairline: float = -14.5
    face_width: float = 14.5
    jaw_width: float = 11.5
    chin_width: float = 5.5
    chin: float = 20.0
    ear_size: float = 1.0
    eye_level: float = -3.0
    eye_gap: float = 6.6
    eye_width: float = 3.6
    eye_height: float = 1.9
    eye_tilt: float = 0.05
    iris: float = 0.28
    brow_level: float = -7.2
    brow_weight: float = 0.8
    brow_arch: float = 1.3
    nose_tip: float = 5.2
    nose_width: float = 3.2
    mouth_level: float = 11.2
    mouth_width: float = 5.4
    lips: float = 1.5
    lip_tone: float = 0.72
    beard: bool = False
    age: float = 0.0
    wears_glasses: bool = False
    round_glasses: bool = True
    clothes: float = 0.35


_BEN = Person("Ben", "widow's peak")
_ADA = Person(
    "Ada", "bindi", "Ada", skin=0.66, hair=0.1, hair_style="long", face_width=13.6, jaw_width=10.0, chin_width=4.2,
    chin=19.2, hairline=-15.0, eye_width=3.9, eye_height=2.2, eye_tilt=0.1, brow_weight=0.55, brow_arch=1.9,
    nose_width=2.7, nose_tip=4.8, mouth_width=4.9, lips=1.9, lip_tone=0.58, clothes=0.55, ear_size=0.8,
)  # fmt: skip
_GUS = Person(
    "Gus", "forehead wrinkles", "Gus", skin=0.78, hair=0.42, hair_style="bald", face_width=14.8, jaw_width=12.6,
    chin_width=6.5, chin=20.6, ear_size=1.2, eye_height=1.6, eye_tilt=-0.06, brow_weight=0.95, brow_arch=0.8,
    nose_width=3.8, nose_tip=6.0, mouth_level=11.8, lips=1.1, beard=True, age=1.0, clothes=0.2,
)  # fmt: skip
_ELI = Person(
    "Eli", "cleft chin", "Eli", skin=0.5, hair=0.07, hair_style="curly", face_width=14.0, jaw_width=11.8, chin=20.2,
    eye_height=2.1, iris=0.14, brow_weight=0.8, brow_arch=1.0, nose_width=4.2, nose_tip=5.4, mouth_width=6.0, lips=2.3,
    lip_tone=0.8, clothes=0.75,
)  # fmt: skip
_FAY = Person(
    "Fay", "freckles", "Fay", skin=0.84, hair=0.5, hair_style="bob", hairline=-10.0, face_width=14.4, jaw_width=10.8,
    chin_width=4.4, chin=18.6, eye_gap=6.9, eye_width=3.8, eye_height=2.3, eye_tilt=0.02, iris=0.42, brow_weight=0.5,
    brow_arch=1.4, nose_width=2.6, nose_tip=4.4, mouth_level=10.4, mouth_width=4.6, lips=1.6, lip_tone=0.68,
    clothes=0.45, ear_size=0.8,
)  # fmt: skip

PEOPLE = (
    _ADA,
    _BEN,
    replace(_ADA, name="Cleo", distinguishing="hair parting", face_width=14.2, chin=19.8, eye_gap=7.0, brow_arch=1.5),
    replace(_BEN, name="Dev", distinguishing="eyebrow slit", nose_width=3.6, jaw_width=12.2, hairline=-15.5),
    _ELI,
    _FAY,
    _GUS,
    replace(
        _FAY, name="Hana", distinguishing="mole", wears_glasses=True, face_width=14.0, eye_tilt=0.1, hairline=-10.6
    ),
    replace(_BEN, name="Ivo", distinguishing="moustache", skin=0.76, chin=19.2, brow_level=-6.8),
    replace(_ELI, name="Jude", distinguishing="grey streak", skin=0.54, nose_width=3.8, chin=19.6),
    replace(
        _ELI,
        name="Kai",
        distinguishing="earring",
        mouth_width=5.5,
        jaw_width=11.0,
        skin=0.46,
        hairline=-13.4,
    ),
    replace(_FAY, name="Lea", distinguishing="dimples", wears_glasses=True, chin=19.4, hair=0.44, mouth_width=5.0),
    replace(_GUS, name="Max", distinguishing="birthmark", wears_glasses=True, round_glasses=False, nose_width=3.4),
    replace(_ADA, name="Nia", distinguishing="nose stud", lips=2.3, nose_tip=5.3, skin=0.62, hairline=-14.2),
    replace(_GUS, name="Otto", distinguishing="scar", wears_glasses=True, round_glasses=False, chin=19.8, age=0.6),
)


@dataclass(frozen=True)
class Condition:
    """One way of being pictured.

    Parameters
    ----------
    name : str
        What the Yale faces call it.
    light : str
        One of `LIGHTS`.
    glasses : bool or None
        Whether glasses are worn; None: as the person is used to.
    brow_raise, brow_worry : float
        How far the brows are lifted, and how far their inner ends are drawn up, in pixels.
    lids : tuple of float
        Upper lid of the left and the right eye in the picture: 0 is shut, 1 open, more is wide.
    smile : float
        From -1 (sad) to 1 (happy).
    mouth : {"closed", "teeth", "round"}
        What shows between the lips.
    gape, mouth_stretch : float
        How far the mouth is open, in pixels, and how wide it is, relative to the person's.
    """

    name: str
    light: str = "ambient"
    glasses: bool | None = None
    brow_raise: float = 0.0
    brow_worry: float = 0.0
    lids: tuple[float, float] = (1.0, 1.0)
    smile: float = 0.0
    mouth: str = "closed"
    gape: float = 0.0
    mouth_stretch: float = 1.0

    def shows_glasses(self, person: Person) -> bool:
        """Whether a person wears glasses in this condition."""
        return person.wears_glasses if self.glasses is None else self.glasses


CONDITIONS = (
    Condition("center-light", light="centre"),
    Condition("glasses", glasses=True),
    Condition("happy", smile=1.0, mouth="teeth", gape=2.0, mouth_stretch=1.32, lids=(0.72, 0.72), brow_raise=0.4),
    Condition("left-light", light="left"),
    Condition("no glasses", glasses=False),
    Condition("normal"),
    Condition("right-light", light="right"),
    Condition("sad", smile=-0.85, mouth_stretch=0.92, brow_worry=1.5, lids=(0.72, 0.72)),
    Condition("sleepy", lids=(0.0, 0.0), brow_raise=0.3, mouth_stretch=0.95),
    Condition("surprised", lids=(1.45, 1.45), brow_raise=2.3, mouth="round", gape=3.0, mouth_stretch=0.66),
    Condition("wink", lids=(1.0, 0.0), smile=0.55, mouth_stretch=1.1, brow_raise=-0.3),
)
