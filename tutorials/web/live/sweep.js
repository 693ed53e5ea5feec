/* Chapter 2: a small network, drawn. Forward, a layer a step, then one sweep back, layer by layer. */

const { home, find, data } = figure("sweep");
const net = networkOf(data.layers),
  top = net.logits; // where the sweep starts
const state = { x: data.x, truth: data.truth, step: 0 };
const last = net.layers.length + 1 + top;

function passes() {
  const trace = net.trace(state.x),
    p = trace[trace.length - 1];
  const seed = p.slice(0, p.length).map((value, k) => value - Number(k === state.truth));
  return { trace, deltas: net.backward(trace, seed, top), loss: -Math.log(p[state.truth]) };
}

// The slope of the loss at each input as two forward passes find it.
function differences(h = 1e-4) {
  const loss = (x) => -Math.log(net.trace(x)[net.layers.length][state.truth]);
  return state.x.map((value, j) => (loss(state.x.with(j, value + h)) - loss(state.x.with(j, value - h))) / (2 * h));
}

const list = (values) => [...values].map((value) => fixed(value)).join(", ");
const SAYS = [
  ({ trace }) => `The inputs: x = ${list(trace[0])}. The rest of the network waits.`,
  ({ trace }) => `Forward, z = W x + b: ${list(trace[1])}.`,
  ({ trace }) => `Forward, a = tanh z: ${list(trace[2])}.`,
  ({ trace }) => `Forward, the logits are W a + b: ${list(trace[3])}.`,
  ({ trace, loss }) => `Softmax makes probabilities of them: ${list(trace[4])}. The loss is ${fixed(loss)}.`,
  ({ deltas }) => `The sweep starts at the logits with p − t, said less should: ${list(deltas[3])}.`,
  ({ deltas }) => `Back through the weights, da = Wᵀ dz, a sum over the lines: ${list(deltas[2])}.`,
  ({ deltas }) =>
    `Back through tanh, dz = (1 − a²) da; the nearer a is to ±1, the less comes through: ${list(deltas[1])}.`,
  ({ deltas }) => `Back through the weights, dx = Wᵀ dz: ${list(deltas[0])}. One sweep, and all slopes are there.`,
];

// ------------------------------------------------------------------------------------------------ what is shown

const LEFT = 36,
  ACROSS = 77,
  RADIUS = 21;
const titles = ["x", "z", "a", "logits", "p"];
const at = (output, unit) => [LEFT + ACROSS * output, 128 + 68 * (unit - (size(net.shapes[output]) - 1) / 2)];

function lines(output) {
  const layer = net.layers[output - 1],
    one = (i, j, weight) => ({ from: at(output - 1, j), to: at(output, i), weight });
  const [units] = layer.to,
    [inputs] = layer.from;
  if (!layer.W) return Array.from({ length: units }, (_, i) => one(i, i)); // each to itself; softmax competes on top
  return Array.from(layer.W, (weight, k) => one(Math.floor(k / inputs), k % inputs, weight));
}

function draw() {
  const drawing = find(".net");
  net.layers.forEach((layer, below) => {
    for (const { from, to, weight } of lines(below + 1)) {
      const line = svg("line", {
        x1: from[0],
        y1: from[1],
        x2: to[0],
        y2: to[1],
        "stroke-width": 1 + 3 * Math.abs(weight || 0),
      });
      line.setAttribute("class", `edge ${weight === undefined ? "plain" : weight < 0 ? "against" : ""}`);
      line.dataset.layer = below + 1;
      drawing.append(line);
    }
  });
  net.shapes.forEach((shape, output) => {
    drawing.append(svg("text", { x: LEFT + ACROSS * output, y: 14, class: "title" }, titles[output]));
    for (let unit = 0; unit < size(shape); unit++) {
      const [x, y] = at(output, unit);
      const delta = svg("g", { class: "delta" });
      delta.append(svg("rect", { x: x - 22, y: y + 14, width: 44, height: 15, rx: 7 }), svg("text", { x, y: y + 25 }));
      const node = svg(
        "g",
        { class: "node" },
        svg("circle", { cx: x, cy: y, r: RADIUS }),
        svg("text", { x, y: y + 3 }),
        delta,
      );
      node.dataset.place = `${output} ${unit}`;
      drawing.append(node);
    }
  });
}

function show() {
  const found = passes(),
    { step } = state,
    { trace, deltas } = found;
  const forward = Math.min(step, net.layers.length),
    reached = step > net.layers.length ? last - step : Infinity; // the lowest output that has its delta
  const now = step > net.layers.length ? reached : forward;
  home.querySelectorAll(".node").forEach((node) => {
    const [output, unit] = node.dataset.place.split(" ").map(Number);
    const known = output <= forward,
      swept = output >= reached && output <= top;
    node.setAttribute("class", `node${known ? "" : " waits"}${output === now ? " now" : ""}`);
    node.children[1].textContent = known ? fixed(trace[output][unit]) : "";
    node.children[2].style.display = swept ? "" : "none";
    if (swept) node.children[2].children[1].textContent = fixed(deltas[output][unit]);
  });
  const used = step > net.layers.length ? reached + 1 : forward;
  home.querySelectorAll(".edge").forEach((edge) => {
    edge.classList.toggle("now", Number(edge.dataset.layer) === used && !(reached === top));
  });
  find(".said").textContent = SAYS[step](found);
  find(".net").setAttribute(
    "aria-label",
    `A network of ${titles.join(", ")}, after step ${step}. ${SAYS[step](found)}`,
  );
  find(".at").textContent = `${step} of ${last}`;
  find(".step").value = step;
  find(".check").textContent =
    step === last
      ? `By differences, two forward passes for each input: ${list(differences())}.`
      : "Here stands what differences find, once the sweep has come to the inputs.";
}

// ------------------------------------------------------------------------------------------------ what one does

function set(changes) {
  Object.assign(state, changes);
  show();
}

draw();
find(".step").max = last;
find(".step").oninput = ({ target }) => set({ step: Number(target.value) });
find(".next").onclick = () => set({ step: Math.min(last, state.step + 1) });
find(".back").onclick = () => set({ step: Math.max(0, state.step - 1) });
find(".truth").value = state.truth;
find(".truth").onchange = ({ target }) => set({ truth: Number(target.value) });
state.x.forEach((value, j) => {
  const told = element("output", { textContent: fixed(value, 1) });
  const input = element("input", { type: "range", min: -2, max: 2, step: 0.1, value });
  input.oninput = () => {
    told.textContent = fixed(input.valueAsNumber, 1);
    set({ x: state.x.with(j, input.valueAsNumber) });
  };
  find(".inputs").append(
    element("label", { className: "dial" }, element("span", { textContent: `x${"₁₂₃"[j]}` }), told, input),
  );
});

// What is shown, unrounded.
home.numbers = () => {
  const { trace, deltas, loss } = passes();
  return {
    ...state,
    trace: trace.map((each) => [...each]),
    deltas: deltas.map((each) => [...each]),
    loss,
    differences: differences(),
  };
};
show();
