/* Chapter 4: what a gain and a learning rate do to a network of six layers, trained here. */

const { home, find, data } = figure("rates");
const labels = data.labels,
  pictures = standardised(decoded(data.levels, Uint8Array));
const { gains, rates, epochs, batch } = data;
const state = { gain: gains.indexOf(1), rate: 0 };
const runs = new Map(); // by gain and rate: the losses so far, and whether they are all

function standardised(levels) {
  const mean = total(levels) / levels.length,
    deviation = Math.sqrt(total(Float64Array.from(levels, (level) => (level - mean) ** 2)) / levels.length);
  const all = Float64Array.from(levels, (level) => (level - mean) / deviation),
    length = all.length / labels.length;
  return labels.map((_, n) => all.subarray(n * length, (n + 1) * length));
}

// Weights are drawn with the variance gain / fan-in; the draws are the same for all gains.
function begun(gain) {
  const net = networkOf(data.layers);
  for (const layer of net.layers.filter(({ W }) => W)) {
    layer.W = Float64Array.from(layer.W, (drawn) => drawn * Math.sqrt(gain / layer.from[0]));
    layer.b = Float64Array.from(layer.b);
  }
  return net;
}

// The cross-entropy of one picture, −log p of its class, and its derivative by the logits, p − t.
function judged(net, trace, label) {
  const z = trace[net.logits],
    p = trace[net.logits + 1],
    most = largest(z);
  const loss = most + Math.log(total(z.map((value) => Math.exp(value - most)))) - z[label];
  return { loss, seed: p.map((value, k) => value - Number(k === label)) };
}

// One mini-batch: dW = dz aᵀ and db = dz, as means over its pictures; then a step against them. Returns its loss.
function step(net, first, rate) {
  const affine = net.layers.flatMap(({ W, b }, at) =>
    W ? [{ W, b, at, dW: W.map(() => 0), db: b.map(() => 0) }] : [],
  );
  let sum = 0;
  for (let n = first; n < first + batch; n++) {
    const trace = net.trace(pictures[n]),
      { loss, seed } = judged(net, trace, labels[n]),
      deltas = net.backward(trace, seed, net.logits);
    sum += loss;
    for (const { dW, db, at } of affine) {
      const dz = deltas[at + 1],
        a = trace[at];
      for (let i = 0; i < dz.length; i++) {
        db[i] += dz[i] / batch;
        for (let j = 0; j < a.length; j++) dW[i * a.length + j] += (dz[i] * a[j]) / batch;
      }
    }
  }
  for (const { W, b, dW, db } of affine) {
    for (let k = 0; k < W.length; k++) W[k] -= rate * dW[k];
    for (let i = 0; i < b.length; i++) b[i] -= rate * db[i];
  }
  return sum;
}

// A run, kept: an epoch at a time, so that the page stays awake.
function run(gain, rate) {
  const key = `${gain} ${rate}`;
  if (!runs.has(key)) runs.set(key, { net: begun(gains[gain]), losses: [] });
  return runs.get(key);
}

function epoch(gain, rate) {
  const { net, losses } = run(gain, rate);
  let sum = 0;
  for (let first = 0; first < pictures.length; first += batch) sum += step(net, first, rates[rate]);
  losses.push(sum / pictures.length);
}

// The standard deviation of each hidden layer's activations and deltas before training.
function sizes(gain) {
  const net = begun(gain),
    hidden = net.layers.flatMap(({ kind }, at) => (kind === "Tanh" ? [at + 1] : []));
  const moments = hidden.map(() => [0, 0, 0, 0]);
  pictures.forEach((x, n) => {
    const trace = net.trace(x),
      deltas = net.backward(trace, judged(net, trace, labels[n]).seed, net.logits);
    hidden.forEach((at, depth) =>
      [trace[at], deltas[at]].forEach((values, which) =>
        values.forEach((value) => {
          moments[depth][2 * which] += value;
          moments[depth][2 * which + 1] += value * value;
        }),
      ),
    );
  });
  const count = pictures.length * size(net.shapes[hidden[0]]);
  const deviation = (sum, squares) => Math.sqrt(squares / count - (sum / count) ** 2);
  return { forward: moments.map(([a, b]) => deviation(a, b)), behind: moments.map(([, , a, b]) => deviation(a, b)) };
}

