"""The drawn faces: what each picture holds is known, so it is checked against the pixels."""

import hashlib
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from tinynet.datasets import faces
from tinynet.datasets.drawn import shapes as drawing

PIXELS = "b9365a733804f0fc35cbcf9d5f49ea1587622a750d40108062c8dc8b4a469e90"
MASKS = "5c1c7e298ec159167f0073a6bc4814aeea07aa43451ad8870b27c2b61f2df081"
PERSONS, CONDITIONS = len(faces.PEOPLE), len(faces.CONDITIONS)
by_name = {person.name: person for person in faces.PEOPLE}
condition_named = {condition.name: condition for condition in faces.CONDITIONS}


@pytest.fixture(scope="module")
def people():
    return faces.load()


@pytest.fixture(scope="module")
def levels(people):
    """Grey levels, 0 to 255, of shape (165, 60, 60)."""
    return np.rint(people.x[:, 0] * 255).astype(int)


def grown(mask, by):
    """Return a mask, or each of a stack of masks, with a margin of `by` pixels around it."""
    cross = ndimage.generate_binary_structure(2, 1)
    return ndimage.binary_dilation(mask, cross[(None,) * (mask.ndim - 2)], iterations=by)


# -------------------------------------------------------------------------------------------------------- the set


def test_same_bits_everywhere(people):
    pixels = np.rint(people.x * 255).astype(np.uint8)
    masks = np.packbits(np.stack([people.masks[name] for name in sorted(people.masks)]))
    assert hashlib.sha256(pixels.tobytes()).hexdigest() == PIXELS
    assert hashlib.sha256(masks.tobytes()).hexdigest() == MASKS


def test_images_are_levels_between_black_and_white(people, levels):
    assert people.x.shape == (165, 1, 60, 60)
    assert people.x.dtype == np.float32
    np.testing.assert_array_equal(people.x[:, 0], np.divide(levels, 255, dtype=np.float32))
    assert levels.min() == 0
    assert levels.max() == 255
    assert len({picture.tobytes() for picture in people.x}) == 165, "two pictures are the same"


def test_each_person_once_in_each_condition(people):
    pairs = set(zip(people.labels.tolist(), people.attributes["condition"].tolist(), strict=True))
    assert pairs == set(product(range(15), condition_named))
    assert people.classes == tuple(person.name for person in faces.PEOPLE)
    assert len(set(people.classes)) == 15
    assert len(condition_named) == 11


def test_attributes_and_masks_cover_every_picture(people):
    for name, values in people.attributes.items():
        assert values.shape == (165,), name
        assert len(set(values.tolist())) > 1, f"{name} says the same of every picture"
    for name, masks in people.masks.items():
        assert masks.shape == (165, 60, 60), name
        assert masks.dtype == bool, name


