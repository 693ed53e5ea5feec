/* What there is on the page, what follows from it, and how it is shown: one state, and one `show` that draws it. */

const data = JSON.parse(document.getElementById("live-data").textContent);
const whole = networkOf(data.layers);
const shape = whole.shapes[0],
  [channels, height, width] = shape,
  places = height * width;
const { low, high } = data.pictures;
const pictures = unpacked(data.pictures);
const greys = channelMeans();
const last = data.layers[data.layers.length - 1].kind;
const inPercent = last === "Softmax" || last === "Sigmoid";
const outputs = data.units.map((name) => whole.names.indexOf(name));
const ranked = data.scores.map(({ outputs: names, values }) => rankings(names, decoded(values)));

const home = document.getElementById("live");
home.style.setProperty("--salient", `rgb(${COLOURS.salient})`);
const find = (query) => home.querySelector(query);
const state = {
  picture: 0,
  target: 0,
  other: 1,
  relative: true,
  out: [],
  order: 0,
  count: 0,
  steps: 0,
  unit: null,
  place: null,
  painted: new Set(),
  saliency: false,
  planted: false,
  cursor: null,
};

// ------------------------------------------------------------------------------------------------ what there is

function unpacked({ levels, labels, fair, planted }) {
  const numbers = decoded(levels, Uint16Array),
    masks = planted && decoded(planted, Uint8Array);
  return labels.map((label, n) => ({
    label,
    fair: fair[n],
    x: Float64Array.from(
      numbers.subarray(n * channels * places, (n + 1) * channels * places),
      (level) => low + ((high - low) * level) / 65535,
    ),
    mask: masks && Uint8Array.from({ length: places }, (_, at) => bit(masks, n * places + at)),
  }));
}

function channelMeans() {
  return Array.from({ length: channels }, (_, channel) => {
    const sums = pictures.map(({ x }) => total(x.subarray(channel * places, (channel + 1) * places)));
    return total(sums) / (places * pictures.length);
  });
}

// For each class, all units from the one that matters most to the one that matters least.
function rankings(names, values) {
  const units = names.flatMap((name) => {
    const [count] = whole.shapes[whole.names.indexOf(name)];
    return Array.from({ length: count }, (_, unit) => [name, unit]);
  });
  return Array.from({ length: whole.classes }, (_, label) => {
    const scores = values.subarray(label * units.length, (label + 1) * units.length);
    return units
      .map((unit, at) => [unit, scores[at]])
      .sort((a, b) => b[1] - a[1])
      .map(([unit]) => unit);
  });
}

// The orders in which units are knocked out, from both ends of each ranking, and by chance, the same each time.
const orders = [
  ...data.scores.flatMap(({ ends }, at) => [
    { name: `the ${ends[0]} first`, of: (label) => ranked[at][label] },
    { name: `the ${ends[1]} first`, of: (label) => [...ranked[at][label]].reverse() },
  ]),
  { name: "at random", of: () => shuffled(ranked[0][0]) },
];

function shuffled(list) {
  const mixed = [...list].sort();
  for (let left = mixed.length, seed = 1; left > 1; left--) {
    seed = (seed * 16807) % 2147483647;
    const other = seed % left;
    [mixed[left - 1], mixed[other]] = [mixed[other], mixed[left - 1]];
  }
  return mixed;
}

// ------------------------------------------------------------------------------------------------ what follows

function network() {
  return cached("network", [state.out], () => whole.knockedOut(state.out));
}

// What was made from the same things before, or made now; sets and lists of the state are replaced, never changed.
const kept = {};
function cached(what, from, make) {
  if (!kept[what] || from.some((each, at) => each !== kept[what].from[at])) kept[what] = { from, value: make() };
  return kept[what].value;
}

// The picture that the network gets: painted, then stepped towards another class, as far as there was time to. Each
// step takes two passes; `show` comes back for those that are left.
const PATIENCE = 12; // milliseconds that a person does not notice
function input() {
  const { picture: chosen, painted, out, target, other } = state;
  const path = cached("path", [chosen, painted, out, target, other], () => [paintedOver()]);
  for (const end = performance.now() + PATIENCE; path.length <= state.steps;) {
    path.push(stepped(path[path.length - 1]));
    if (performance.now() > end) break;
  }
  const steps = Math.min(state.steps, path.length - 1);
  return { x: path[steps], steps };
}

