/* Small parts of which pages with a network in them are made. */

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// The row and column of a picture, drawn on a canvas, under the pointer.
function under(event, canvas, [rows, columns]) {
  const box = canvas.getBoundingClientRect();
  const place = [((event.clientY - box.top) / box.height) * rows, ((event.clientX - box.left) / box.width) * columns];
  return place.map((value, axis) => Math.min([rows, columns][axis] - 1, Math.max(0, Math.floor(value))));
}

// Where the arrow keys go, as rows down and columns across.
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function percent(share) {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

function number(value) {
  return value && (Math.abs(value) < 0.001 || Math.abs(value) >= 1000) ? value.toExponential(1) : value.toPrecision(3);
}

// A bit of packed ones, the first of a byte being its highest.
function bit(bytes, at) {
  return (bytes[at >> 3] >> (7 - (at & 7))) & 1;
}
