/* Chapter 3: a filter laid on a face: the window under the pointer, weight times pixel, the sum, the growing map. */

const { home, find, data } = figure("window");
const net = networkOf(data.layers),
  [conv] = net.layers;
const face = Float64Array.from(decoded(data.face)),
  [, height, width] = conv.from,
  [, rows, columns] = conv.to,
  [tall, wide] = conv.size;
const state = {
  row: data.place[0],
  column: data.place[1],
  weights: [],
  map: null,
  met: new Uint8Array(rows * columns),
};

function choose(weights) {
  state.weights = weights;
  conv.W = Float64Array.from(weights);
  state.map = net.trace(face)[1];
  show();
}

// The pixels under the window, in the order of the weights.
function pixels() {
  return Array.from(conv.W, (_, k) => face[(state.row + Math.floor(k / wide)) * width + state.column + (k % wide)]);
}

// Move the window's corner in a straight line, and keep the answer of each place that it comes by.
function moveTo([row, column]) {
  const clip = (value, length) => Math.min(length - 1, Math.max(0, value));
  const [down, across] = [clip(row, rows) - state.row, clip(column, columns) - state.column],
    steps = Math.max(Math.abs(down), Math.abs(across), 1);
  const from = [state.row, state.column];
  for (let step = 0; step <= steps; step++) {
    state.row = from[0] + Math.round((down * step) / steps);
    state.column = from[1] + Math.round((across * step) / steps);
    state.met[state.row * columns + state.column] = 1;
  }
  show();
}

// ------------------------------------------------------------------------------------------------ what is shown

// As the chapter's figure shows it: black to white, with grey for 0 where a filter answers with both signs.
function range() {
  const most = largest(state.map.map(Math.abs)) || 1,
    least = -largest(state.map.map((value) => -value));
  return least < -0.5 ? { low: -most, high: most } : { low: 0, high: 1 };
}

function show() {
  const { row, column, weights, map, met } = state,
    patch = pixels(),
    sum = map[row * columns + column];
  view(find(".face"), picture(face, conv.from, { low: 0, high: 1 }), { box: [row, row + tall, column, column + wide] });
  const answered = picture(map, conv.to, range());
  met.forEach((seen, at) => {
    answered.data[4 * at + 3] = seen ? 255 : 0;
  });
  view(find(".map"), answered, { box: [row, row + 1, column, column + 1] });
  find(".nine")
    .querySelectorAll("div")
    .forEach((cell, k) => {
      const [weight, pixel, product] = cell.children;
      if (document.activeElement !== weight) weight.value = Number(weights[k].toFixed(3));
      pixel.textContent = `× ${fixed(patch[k])}`;
      pixel.style.background = `rgb(${Array(3).fill(Math.round(255 * patch[k]))})`;
      pixel.style.color = patch[k] > 0.46 ? "#000" : "#fff";
      product.textContent = fixed(weights[k] * patch[k]);
    });
  const total = weights.reduce((a, b) => a + b, 0),
    { low } = range(),
    count = met.reduce((a, b) => a + b, 0);
  find(".kernel").value = data.kernels.findIndex((each) => each.weights.every((weight, k) => weight === weights[k]));
  find(".said").textContent = `At row ${row}, column ${column} the nine products add up to ${fixed(sum)}.`;
  find(".total").textContent =
    `The weights add up to ${fixed(total)}: on a flat patch of brightness c this filter answers ` +
    (Math.abs(total) < 0.005 ? "0, whatever c is." : `${fixed(total)} c.`);
  find(".scale").textContent = low < 0 ? "Black is negative, mid-grey 0, white positive." : "Black is 0, white 1.";
  find(".face").setAttribute(
    "aria-label",
    `A face. The window's corner is at row ${row}, column ${column}; the sum is ${fixed(sum)}. Arrow keys move it.`,
  );
  find(".map").setAttribute("aria-label", `The feature map: ${count} of ${rows * columns} places are filled in.`);
}

// ------------------------------------------------------------------------------------------------ what one does

// Row after row, a row a frame, unless movement is unwelcome; the window comes back to where it was.
let sliding = 0,
  back = null; // the place before it began to slide
function slide(row) {
  const ends = row + 1 === rows;
  state.met.fill(1, 0, (row + 1) * columns);
  [state.row, state.column] = ends ? stop() : [row, columns - 1];
  show();
  if (!ends) sliding = requestAnimationFrame(() => slide(row + 1));
}

// Stop sliding; return where the window is, or was before.
function stop() {
  cancelAnimationFrame(sliding);
  const place = back ?? [state.row, state.column];
  back = null;
  return place;
}

function pointed(event) {
  const [row, column] = under(event, find(".face"), [height, width]);
  moveTo([row - (tall >> 1), column - (wide >> 1)]);
}

data.kernels.forEach(({ name }, at) => find(".kernel").append(element("option", { value: at, textContent: name })));
find(".kernel").append(element("option", { value: -1, textContent: "your own" }));
data.kernels[0].weights.forEach((_, k) => {
  const weight = element("input", { type: "number", step: "any" });
  weight.setAttribute("aria-label", `weight in row ${1 + Math.floor(k / wide)}, column ${1 + (k % wide)}`);
  weight.oninput = () => {
    if (Number.isFinite(weight.valueAsNumber)) choose(state.weights.with(k, weight.valueAsNumber));
  };
  find(".nine").append(element("div", {}, weight, element("span"), element("b")));
});
find(".kernel").onchange = ({ target }) => choose((data.kernels[target.value] || state).weights);
find(".all").onclick = () => {
  back = stop();
  slide(calm ? rows - 1 : 0);
};
find(".clear").onclick = () => {
  state.met.fill(0);
  moveTo(stop());
};
find(".face").onpointerdown = (event) => {
  stop();
  event.target.setPointerCapture(event.pointerId);
  [state.row, state.column] = under(event, event.target, [rows, columns]);
  pointed(event);
};
find(".face").onpointermove = (event) => {
  if (event.buttons) pointed(event);
};
find(".face").onkeydown = (event) => {
  const move = MOVES[event.key];
  if (!move) return;
  event.preventDefault();
  stop();
  const far = event.shiftKey ? 10 : 1;
  moveTo([state.row + far * move[0], state.column + far * move[1]]);
};

// What is shown, unrounded.
home.numbers = () => ({ ...state, map: [...state.map], met: [...state.met], patch: pixels() });
choose(data.kernels[data.first].weights);
moveTo(data.place);