function paintedOver() {
  const x = pictures[state.picture].x.slice();
  for (const at of state.painted)
    for (let channel = 0; channel < channels; channel++) x[channel * places + at] = greys[channel];
  return x;
}

// A step of 1 % of the range in root mean square, up the logit of the other class and down that of this one.
function stepped(x) {
  const weights = oneHot(state.other);
  if (state.other !== state.target) weights[state.target] = -1;
  const gradient = deltasOf(network(), network().trace(x), weights)[0];
  const length = Math.sqrt(total(gradient.map((value) => value * value)) / x.length) || 1;
  return x.map((value, at) => Math.min(high, Math.max(low, value + (0.01 * (high - low) * gradient[at]) / length)));
}

function oneHot(label) {
  return Array.from({ length: whole.classes }, (_, each) => Number(each === label));
}

function deltasOf(net, trace, weights) {
  return net.backward(trace, net.seed(weights), net.logits);
}

// What the colours are of: the logit of the chosen class, less the mean of the others if it is to be relative.
function question() {
  const weights = oneHot(state.target);
  return state.relative ? weights.map((one) => (one ? 1 : -1 / (whole.classes - 1))) : weights;
}

// What each unit of an output adds: its activation times its gradient, summed over its map.
function contributions(values, deltas, units) {
  const count = values.length / units;
  return Array.from({ length: units }, (_, unit) => {
    let sum = 0;
    for (let at = unit * count; at < (unit + 1) * count; at++) sum += values[at] * deltas[at];
    return sum;
  });
}

// A forward and a backward pass, for what is asked now.
function passes() {
  const { x, steps } = input();
  return cached("passes", [x, state.out, state.target, state.relative], () => {
    const net = network(),
      trace = net.trace(x);
    return { net, x, steps, trace, deltas: deltasOf(net, trace, question()) };
  });
}

// The unit of the first layer that says most, for or against.
function loudest() {
  const { trace, deltas } = passes(),
    [output] = outputs;
  const sizes = contributions(trace[output], deltas[output], whole.shapes[output][0]).map(Math.abs);
  return [output, sizes.indexOf(largest(sizes))];
}

// The rows and columns of the picture that a place of a map sees; nothing where all of it is seen.
function seen(output, row, column) {
  let box = [row, row + 1, column, column + 1];
  for (let at = output - 1; at >= 0; at--) {
    const { from, pads, size: length, stride } = whole.layers[at];
    if (whole.layers[at].kind === "Dense") return null;
    if (!pads) continue;
    const ends = [0, 1].flatMap((axis) => [
      Math.max(0, box[2 * axis] * stride[axis] - pads[axis][0]),
      Math.min(from[1 + axis], (box[2 * axis + 1] - 1) * stride[axis] - pads[axis][0] + length[axis]),
    ]);
    box = ends;
  }
  return box;
}

// ------------------------------------------------------------------------------------------------ what is shown

let coming = 0;
function show() {
  const { net, x, steps, trace, deltas } = passes();
  const found = outputs.map((output) => {
    const at = net.names.indexOf(whole.names[output]),
      [units] = whole.shapes[output];
    return { output, values: trace[at], slopes: deltas[at], scores: contributions(trace[at], deltas[at], units) };
  });
  const chosen = state.unit && { ...found.find(({ output }) => output === state.unit[0]), unit: state.unit[1] };
  showPicture(x, deltas[0], chosen);
  showScores(net, trace, steps);
  find(".relative").value = state.relative ? "relative" : "absolute";
  home.querySelectorAll(".class-name").forEach((place) => {
    place.textContent = data.classes[state.target];
  });
  found.forEach(showUnits);
  if (chosen) inspect(chosen);
  showKnockOuts();
  clearTimeout(coming);
  find(".live").setAttribute("aria-busy", String(steps < state.steps));
  if (steps < state.steps) coming = setTimeout(show);
}

