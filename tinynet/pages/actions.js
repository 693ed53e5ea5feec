/* What a person does with the network of the page. Every change goes through `set`. */

function set(changes, remember = true) {
  Object.assign(state, changes);
  show();
  if (remember) remembered();
}

function choosePicture(at, remember = true) {
  const { x, label } = pictures[at],
    trace = network().trace(x),
    scores = whole.scores(trace);
  const [said, next] = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
  const other = label === null || label === said ? next : label;
  set({ picture: at, target: said, other, steps: 0, painted: new Set(), place: null }, remember);
  find(`.strip input[value="${at}"]`).checked = true;
}

function toggle(output, unit) {
  const name = whole.names[output],
    others = ([layer, each]) => layer !== name || each !== unit;
  const rest = state.out.filter(others),
    count = taken().filter(others).length;
  set(isOut(name, unit) ? { out: rest, count } : { out: [...state.out, [name, unit]] });
}

// Of what is knocked out, first comes what the slider took, so many as `count` says, and then what was clicked: the
// slider takes other units and leaves those alone. A unit that was clicked and then taken is there twice.
function taken() {
  return state.out.slice(0, state.count);
}

function knockOutFirst(order, count) {
  set({ order, count, out: [...orders[order].of(state.target).slice(0, count), ...state.out.slice(state.count)] });
}

// The square of pixels under the brush, within the picture.
function brushed(centre) {
  if (!centre) return null;
  const half = Number(find(".brush").value) / 2,
    clip = (value, most) => Math.min(most, Math.max(0, Math.round(value)));
  const [row, column] = centre.map((value) => Math.floor(value) + 0.5);
  return [clip(row - half, height), clip(row + half, height), clip(column - half, width), clip(column + half, width)];
}

function paint(centre, remember = true) {
  const [top, bottom, left, right] = brushed(centre),
    painted = new Set(state.painted);
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) painted.add(y * width + x);
  set({ painted, cursor: centre }, remember);
}

// A file as a picture for the network: its middle, in the network's size and colours.
function take(file) {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas"),
      scale = Math.max(width / image.width, height / image.height);
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d"),
      [w, h] = [image.width * scale, image.height * scale];
    context.fillStyle = "white"; // behind what is transparent, as in Python
    context.fillRect(0, 0, width, height);
    context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
    URL.revokeObjectURL(image.src);
    const pixels = context.getImageData(0, 0, width, height).data,
      bytes = new Uint8Array(channels * places);
    for (let at = 0; at < places; at++) {
      const colour = pixels.slice(4 * at, 4 * at + 3);
      const level = Math.round(0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]);
      for (let channel = 0; channel < channels; channel++)
        bytes[channel * places + at] = channels === 3 ? colour[channel] : level;
    }
    find(".own-fault").textContent = "";
    choosePicture(added(bytes));
  };
  image.onerror = () => {
    find(".own-fault").textContent = `${file.name} is no picture that this browser reads.`;
  };
  image.src = URL.createObjectURL(file);
}

// Put a picture of the person's own beside the others, unless it is there already; return its place.
function added(bytes) {
  const text = btoa(Array.from(bytes, (value) => String.fromCharCode(value)).join(""))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
  const there = pictures.findIndex(({ own }) => own === text);
  if (there >= 0) return there;
  pictures.push({
    x: Float64Array.from(bytes, (value) => value / 255),
    label: null,
    fair: false,
    mask: null,
    own: text,
  });
  thumb(pictures.length - 1, true);
  return pictures.length - 1;
}

// ------------------------------------------------------------------------------------------------ the address

const START = "#live:";
const LONGEST = 20000; // values of a picture that an address still has room for

