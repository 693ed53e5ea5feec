/* Pictures, maps and weights on canvases. */

const COLOURS = { for: [0, 98, 166], against: [199, 82, 0], salient: [240, 60, 210], mark: "#ffb000" };

// An image (C, H, W) as it looks: grey unless it has three channels; `low` is black and `high` white.
function picture(values, [channels, height, width], { low, high }) {
  const places = height * width,
    shown = new ImageData(width, height),
    scale = 255 / (high - low);
  for (let at = 0; at < places; at++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += values[channel * places + at];
    for (let channel = 0; channel < 3; channel++) {
      const value = channels === 3 ? values[channel * places + at] : sum / channels;
      shown.data[4 * at + channel] = scale * (value - low);
    }
    shown.data[4 * at + 3] = 255;
  }
  return shown;
}

// Maps (units, H, W) side by side, each value a pixel: white is positive, black negative; or for and against.
function maps(values, [units, height, width], inColour = false) {
  const across = Math.min(units, Math.ceil(Math.sqrt((units * height) / width) * 1.2), 8),
    gap = units > 1 ? 1 : 0;
  const down = Math.ceil(units / across);
  const shown = new ImageData(across * (width + gap) - gap, down * (height + gap) - gap);
  const most = largest(values.map(Math.abs)) || 1;
  for (let unit = 0, at = 0; unit < units; unit++) {
    const left = (unit % across) * (width + gap),
      top = Math.floor(unit / across) * (height + gap);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const colour = inColour ? signed(values[at] / most) : grey(values[at] / most);
        shown.data.set([...colour, 255], 4 * ((top + y) * shown.width + left + x));
      }
    }
  }
  return shown;
}

function grey(share) {
  return Array(3).fill(127.5 + 127.5 * share);
}

function signed(share) {
  const end = share > 0 ? COLOURS.for : COLOURS.against;
  return end.map((value) => 246 + (value - 246) * Math.abs(share));
}

// Put an image on a canvas of its own size; the style sheet makes it larger.
function put(canvas, image, description) {
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d").putImageData(image, 0, 0);
  if (description) canvas.setAttribute("aria-label", description);
}

// The large picture, with what is marked on it: saliency, the outline of a mask, the box that a unit sees, a cursor.
function view(canvas, image, { saliency, mask, box, cursor }) {
  const scale = Math.max(1, Math.floor(480 / Math.max(image.width, image.height)));
  [canvas.width, canvas.height] = [image.width * scale, image.height * scale];
  const context = canvas.getContext("2d"),
    small = document.createElement("canvas");
  put(small, saliency ? heated(image, saliency) : image);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  context.lineWidth = Math.max(2, scale / 3);
  if (mask) outline(context, mask, image, scale);
  if (box) framed(context, box, scale, COLOURS.mark, []);
  if (cursor) framed(context, cursor, scale, "#00b0ff", [scale, scale / 2]);
}

function framed(context, [top, bottom, left, right], scale, colour, dash) {
  for (const [style, wider] of [
    ["#000a", 2],
    [colour, 0],
  ]) {
    context.strokeStyle = style;
    context.setLineDash(dash);
    context.save();
    context.lineWidth += wider;
    context.strokeRect(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale);
    context.restore();
  }
}

// The picture paler, and pink where it matters: neither the colour of for nor that of against.
function heated(image, saliency) {
  const most = largest(saliency) || 1,
    shown = new ImageData(image.width, image.height);
  for (let at = 0; at < saliency.length; at++) {
    const share = saliency[at] / most;
    const mixed = COLOURS.salient.map((value, i) => (1 - share) * (0.55 * image.data[4 * at + i] + 60) + share * value);
    shown.data.set([...mixed, 255], 4 * at);
  }
  return shown;
}

function outline(context, mask, { width, height }, scale) {
  const inside = (y, x) => y >= 0 && x >= 0 && y < height && x < width && mask[y * width + x];
  context.strokeStyle = "#56b4e9";
  context.setLineDash([scale / 2, scale / 3]);
  context.beginPath();
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      if (inside(y, x) !== inside(y - 1, x)) {
        context.moveTo(x * scale, y * scale);
        context.lineTo((x + 1) * scale, y * scale);
      }
      if (inside(y, x) !== inside(y, x - 1)) {
        context.moveTo(x * scale, y * scale);
        context.lineTo(x * scale, (y + 1) * scale);
      }
    }
  }
  context.stroke();
}