function showPicture(x, gradient, chosen) {
  const box = chosen && seen(chosen.output, ...placeOf(chosen));
  const { label, mask } = pictures[state.picture],
    canvas = find(".view"),
    focused = document.activeElement === canvas;
  const saliency =
    state.saliency &&
    Float64Array.from({ length: places }, (_, at) => {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++) sum += gradient[channel * places + at] ** 2;
      return Math.sqrt(sum);
    });
  const cursor = focused && brushed(state.cursor);
  view(canvas, picture(x, shape, { low, high }), { saliency, box, mask: state.planted && mask, cursor });
  const name = label === null ? "Your own picture" : data.classes[label];
  find(".picture-name").textContent = name;
  const where = state.place ? "at the place that you point at" : "at the place of its output that says most";
  find(".boxed").textContent = !chosen
    ? ""
    : box
      ? `The orange box holds the pixels that ${nameOf(chosen.output, chosen.unit)} sees ${where}.`
      : `Every pixel counts for ${nameOf(chosen.output, chosen.unit)}: it has no box.`;
  find(".saliency-key").hidden = !saliency;
  if (saliency) find(".saliency-most").textContent = number(largest(saliency));
  find(".show-planted").disabled = !mask;
  const painted = state.painted.size ? `, ${state.painted.size} of ${places} pixels painted grey` : "";
  const boxed = box ? `, a box around rows ${box[0]} to ${box[1]}, columns ${box[2]} to ${box[3]}` : "";
  canvas.setAttribute("aria-label", `${name}${painted}${boxed}. Arrow keys move the brush, space paints.`);
}

function showScores(net, trace, steps) {
  const scores = net.scores(trace),
    said = net.predicted(trace),
    { label } = pictures[state.picture];
  const most = inPercent ? 1 : largest(scores.map(Math.abs)) || 1;
  const shown = new Set(
    [...scores.keys()]
      .sort((a, b) => scores[b] - scores[a])
      .slice(0, 15)
      .concat(state.target),
  );
  find(".classes")
    .querySelectorAll("label")
    .forEach((row, at) => {
      row.hidden = !shown.has(at);
      row.classList.toggle("said", at === said);
      row.querySelector("input").checked = at === state.target;
      row.querySelector(".fill").style.width = `${(100 * Math.abs(scores[at])) / most}%`;
      row.querySelector(".share").textContent = inPercent ? percent(scores[at]) : number(scores[at]);
    });
  const truth = label === null ? "" : label === said ? ", and so it is" : `, but it is ${data.classes[label]}`;
  find(".verdict").textContent = `The network says ${data.classes[said]}${truth}.`;
  find(".verdict").classList.toggle("wrong", label !== null && label !== said);
  find(".other").value = state.other;
  find(".steps").value = state.steps;
  find(".step-size").textContent = steps
    ? `Each pixel was changed by about ${steps} % of the range from black to white.`
    : `The slider changes all pixels a little, so that ${data.classes[state.other]} becomes more likely.`;
}

function showUnits({ output, scores }) {
  const name = whole.names[output],
    most = largest(scores.map(Math.abs)) || 1;
  find(`[data-output="${output}"]`)
    .querySelectorAll("button")
    .forEach((button, unit) => {
      const share = scores[unit] / most,
        out = isOut(name, unit);
      button.className = `unit ${out ? "out" : share < 0 ? "against" : "for"}`;
      button.classList.toggle("chosen", String(state.unit) === String([output, unit]));
      button.style.setProperty("--share", `${Math.round(100 * Math.abs(share))}%`);
      button.setAttribute("aria-pressed", String(out));
      button.setAttribute("aria-label", `${nameOf(output, unit)}: ${out ? "knocked out" : spoken(scores[unit])}`);
    });
}

function isOut(name, unit) {
  return state.out.some(([layer, each]) => layer === name && each === unit);
}

function nameOf(output, unit) {
  return `${whole.shapes[output].length === 3 ? "filter" : "unit"} ${unit} of ${whole.names[output]}`;
}

function spoken(score) {
  return `${score < 0 ? "against" : "for"} ${data.classes[state.target]}, ${number(Math.abs(score))}`;
}

function inspect(chosen) {
  const { output, unit, scores } = chosen,
    [, rows = 1, columns = 1] = whole.shapes[output];
  const [mine, weighted] = ofUnit(chosen),
    name = nameOf(output, unit),
    label = data.classes[state.target];
  const out = isOut(whole.names[output], unit),
    role = out ? "is knocked out" : `speaks ${spoken(scores[unit])}`;
  const mean = number(total(mine) / mine.length),
    extreme = number(largest(mine.map(Math.abs)));
  const puts = mine.length > 1 ? `${mean} on average, ${extreme} at its largest` : mean;
  find(".unit-name").textContent = `${name[0].toUpperCase()}${name.slice(1)} ${role}. Its output${out ? " would be" : ""}: ${puts}.`;
  find(".speaks-name").textContent = out ? "knocked out, it says nothing" : "where it speaks for and against";
  const [weights, form] = weightsOf(output, unit);
  home.querySelectorAll(".of-map").forEach((figure) => {
    figure.hidden = mine.length === 1;
  });
  put(find(".kernel"), maps(weights, form), `The weights of ${name}`);
  if (mine.length === 1) return;
  put(find(".map"), maps(mine, [1, rows, columns]), `The output of ${name} for this picture: ${puts}`);
  put(find(".speaks"), maps(weighted, [1, rows, columns], true), `Where ${name} speaks for and against ${label}`);
}