function remembered() {
  const runs = [];
  for (const at of [...state.painted].sort((a, b) => a - b)) {
    const run = runs[runs.length - 1];
    if (run && run[0] + run[1] === at) run[1]++;
    else runs.push([at, 1]);
  }
  const { picture: p, target: c, other: o, order, count, steps: s, out, unit } = state;
  const words = {
    p,
    c,
    o,
    s,
    r: Number(state.relative),
    n: `${order}.${count}`,
    k: out.map(([name, each]) => `${each}.${name}`).join(","),
    u: unit ? unit.join(".") : "",
    b: runs.map((run) => run.join(".")).join(","),
    d: Number(state.saliency),
    f: Number(state.planted),
    w: channels * places <= LONGEST ? pictures[p].own || "" : "",
  };
  const filled = Object.entries(words).filter(([, value]) => value !== "" && value !== 0);
  try {
    history.replaceState(null, "", START + new URLSearchParams(filled));
  } catch {
    /* a page within a page may have no address of its own */
  }
}

// The place of a picture that an address brings along, or -1 if it is none for this network.
function sent(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    return bytes.length === channels * places ? added(bytes) : -1;
  } catch {
    return -1;
  }
}

// Whether a value is one of the whole numbers from 0 on of which there are so many.
function isOf(count, value) {
  return Number.isInteger(value) && value >= 0 && value < count;
}

function isUnit([output, unit]) {
  return outputs.includes(output) && isOf(whole.shapes[output][0], unit);
}

// The state that an address holds, or nothing if it was made for another page or is not as `remembered` writes it.
function recalled(address) {
  if (!address.startsWith(START)) return null;
  const words = new URLSearchParams(address.slice(START.length)),
    numeral = (key) => Number(words.get(key) || 0);
  const pairs = (key) =>
    (words.get(key) || "")
      .split(",")
      .filter(Boolean)
      .map((text) => {
        const [first, ...rest] = text.split(".");
        return [Number(first), rest.join(".")];
      });
  const [[order, count] = [0, 0]] = pairs("n"),
    [unit = null] = pairs("u"),
    runs = pairs("b").map(([first, length]) => [first, first + Number(length)]);
  const found = {
    picture: words.has("w") ? sent(words.get("w")) : numeral("p"),
    target: numeral("c"),
    other: numeral("o"),
    steps: numeral("s"),
    relative: numeral("r") === 1,
    order,
    count: Number(count),
    out: pairs("k").map(([each, name]) => [name, each]),
    unit: unit && [unit[0], Number(unit[1])],
    painted: new Set(),
    saliency: numeral("d") === 1,
    planted: numeral("f") === 1,
    place: null,
  };
  const fits =
    isOf(pictures.length, found.picture) &&
    isOf(whole.classes, found.target) &&
    isOf(whole.classes, found.other) &&
    isOf(Number(find(".steps").max) + 1, found.steps) &&
    isOf(orders.length, order) &&
    isOf(Math.min(ranked[0][0].length, found.out.length) + 1, found.count) &&
    found.out.every(([name, each]) => isUnit([whole.names.indexOf(name), each])) &&
    (!unit || isUnit(found.unit)) &&
    runs.every(([first, end]) => isOf(end, first) && isOf(places + 1, end));
  if (!fits) return null;
  for (const [first, end] of runs) for (let at = first; at < end; at++) found.painted.add(at);
  return found;
}

// ------------------------------------------------------------------------------------------------ the places

const MANY = 26; // pictures, at most, before one asks for more

function thumb(at, visible) {
  const canvas = element("canvas"),
    { x, label } = pictures[at];
  put(canvas, picture(x, shape, { low, high }));
  const name = label === null ? "your own picture" : data.classes[label];
  const choice = element("input", {
    type: "radio",
    name: "live-picture",
    value: at,
    onchange: () => choosePicture(at),
  });
  choice.setAttribute("aria-label", name);
  find(".strip").append(element("label", { className: "thumb", hidden: !visible, title: name }, choice, canvas));
}

function markThumbs(wrong) {
  find(".strip")
    .querySelectorAll("label")
    .forEach((label, at) => {
      label.classList.toggle("wrong", Boolean(wrong[at]));
      if (wrong[at])
        label.querySelector("input").setAttribute("aria-label", `${data.classes[pictures[at].label]}, misclassified`);
    });
}

