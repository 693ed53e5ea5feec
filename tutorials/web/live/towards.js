/* Chapter 9: a step from one person's face towards another's, and whom the network reads in it. */

const { home, find, data } = figure("towards");
const net = networkOf(data.layers),
  [shape] = net.shapes,
  names = data.names;
const levels = decoded(data.levels, Uint8Array),
  signs = decoded(data.signs, Uint8Array);
const faces = data.owners.map((owner, n) => ({
  owner,
  x: Float64Array.from(levels.subarray(n * size(shape), (n + 1) * size(shape)), (level) => level / 255),
}));
const state = { face: 0, target: data.target, way: "once", length: 0 };

const norm = (v) => Math.sqrt(total(v.map((value) => value * value)));
const clip = (value) => Math.min(1, Math.max(0, value));

// The gradient of log p of a class at the pixels, scaled to the length 1: the seed at the logits is t − p.
function direction(x, target) {
  const trace = net.trace(x),
    seed = net.scores(trace).map((p, k) => Number(k === target) - p);
  const gradient = net.backward(trace, seed, net.logits)[0],
    length = norm(gradient) || 1;
  return gradient.map((value) => value / length);
}

const WAYS = {
  once: (x, target, length) => {
    const d = direction(x, target);
    return x.map((value, at) => clip(value + length * d[at]));
  },
  // Each step is a quarter of the ball's radius and asks for the way anew; outside the ball it is pulled back to it.
  small: (x, target, length) => {
    let moved = x;
    for (let step = 0; step < 8 && length > 0; step++) {
      const d = direction(moved, target),
        far = moved.map((value, at) => value + (length / 4) * d[at] - x[at]),
        share = Math.min(1, length / norm(far));
      moved = x.map((value, at) => clip(value + share * far[at]));
    }
    return moved;
  },
  random: (x, target, length) => {
    const each = length / Math.sqrt(x.length);
    return x.map((value, at) => clip(value + (bit(signs, at) ? each : -each)));
  },
};

// ------------------------------------------------------------------------------------------------ what is shown

const read = (p) => p.indexOf(Math.max(...p));
const told = (p) => `${names[read(p)]}, ${percent(p[read(p)])}`;

function passes() {
  const { owner, x } = faces[state.face],
    moved = WAYS[state.way](x, state.target, state.length);
  return { owner, x, moved, before: net.scores(net.trace(x)), after: net.scores(net.trace(moved)) };
}

function show() {
  const { owner, x, moved, before, after } = passes(),
    change = moved.map((value, at) => value - x[at]),
    most = largest(change.map(Math.abs)),
    levels = (255 * norm(change)) / Math.sqrt(x.length);
  const looks = { low: 0, high: 1 };
  put(find(".from"), picture(x, shape, looks), `The face of ${names[owner]}, read as ${told(before)}`);
  put(find(".change"), maps(change, shape, true), "What is added to the pixels");
  put(find(".to"), picture(moved, shape, looks), `The face with the step, read as ${told(after)}`);
  find(".from-name").textContent = `Read as ${told(before)}`;
  find(".change-name").textContent = most
    ? `Added: blue brighter, orange darker, ${number(1 / most)} times as strong`
    : "Added: nothing yet";
  find(".to-name").textContent = `Read as ${told(after)}`;
  find(".length-value").textContent = fixed(state.length, 1);
  const who = read(after),
    outcome = who === owner ? "as before" : who === state.target ? "as wanted" : "a third person";
  find(".said").textContent =
    `At the length ${fixed(state.length, 1)}, a pixel changes by ${fixed(levels, 1)} of 255 grey levels: ` +
    `the network reads ${names[who]} (${percent(after[who])}), ${outcome}.`;
  const shown = [...new Set([owner, state.target, ...[...after.keys()].sort((a, b) => after[b] - after[a])])].slice(
    0,
    5,
  );
  find(".bars").replaceChildren(
    ...shown.flatMap((label) => {
      const fill = element("i");
      fill.style.width = `${100 * after[label]}%`;
      const role = label === owner ? " before" : label === state.target ? " wanted" : "";
      return [
        element("span", { textContent: names[label] }),
        element("span", { className: `track${role}` }, fill),
        element("span", { className: "share", textContent: percent(after[label]) }),
      ];
    }),
  );
}

// ------------------------------------------------------------------------------------------------ what one does

function set(changes) {
  Object.assign(state, changes);
  if (faces[state.face].owner === state.target) state.target = (state.target + 1) % names.length;
  find(".target").value = state.target;
  show();
}

faces.forEach(({ owner }, at) => find(".owner").append(element("option", { value: at, textContent: names[owner] })));
names.forEach((name, at) => find(".target").append(element("option", { value: at, textContent: name })));
find(".owner").onchange = ({ target }) => set({ face: Number(target.value) });
find(".target").onchange = ({ target }) => set({ target: Number(target.value) });
find(".way").onchange = ({ target }) => set({ way: target.value });
find(".length").value = state.length;
find(".length").oninput = ({ target }) => set({ length: target.valueAsNumber });

// What is shown, unrounded.
home.numbers = () => {
  const { before, after, moved } = passes();
  return { ...state, before, after, moved: [...moved] };
};
set({});