// What a unit puts out, and that times its gradient.
function ofUnit({ output, unit, values, slopes }) {
  const count = values.length / whole.shapes[output][0],
    mine = values.slice(unit * count, (unit + 1) * count);
  return [mine, mine.map((value, at) => value * slopes[unit * count + at])];
}

// The weights that make a unit: of a filter for each channel, of a dense unit in the shape of what it sees.
function weightsOf(output, unit) {
  let at = output - 1;
  while (!whole.layers[at].W) at--;
  const { W, from, size: window } = whole.layers[at];
  if (window)
    return [W.slice(unit * from[0] * size(window), (unit + 1) * from[0] * size(window)), [from[0], ...window]];
  const flattened = at > 0 && whole.layers[at - 1].kind === "Flatten" && whole.layers[at - 1].from.length === 3;
  return [W.slice(unit * from[0], (unit + 1) * from[0]), flattened ? whole.layers[at - 1].from : [from[0], 1, 1]];
}

// The place that the box is of: the one pointed at, or where the unit says most.
function placeOf(chosen) {
  if (state.place) return state.place;
  const [, , columns = 1] = whole.shapes[chosen.output],
    [values, weighted] = ofUnit(chosen).map((each) => each.map(Math.abs));
  const best = largest(weighted) > 0 ? weighted.indexOf(largest(weighted)) : values.indexOf(largest(values));
  return [Math.floor(best / columns), best % columns];
}

function showKnockOuts() {
  const count = state.out.length,
    clicked = count - state.count;
  find(".count").textContent = state.count;
  find(".by-hand").textContent = clicked ? `and ${clicked} that you clicked: the slider leaves those alone` : "";
  find(".slider").value = state.count;
  find(".order").value = state.order;
  const fair = [...pictures.keys()].filter((at) => pictures[at].fair);
  const mine = fair.filter((at) => pictures[at].label === state.target);
  measure((wrong, before) => {
    const done = wrong && before,
      share = (which, errors) => (which.length ? which.filter((at) => errors[at]).length / which.length : 0);
    const said = (which, errors) => (errors ? percent(share(which, errors)) : "…");
    const told = (which) => said(which, wrong) + (count ? ` (${said(which, before)} with all)` : "");
    const ofClass = mine.length ? `; of the ${mine.length} of ${data.classes[state.target]}, ${told(mine)}` : "";
    find(".error").textContent = `Misclassified, of ${fair.length} test pictures: ${told(fair)}${ofClass}.`;
    find(".error").setAttribute("aria-busy", String(!done));
    if (before) markThumbs(before);
    if (wrong) find(".all-error").style.width = `${100 * share(fair, wrong)}%`;
    if (wrong) find(".class-error").style.width = `${100 * share(mine, wrong)}%`;
  });
}

// Classify all pictures, by the whole network and by this one, a few at a time so that nothing stands still, and say
// what is found: nothing for a network whose pictures are not all done. A later call takes the place of an earlier
// one, and goes on where that was.
const measured = new Map();
let running = 0;
function measure(say) {
  const mine = ++running;
  const both = [whole, network()].map((net, at) => {
    const key = at ? JSON.stringify(state.out) : "[]";
    if (!measured.has(key)) measured.set(key, []);
    return { net, wrong: measured.get(key) };
  });
  const done = ({ wrong }) => wrong.length === pictures.length;
  const tell = () => {
    const [before, now] = both.map((each) => (done(each) ? each.wrong : null));
    say(now, before);
  };
  const some = () => {
    if (mine !== running) return;
    for (const end = performance.now() + PATIENCE; !both.every(done) && performance.now() <= end;) {
      const { net, wrong } = both.find((each) => !done(each)),
        { x, label } = pictures[wrong.length];
      wrong.push(label !== null && net.predicted(net.trace(x)) !== label);
    }
    if (both.every(done)) tell();
    else setTimeout(some);
  };
  tell();
  if (!both.every(done)) setTimeout(some);
}