function build() {
  pictures.forEach((_, at) => thumb(at, at < MANY));
  const more = find(".all-pictures");
  more.hidden = pictures.length <= MANY;
  more.textContent = `Show all ${pictures.length}`;
  more.onclick = () => {
    find(".strip")
      .querySelectorAll("label")
      .forEach((label) => {
        label.hidden = false;
      });
    more.hidden = true;
  };
  data.classes.forEach((name, at) => {
    const choice = element("input", {
      type: "radio",
      name: "live-class",
      value: at,
      onchange: () => set({ target: at, steps: 0 }),
    });
    const track = element("span", { className: "track" }, element("i", { className: "fill" }));
    find(".classes").append(
      element(
        "label",
        {},
        choice,
        element("span", { className: "name", textContent: name }),
        track,
        element("span", { className: "share" }),
      ),
    );
    find(".other").append(element("option", { value: at, textContent: name }));
  });
  const longest = Math.max(...data.classes.map((name) => name.length));
  home.style.setProperty("--name", `${Math.min(10, Math.max(2, longest + 1))}ch`);
  for (const output of outputs) layer(output);
  orders.forEach(({ name }, at) => find(".order").append(element("option", { value: at, textContent: name })));
  find(".slider").max = ranked[0][0].length;
  find(".of").textContent = counted(ranked[0][0].length, data.noun);
  find(".counted").textContent = whatIsCounted();
  find(".which").hidden = !document.getElementById("short");
  find(".planted").hidden = !pictures.some(({ mask }) => mask && mask.some(Boolean));
  find(".live").hidden = false;
}

function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

// What the slider counts, and which circles it does not.
function whatIsCounted() {
  const names = data.scores[0].outputs,
    others = outputs.filter((output) => !names.includes(whole.names[output]));
  const told = `The slider counts the ${counted(ranked[0][0].length, data.noun)} of ${names.join(", ")}.`;
  if (!others.length) return told;
  const rest = others.map((output) => {
    const what = whole.shapes[output].length === 3 ? "filters" : "units, which see the whole picture";
    return `the ${whole.shapes[output][0]} circles of ${whole.names[output]} (${what})`;
  });
  return `${told} It leaves alone ${rest.join(" and ")}: click on those to knock them out.`;
}

function layer(output) {
  const [count] = whole.shapes[output],
    name = whole.names[output];
  const row = element("div", {
    className: `layer ${count > 300 ? "tiny" : count > 60 ? "small" : count < 13 ? "large" : ""}`,
  });
  row.dataset.output = output;
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", `${name}: arrow keys move, space knocks out`);
  const circles = element("div", { className: "units" });
  for (let unit = 0; unit < count; unit++) {
    const point = () => {
      if (String(state.unit) !== String([output, unit])) set({ unit: [output, unit], place: null }, false);
    };
    circles.append(
      element("button", {
        type: "button",
        tabIndex: output === outputs[0] && unit === 0 ? 0 : -1,
        onfocus: point,
        onpointerenter: point,
        onclick: () => toggle(output, unit),
      }),
    );
  }
  row.append(element("span", { className: "layer-name", textContent: name }), circles);
  find(".layers").append(row);
}

