/* What the live figures of the course share. */

// The places and the data of a figure, which show themselves now that there is a script.
function figure(name) {
  const home = document.getElementById(`alive-${name}`);
  const find = (query) => home.querySelector(query);
  find(".stage").hidden = false;
  return { home, find, data: JSON.parse(find(".data").textContent) };
}

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

// A number as it is printed, with a minus sign that is as wide as a plus.
function fixed(value, digits = 2) {
  return value
    .toFixed(digits)
    .replace(/^-(0(?:\.0+)?)$/, "$1")
    .replace("-", "−");
}

// A drawn thing: `svg("circle", { cx: 1, cy: 2, r: 3 })`.
function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