// ------------------------------------------------------------------------------------------------ what is shown

const GUESS = Math.log(10);
const BOX = { left: 46, right: 322, top: 8, bottom: 172 };
const across = (share) => BOX.left + share * (BOX.right - BOX.left);
const up = (value, [low, high]) => {
  const share = Math.log(Math.min(high, Math.max(low, value)) / low) / Math.log(high / low);
  return BOX.bottom - share * (BOX.bottom - BOX.top);
};

function label(x, y, text, className) {
  return svg("text", { x, y, class: className }, text);
}

// A chart whose upright axis is logarithmic, with a line and a number at each tick.
function chart(place, range, ticks, below, from, to) {
  place.replaceChildren(
    ...ticks.flatMap((tick) => [
      svg("line", { x1: BOX.left, x2: BOX.right, y1: up(tick, range), y2: up(tick, range), class: "grid" }),
      label(BOX.left - 5, up(tick, range) + 4, `${tick}`, "end"),
    ]),
    svg("path", { d: `M${BOX.left} ${BOX.top}V${BOX.bottom}H${BOX.right}`, class: "axis" }),
    label(BOX.left, BOX.bottom + 16, from, "middle"),
    label(BOX.right, BOX.bottom + 16, to, "end"),
    label((BOX.left + BOX.right) / 2, BOX.bottom + 32, below, "middle"),
  );
}

function curve(values, range, count, className) {
  const points = values.map((value, at) => `${across(at / (count - 1))},${up(value, range)}`);
  return svg("polyline", { points: points.join(" "), class: `curve ${className}` });
}

const LOSSES = [0.05, 50],
  SIZES = [1e-5, 10];

function showLosses() {
  const mine = run(state.gain, state.rate).losses,
    others = [...runs.values()]
      .map(({ losses }) => losses)
      .filter((losses) => losses !== mine && losses.length === epochs);
  chart(find(".losses"), LOSSES, [0.1, 1, 10], "epoch", "1", `${epochs}`);
  find(".losses").append(
    svg("line", { x1: BOX.left, x2: BOX.right, y1: up(GUESS, LOSSES), y2: up(GUESS, LOSSES), class: "guess" }),
    label(BOX.right, up(GUESS, LOSSES) - 5, "guessing", "end"),
    ...others.slice(-8).map((losses) => curve(losses, LOSSES, epochs, "pale")),
    curve(mine, LOSSES, epochs, ""),
  );
  find(".losses").setAttribute(
    "aria-label",
    `The loss, epoch by epoch: ${mine.map((loss) => number(loss)).join(", ")}`,
  );
}

function showSizes() {
  const { forward, behind } = sizes(gains[state.gain]);
  chart(find(".sizes"), SIZES, [1e-4, 0.01, 1], "layer", "1", `${forward.length}`);
  [forward, behind].forEach((values, which) => {
    find(".sizes").append(curve(values, SIZES, values.length, which ? "behind" : ""));
    values.forEach((value, at) => {
      const [x, y] = [across(at / (values.length - 1)), up(value, SIZES)];
      const dot = which ? svg("path", { d: `M${x} ${y - 5}l5 5-5 5-5-5z` }) : svg("circle", { cx: x, cy: y, r: 4 });
      dot.setAttribute("class", which ? "dot behind" : "dot");
      find(".sizes").append(dot);
    });
  });
  const told = (values) => values.map((value) => number(value)).join(", ");
  find(".sizes").setAttribute(
    "aria-label",
    `Activations by layer: ${told(forward)}. Deltas by layer: ${told(behind)}.`,
  );
}