function listen() {
  find(".relative").onchange = (event) => set({ relative: event.target.value === "relative" });
  find(".other").onchange = (event) => set({ other: Number(event.target.value) });
  find(".steps").oninput = (event) => set({ steps: Number(event.target.value) });
  find(".slider").oninput = (event) => knockOutFirst(state.order, Number(event.target.value));
  find(".order").onchange = (event) => knockOutFirst(Number(event.target.value), state.count);
  find(".whole").onclick = () => set({ out: [], count: 0 });
  find(".clean").onclick = () => set({ painted: new Set(), steps: 0 });
  find(".show-saliency").onchange = (event) => set({ saliency: event.target.checked });
  find(".show-planted").onchange = (event) => set({ planted: event.target.checked });
  find(".own input").onchange = (event) => {
    if (event.target.files[0]) take(event.target.files[0]);
  };
  find(".copy").onclick = () => {
    remembered();
    if (navigator.clipboard)
      navigator.clipboard.writeText(location.href).then(
        () => {
          find(".copy").textContent = "copied";
        },
        () => {},
      );
  };
  home.addEventListener("dragover", (event) => event.preventDefault());
  home.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  const canvas = find(".view"),
    map = [find(".map"), find(".speaks")];
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    paint(under(event, canvas, [height, width]), false);
  };
  canvas.onpointermove = (event) => {
    if (event.buttons) paint(under(event, canvas, [height, width]), false);
  };
  canvas.onpointerup = remembered; // browsers refuse an address that changes with every move
  canvas.onkeydown = moveBrush;
  canvas.onfocus = canvas.onblur = () => show();
  for (const each of map) {
    each.onpointermove = (event) => set({ place: under(event, each, whole.shapes[state.unit[0]].slice(1)) }, false);
    each.onpointerleave = () => set({ place: null }, false);
  }
  find(".layers").onkeydown = moveFocus;
  window.addEventListener("hashchange", recall);
}

function moveBrush(event) {
  const step = Math.max(1, Math.floor(Number(find(".brush").value) / 2)),
    [row, column] = state.cursor || [height >> 1, width >> 1];
  if (event.key === " ") paint([row, column]);
  else if (MOVES[event.key]) {
    const clip = (value, length) => Math.min(length - 1, Math.max(0, value)),
      [down, across] = MOVES[event.key];
    set({ cursor: [clip(row + down * step, height), clip(column + across * step, width)] }, false);
  } else return;
  event.preventDefault();
}

function moveFocus(event) {
  const from = event.target.closest("button"),
    move = MOVES[event.key];
  if (!from || !move) return;
  event.preventDefault();
  const rows = [...find(".layers").children].map((row) => [...row.querySelectorAll("button")]);
  const row = rows.findIndex((buttons) => buttons.includes(from)),
    column = rows[row].indexOf(from);
  const next = rows[Math.min(rows.length - 1, Math.max(0, row + move[0]))];
  const to = next[Math.min(next.length - 1, Math.max(0, column + move[1]))];
  [from.tabIndex, to.tabIndex] = [-1, 0];
  to.focus();
}

function recall() {
  const found = recalled(location.hash);
  if (!found) return false;
  set(found, false);
  find(".show-saliency").checked = found.saliency;
  find(".show-planted").checked = found.planted;
  find(`.strip input[value="${found.picture}"]`).checked = true;
  return true;
}

window.tinynet = {
  predict: (x) => {
    check(x);
    const trace = network().trace(x);
    return Array.from(trace[trace.length - 1]);
  },
  gradient: (x, label) => {
    check(x);
    if (!isOf(whole.classes, label))
      throw new Error(`there is no class ${label}; there are ${whole.classes}, numbered from 0`);
    return Array.from(deltasOf(network(), network().trace(x), oneHot(label))[0]);
  },
  knockOut: (units) => {
    if (!Array.isArray(units) || !units.every((pair) => Array.isArray(pair) && pair.length === 2))
      throw new Error('units are pairs of a layer and a number, such as [["tanh1", 0], ["tanh1", 2]]');
    whole.knockedOut(units);
    const once = new Map(units.map(([name, unit]) => [`${unit}.${name}`, [name, unit]]));
    set({ out: [...once.values()], count: 0 });
  },
};

// A picture is an array, typed or not, of numbers.
function check(x) {
  const expected = `expected ${channels * places} numbers in (channel, row, column) order`;
  if (!Array.isArray(x) && !(ArrayBuffer.isView(x) && x.length !== undefined))
    throw new Error(`a picture is no array, ${expected}`);
  if (x.length !== channels * places) throw new Error(`a picture has ${x.length} values, ${expected}`);
  const odd = Array.prototype.findIndex.call(x, (value) => !Number.isFinite(value));
  if (odd >= 0) throw new Error(`value ${odd} of a picture is ${x[odd]}, ${expected}`);
}

build();
listen();
if (recall()) home.scrollIntoView();
else {
  choosePicture(0, false);
  set({ unit: loudest() }, false);
}