def test_arrays_are_read_only_and_dictionaries_are_not_shared(people):
    for array in (people.x, people.labels, *people.attributes.values(), *people.masks.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    again = faces.load()
    assert again.masks is not people.masks
    assert again.attributes is not people.attributes
    np.testing.assert_array_equal(again.x, people.x)


def test_moments_follow_the_seed():
    def moments(seed):
        rng = np.random.Generator(np.random.PCG64(seed))
        return [faces.Moment.drawn(rng) for _ in range(3)]

    one, same, other = moments(1), moments(1), moments(2)
    assert [moment.pose for moment in one] == [moment.pose for moment in same]
    assert len({moment.pose for moment in one + other}) == 6
    np.testing.assert_array_equal(one[2].noise, same[2].noise)
    assert np.abs(one[0].noise - other[0].noise).max() > 0.01


# ---------------------------------------------------------------------------------------------- planted features


def test_nobody_shares_a_planted_feature(people):
    kinds = people.attributes["distinguishing"].reshape(PERSONS, CONDITIONS)
    assert all(len(set(row)) == 1 for row in kinds)
    assert len(set(kinds[:, 0])) == PERSONS


def test_planted_features_are_small_and_on_the_person(people):
    masks = people.masks["distinguishing"]
    on_the_wall = masks & people.masks["background"]
    for mask, wall, kind in zip(masks, on_the_wall, people.attributes["distinguishing"], strict=True):
        assert 5 <= mask.sum() <= 0.02 * mask.size, kind
        assert not grown(mask, 1)[[0, -1]].any(), f"{kind} touches the edge of the picture"
        assert kind == "earring" or not wall.any(), f"{kind} hangs in the air"


def test_a_planted_feature_changes_the_pixels_of_its_mask_and_no_others(people, levels):
    without = faces.load(planted=False)
    assert not without.masks["distinguishing"].any()
    change = np.abs(levels - np.rint(without.x[:, 0] * 255).astype(int))
    for picture, mask, kind in zip(
        change, people.masks["distinguishing"], people.attributes["distinguishing"], strict=True
    ):
        assert not picture[~grown(mask, 2)].any(), f"{kind} reaches beyond its mask"
        assert (picture[mask] > 4).mean() > 0.6, f"much of the mask of {kind} is as without it"
        assert picture[mask].mean() > 10, f"{kind} is hardly visible"


def test_look_alikes_are_closer_than_strangers():
    """Drawn straight, without glasses and noise."""
    bare = condition_named["no glasses"]
    plain = {person.name: faces.draw(person, bare)[0].astype(int) for person in faces.PEOPLE}

    def gap(first, second):
        return np.abs(plain[first.name] - plain[second.name]).mean()

    for person in faces.PEOPLE:
        kin = [other for other in faces.PEOPLE if other.family == person.family and other is not person]
        strangers = [other for other in faces.PEOPLE if other.family != person.family]
        assert len(kin) == 2
        assert max(gap(person, other) for other in kin) < min(gap(person, other) for other in strangers)


@pytest.mark.parametrize("table", ["distinguishing", "hair_style"])
def test_an_unknown_entry_of_a_person_is_named(table):
    with pytest.raises(ValueError, match="Ben: 'antlers' is not a"):
        faces.draw(replace(by_name["Ben"], **{table: "antlers"}), faces.CONDITIONS[0])


# --------------------------------------------------------------------------------------------------------- parts


def test_every_pixel_belongs_to_a_part(people):
    assert np.logical_or.reduce([people.masks[part] for part in faces.PARTS]).all()


def test_parts_that_everybody_has_are_there(people):
    for part in (
        "background",
        "clothes",
        "neck",
        "skin",
        "hair",
        "brows",
        "eyes",
        "nose",
        "mouth",
        "hairline",
        "outline",
    ):
        assert people.masks[part].any(axis=(1, 2)).all(), part


@pytest.mark.parametrize("part", ["glasses", "beard"])
def test_a_mask_is_there_exactly_where_the_attribute_says_so(people, part):
    np.testing.assert_array_equal(people.masks[part].any(axis=(1, 2)), people.attributes[part])


def test_ears_hide_under_long_hair(people):
    np.testing.assert_array_equal(people.masks["ears"].any(axis=(1, 2)), ~people.attributes["long hair"])


def test_glasses_are_worn_as_the_condition_says(people):
    worn = people.attributes["glasses"].reshape(PERSONS, CONDITIONS)
    used_to = [person.wears_glasses for person in faces.PEOPLE]
    for column, condition in zip(worn.T, faces.CONDITIONS, strict=True):
        wanted = {"glasses": [True] * PERSONS, "no glasses": [False] * PERSONS}.get(condition.name, used_to)
        assert column.tolist() == wanted, condition.name
    assert 0 < sum(used_to) < PERSONS


def test_parts_lie_where_a_face_has_them(people):
    rows = {
        part: np.array([np.nonzero(mask)[0].mean() for mask in people.masks[part]])
        for part in ("hairline", "brows", "eyes", "nose", "mouth", "neck", "clothes")
    }
    order = ("brows", "eyes", "nose", "mouth", "neck", "clothes")
    for upper, lower in pairwise(order):
        assert (rows[upper] < rows[lower]).all(), f"{lower} above {upper}"
    columns = np.array([np.nonzero(mask)[1].mean() for mask in people.masks["nose"]])
    assert np.abs(columns - 29.5).max() < 2


# --------------------------------------------------------------------------------------------- light, expression


def side_difference(picture, mask):
    """Return how much brighter the left half of a picture is than the right one, within a mask."""
    half = picture.shape[1] // 2
    return picture[:, :half][mask[:, :half]].mean() - picture[:, half:][mask[:, half:]].mean()


@pytest.mark.parametrize("part", ["skin", "background"])
def test_the_lit_side_is_the_brighter_one(people, levels, part):
    for picture, mask, light in zip(levels, people.masks[part], people.attributes["light"], strict=True):
        difference = side_difference(picture, mask)
        if light == "left":
            assert difference > 15
        elif light == "right":
            assert difference < -15
        else:
            assert abs(difference) < 12


def test_light_from_the_right_is_light_from_the_left_mirrored():
    """Of a face without noise, apart from hair and the gleam in the eyes, which are not even."""
    bald = replace(by_name["Gus"], beard=False)
    left, masks = faces.draw(bald, condition_named["left-light"], planted=False)
    right, _ = faces.draw(bald, condition_named["right-light"], planted=False)
    uneven = grown(masks["hair"] | masks["eyes"], 2)
    difference = np.abs(left.astype(int) - right[:, ::-1])
    assert difference[~(uneven | uneven[:, ::-1])].max() <= 1


def test_light_in_the_centre_falls_off_towards_the_edge_of_the_head(people, levels):
    def falloff(condition):
        chosen = people.attributes["condition"] == condition
        inner = people.masks["skin"] & ~grown(people.masks["outline"], 5)
        rim = people.masks["skin"] & grown(people.masks["outline"], 2)
        triples = zip(levels[chosen], inner[chosen], rim[chosen], strict=True)
        return np.array([picture[middle].mean() / picture[edge].mean() for picture, middle, edge in triples])

    assert (falloff("center-light") > falloff("normal")).all()


def mask_of(person, condition, part):
    return faces.draw(person, condition_named[condition])[1][part]


@pytest.mark.parametrize("person", faces.PEOPLE[:7], ids=lambda person: person.name)
class TestExpressions:
    def test_surprise_raises_the_brows_and_opens_eyes_and_mouth(self, person):
        for part in ("eyes", "mouth"):
            assert mask_of(person, "surprised", part).sum() > 1.1 * mask_of(person, "normal", part).sum()
        rows = [np.nonzero(mask_of(person, name, "brows"))[0].mean() for name in ("surprised", "normal")]
        assert rows[0] < rows[1] - 1.5

    def test_sleep_shuts_both_eyes_and_a_wink_the_right_one(self, person):
        width = faces.SIZE // 2
        open_eyes, asleep, wink = (mask_of(person, name, "eyes") for name in ("normal", "sleepy", "wink"))
        assert asleep.sum() < 0.6 * open_eyes.sum()
        np.testing.assert_array_equal(wink[:, :width], open_eyes[:, :width])
        np.testing.assert_array_equal(wink[:, width:], asleep[:, width:])

    def test_smile_lifts_the_corners_of_the_mouth_and_sadness_drops_them(self, person):
        def corners_above_middle(condition):
            rows, columns = np.nonzero(mask_of(person, condition, "mouth"))
            reach = np.abs(columns - 29.5)
            return rows[reach < 1].mean() - rows[reach > reach.max() - 1].mean()

        happy, normal, sad = map(corners_above_middle, ("happy", "normal", "sad"))
        assert happy > normal + 1
        assert sad < normal - 0.4


# -------------------------------------------------------------------------------------------------------- shapes

numbers = st.floats(-8, 8)
sizes = st.floats(1, 8)
points = st.tuples(numbers, numbers)
ellipses = st.builds(drawing.Ellipse, numbers, numbers, sizes, sizes, st.floats(-3, 3))
lenses = st.builds(
    drawing.Lens,
    numbers,
    numbers,
    st.floats(2, 8),
    st.floats(0.5, 4),
    st.floats(0.5, 4),
    st.floats(-3, 3),
    st.floats(-1, 1),
)
strokes = st.builds(
    lambda start, bend, end, widths: drawing.Stroke(drawing.curve(start, bend, (end[0] + 20, end[1])), widths),
    points, points, points, st.tuples(st.floats(0.3, 2), st.floats(0.3, 2)),
)  # fmt: skip
polygons = st.builds(
    lambda radii, rounding: drawing.Polygon(
        tuple((r * np.cos(a), r * np.sin(a)) for r, a in zip(radii, np.linspace(0, 2 * np.pi, 7)[:-1], strict=True)),
        rounding,
    ),
    st.lists(sizes, min_size=6, max_size=6),
    st.floats(0, 1),
)
simple = st.one_of(ellipses, lenses, strokes, polygons)
shapes = st.one_of(simple, st.builds(drawing.Union, simple, simple), st.builds(drawing.Intersection, simple, simple),
                   st.builds(drawing.Difference, simple, simple))  # fmt: skip
X, Y = np.meshgrid(np.linspace(-40, 40, 161), np.linspace(-40, 40, 161))


@given(shapes)
def test_bounds_hold_the_whole_shape(shape):
    left, top, right, bottom = shape.bounds
    outside = (left > X) | (right < X) | (top > Y) | (bottom < Y)
    assert (shape.distance(X, Y)[outside] >= -1e-9).all()


@given(simple, simple)
def test_shapes_combine_as_sets(first, second):
    a, b = first.distance(X, Y) < 0, second.distance(X, Y) < 0
    edge = (first.distance(X, Y) == 0) | (second.distance(X, Y) == 0)
    for shape, wanted in ((first | second, a | b), (first & second, a & b), (first - second, a & ~b)):
        assert ((shape.distance(X, Y) < 0) == wanted)[~edge].all()


@given(simple, simple, st.floats(0.5, 6))
def test_a_blended_union_only_adds_and_only_near_the_seam(first, second, blend):
    sharp, soft = drawing.Union(first, second).distance(X, Y), drawing.Union(first, second, blend).distance(X, Y)
    assert (soft <= sharp).all()
    assert (sharp - soft).max() <= blend / 4 + 1e-12
    far = np.abs(first.distance(X, Y) - second.distance(X, Y)) >= blend
    np.testing.assert_array_equal(soft[far], sharp[far])


@given(sizes, numbers, numbers, st.floats(-3, 3))
def test_a_circle_is_as_far_away_as_it_says(radius, cx, cy, angle):
    away = drawing.Ellipse(cx, cy, radius, radius, angle).distance(X, Y)
    np.testing.assert_allclose(away, np.hypot(X - cx, Y - cy) - radius, atol=1e-6)


@given(ellipses)
def test_an_ellipse_holds_what_its_equation_says(ellipse):
    turned = (X - ellipse.cx + 1j * (Y - ellipse.cy)) * np.exp(-1j * ellipse.angle)
    level = (turned.real / ellipse.rx) ** 2 + (turned.imag / ellipse.ry) ** 2
    clear = np.abs(level - 1) > 1e-9
    np.testing.assert_array_equal((ellipse.distance(X, Y) < 0)[clear], (level < 1)[clear])


def test_a_square_is_as_far_away_as_it_says():
    square = drawing.Polygon(((-2, -2), (2, -2), (2, 2), (-2, 2)), rounding=0.5)
    x, y = np.array([0.0, 4.0, 5.0, 1.5]), np.array([0.0, 0.0, 6.0, 0.0])
    np.testing.assert_allclose(square.distance(x, y), [-2.5, 1.5, 4.5, -1.0])


@given(st.tuples(numbers, numbers), st.floats(-0.3, 0.3), st.floats(0.8, 1.2), ellipses)
def test_a_window_holds_every_painted_sub_pixel(shift, angle, scale, ellipse):
    pose = faces.Pose(*shift, angle, scale)
    canvas = faces.Canvas(pose)
    canvas.paint(ellipse, 1.0, "skin")
    whole = np.clip(0.5 - ellipse.distance(canvas.x, canvas.y) / 0.5, 0, 1)
    np.testing.assert_array_equal(canvas.tone, whole)
    np.testing.assert_array_equal(canvas.part == faces.PARTS.index("skin"), whole >= 0.5)


@given(st.tuples(numbers, numbers), st.floats(-0.3, 0.3), st.floats(0.8, 1.2))
def test_a_pose_moves_the_face_with_it(shift, angle, scale):
    """The face's origin is seen at the middle of the picture plus the shift; lengths grow by the scale."""
    x, y = faces.Pose(*shift, angle, scale).face_grid(faces.SIZE * faces.FINE)
    row, column = np.unravel_index(np.argmin(x * x + y * y), x.shape)
    centre = (np.array([column, row]) + 0.5) / faces.FINE - faces.SIZE / 2
    np.testing.assert_allclose(centre, shift, atol=0.13)
    np.testing.assert_allclose(np.hypot(np.diff(x[0]), np.diff(y[0])), 1 / (faces.FINE * scale))