// A cell for each pair, from pale, guessing or worse, to dark, with the loss in it.
function showTried() {
  const [left, wide, tall] = [42, 34, 22],
    base = 4 + gains.length * tall,
    reached = ({ losses }) => losses[epochs - 1];
  const cells = gains.flatMap((_, gain) =>
    rates.flatMap((_, rate) => {
      const tried = runs.get(`${gain} ${rate}`),
        loss = tried && reached(tried),
        share = loss ? Math.min(1, Math.max(0, Math.log(GUESS / loss) / Math.log(GUESS / 0.15))) : 0;
      const [x, y] = [left + rate * wide, base - (gain + 1) * tall];
      const here = gain === state.gain && rate === state.rate;
      const cell = svg("rect", { x, y, width: wide - 2, height: tall - 2, rx: 4, class: here ? "cell here" : "cell" });
      cell.style.fill = loss ? `color-mix(in srgb, #00507f ${Math.round(100 * share)}%, #f3f1ea)` : "none";
      const text = label(x + wide / 2 - 1, y + 14, loss ? (loss < 99 ? loss.toPrecision(2) : "99+") : "", "middle");
      text.style.fill = share > 0.5 ? "#fff" : "#1a1a1a";
      return [cell, text];
    }),
  );
  find(".tried").replaceChildren(
    ...cells,
    ...gains.map((gain, at) => label(left - 5, base - 8 - at * tall, `${gain}`, "end")),
    ...rates.map((rate, at) => label(left + (at + 0.5) * wide - 1, base + 12, `${rate}`, "middle")),
    label(left + (rates.length * wide) / 2, base + 27, "learning rate →", "middle"),
    label(left - 5, base + 12, "gain ↑", "end"),
  );
  const losses = [...runs.values()].map(reached).filter(Boolean);
  const smallest = losses.length ? `; the smallest loss is ${number(Math.min(...losses))}` : "";
  find(".tried").setAttribute(
    "aria-label",
    `${losses.length} of ${gains.length * rates.length} pairs tried${smallest}.`,
  );
}

function verdict(loss) {
  if (loss > 1.1 * GUESS) return "worse than guessing";
  if (loss > 0.99 * GUESS) return "that of guessing";
  return loss > 0.8 * GUESS ? "hardly better than guessing" : loss < 0.3 ? "as low as was asked for" : "on its way";
}

function show() {
  const { losses } = run(state.gain, state.rate),
    loss = losses[losses.length - 1];
  const found =
    losses.length < epochs ? "training …" : `after ${epochs} epochs the loss is ${number(loss)}, ${verdict(loss)}.`;
  find(".said").textContent = `Gain ${gains[state.gain]}, rate ${rates[state.rate]}: ${found}`;
  find(".gain-value").textContent = gains[state.gain];
  find(".rate-value").textContent = rates[state.rate];
  showLosses();
  showTried();
}

// ------------------------------------------------------------------------------------------------ what one does

// Train what is asked for now, then what waits, as long as a person does not notice; and come back for the rest.
let waiting = [],
  coming = 0;
function train() {
  clearTimeout(coming);
  const undone = ([gain, rate]) => run(gain, rate).losses.length < epochs;
  for (const end = performance.now() + 12; performance.now() < end;) {
    waiting = waiting.filter(undone);
    const next = [[state.gain, state.rate], ...waiting].find(undone);
    if (!next) break;
    epoch(...next);
  }
  show();
  home.setAttribute("aria-busy", String(undone([state.gain, state.rate]) || waiting.some(undone)));
  if (home.getAttribute("aria-busy") === "true") coming = setTimeout(train);
}

function set(changes) {
  Object.assign(state, changes);
  showSizes();
  train();
}

find(".gain").max = gains.length - 1;
find(".rate").max = rates.length - 1;
find(".gain").value = state.gain;
find(".rate").value = state.rate;
find(".gain").oninput = ({ target }) => set({ gain: Number(target.value) });
find(".rate").oninput = ({ target }) => set({ rate: Number(target.value) });
find(".every").onclick = () => {
  waiting = gains.flatMap((_, gain) => rates.map((_, rate) => [gain, rate]));
  train();
};

// What is shown, unrounded.
home.numbers = () => ({ ...state, losses: run(state.gain, state.rate).losses, sizes: sizes(gains[state.gain]) });
set({});
