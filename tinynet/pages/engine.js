"use strict";
/* A network in the browser: tinynet/layers and tinynet/network once more, for one image at a time.

A layer of the page holds its kind, its name, the shapes of its input and output (`from`, `to`) and its parameters, flat
and in row-major order. Forward and backward are pure functions of arrays, as in Python; numbers are float64. */

const LAYERS = {
  // z_i = sum_j W_ij a_j + b_i, so da = W^T dz.
  Dense: {
    forward({ W, b, to }, a) {
      const z = zeros(to);
      for (let i = 0; i < z.length; i++) {
        let sum = b ? b[i] : 0;
        for (let j = 0, row = i * a.length; j < a.length; j++) sum += W[row + j] * a[j];
        z[i] = sum;
      }
      return z;
    },
    backward({ W, from }, dz) {
      const da = zeros(from);
      for (let i = 0; i < dz.length; i++) {
        for (let j = 0, row = i * da.length; j < da.length; j++) da[j] += W[row + j] * dz[i];
      }
      return da;
    },
  },

  // z[o,i,j] = b[o] + sum over c,p,q of W[o,c,p,q] x[c, s i + p, s j + q]; an input takes back what it gave.
  Conv2D: {
    forward(layer, x) {
      const [filters, rows, columns] = layer.to,
        z = zeros(layer.to);
      for (let o = 0; layer.b && o < filters; o++) z.fill(layer.b[o], o * rows * columns, (o + 1) * rows * columns);
      eachWeight(layer, (w, rows, columns, at, below, pixel, down, across) => {
        for (let i = 0; i < rows; i++, at += below, pixel += down) {
          for (let j = 0; j < columns; j++) z[at + j] += w * x[pixel + j * across];
        }
      });
      return z;
    },
    backward(layer, dz) {
      const dx = zeros(layer.from);
      eachWeight(layer, (w, rows, columns, at, below, pixel, down, across) => {
        for (let i = 0; i < rows; i++, at += below, pixel += down) {
          for (let j = 0; j < columns; j++) dx[pixel + j * across] += w * dz[at + j];
        }
      });
      return dx;
    },
  },

  // y = max over the window; the delta goes to the winner, the first of several.
  MaxPool2D: {
    forward(layer, x) {
      const y = zeros(layer.to);
      eachWindow(layer, (at, pixels) => {
        y[at] = x[winner(x, pixels)];
      });
      return y;
    },
    backward(layer, dy, x) {
      const dx = zeros(layer.from);
      eachWindow(layer, (at, pixels) => {
        dx[winner(x, pixels)] += dy[at];
      });
      return dx;
    },
  },

  // y = sum over the window / n, and the delta is shared out equally; padding counts in n.
  AvgPool2D: {
    forward(layer, x) {
      const y = zeros(layer.to);
      eachWindow(layer, (at, pixels, n) => {
        for (const pixel of pixels) y[at] += x[pixel] / n;
      });
      return y;
    },
    backward(layer, dy) {
      const dx = zeros(layer.from);
      eachWindow(layer, (at, pixels, n) => {
        for (const pixel of pixels) dx[pixel] += dy[at] / n;
      });
      return dx;
    },
  },

  Tanh: elementwise(
    (x) => Math.tanh(x),
    (x, y) => 1 - y * y,
  ),
  Sigmoid: elementwise(
    (x) => 1 / (1 + Math.exp(-x)),
    (x, y) => y * (1 - y),
  ),
  ReLU: elementwise(
    (x) => Math.max(x, 0),
    (x) => (x > 0 ? 1 : 0),
  ),
  Softplus: elementwise(
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    (x) => 1 / (1 + Math.exp(-x)),
  ),
  Step: elementwise(
    (x) => (x > 0 ? 1 : 0),
    () => {
      throw new Error("a step function has no gradient to pass on");
    },
  ),

  // p_i = exp(z_i) / sum_k exp(z_k), so dz_j = p_j (dp_j - sum_i dp_i p_i); shifts change nothing but the rounding.
  Softmax: {
    forward(layer, z) {
      const highest = largest(z),
        e = z.map((value) => Math.exp(value - highest)),
        sum = total(e);
      return e.map((value) => value / sum);
    },
    backward(layer, dp, z, p) {
      const shift = dp[p.indexOf(largest(p))],
        d = dp.map((value) => value - shift);
      const mean = total(d.map((value, i) => value * p[i]));
      return d.map((value, i) => p[i] * (value - mean));
    },
  },

  Flatten: { forward: (layer, x) => x.slice(), backward: (layer, dy) => dy.slice() },
  Dropout: { forward: (layer, x) => x.slice(), backward: (layer, dy) => dy.slice() },

  // Some units are replaced by fixed values, and pass no delta on.
  KnockOut: {
    forward(layer, x) {
      const y = x.slice();
      eachSilenced(layer, (at) => {
        y[at] = layer.values ? layer.values[at] : 0;
      });
      return y;
    },
    backward(layer, dy) {
      const dx = dy.slice();
      eachSilenced(layer, (at) => {
        dx[at] = 0;
      });
      return dx;
    },
  },
};

/* A network: layers in a row. Arrays of outputs and deltas are co-indexed with `names`, the input first. */
class Network {
  constructor(layers) {
    this.layers = layers;
    this.names = ["input", ...layers.map((layer) => layer.name)];
    this.shapes = [layers[0].from, ...layers.map((layer) => layer.to)];
    const last = layers[layers.length - 1];
    this.logits = layers.length - (last.kind === "Softmax" || last.kind === "Sigmoid" ? 1 : 0);
    this.oneOutput = size(last.to) === 1 && last.kind !== "Softmax";
    this.classes = this.oneOutput ? 2 : size(last.to);
  }

  trace(x) {
    const outputs = [Float64Array.from(x)];
    for (const layer of this.layers) outputs.push(LAYERS[layer.kind].forward(layer, outputs[outputs.length - 1]));
    return outputs;
  }

  // The chain rule: each layer turns the delta of its output into that of its input, from `seed` at output `at` down.
  backward(outputs, seed, at = this.layers.length) {
    const deltas = [];
    deltas[at] = Float64Array.from(seed);
    for (let i = at - 1; i >= 0; i--) {
      deltas[i] = LAYERS[this.layers[i].kind].backward(this.layers[i], deltas[i + 1], outputs[i], outputs[i + 1]);
    }
    return deltas;
  }

  // The derivative by the logits of a weighted sum of the classes' logits; of a single one z, they are -z and z.
  seed(weights) {
    return this.oneOutput ? [weights[1] - weights[0]] : weights;
  }

  // The probability of each class, or whatever else the network puts out for it.
  scores(outputs) {
    const y = outputs[outputs.length - 1];
    return this.oneOutput ? [1 - y[0], y[0]] : Array.from(y);
  }

  predicted(outputs) {
    const y = outputs[outputs.length - 1];
    return this.oneOutput ? Number(y[0] > 0.5) : y.indexOf(largest(y));
  }

  // A new network without some units, given as [name of an output, number]; it shares the parameters.
  knockedOut(units) {
    const byName = new Map();
    for (const [name, unit] of units) {
      const shape = this.shapes[this.names.indexOf(name)];
      if (!shape) throw new Error(`there is no layer ${name}; there are ${this.names.join(", ")}`);
      if (!Number.isInteger(unit) || unit < 0 || unit >= shape[0]) {
        throw new Error(`${name}: no unit ${unit}: there are ${shape[0]}, numbered from 0`);
      }
      byName.set(name, [...(byName.get(name) || []), unit]);
    }
    const without = (name, shape) =>
      byName.has(name)
        ? [{ kind: "KnockOut", name: `${name} without`, from: shape, to: shape, units: byName.get(name) }]
        : [];
    const layers = this.layers.flatMap((layer) => [layer, ...without(layer.name, layer.to)]);
    return new Network([...without("input", this.shapes[0]), ...layers]);
  }
}

function size(shape) {
  return shape.reduce((product, length) => product * length, 1);
}

function zeros(shape) {
  return new Float64Array(size(shape));
}

function total(values) {
  return values.reduce((sum, value) => sum + value, 0);
}

function largest(values) {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

// A function of each value by itself: dx = dy times its slope.
function elementwise(value, slope) {
  return {
    forward: (layer, x) => x.map((each) => value(each)),
    backward: (layer, dy, x, y) => dy.map((each, at) => each * slope(x[at], y[at])),
  };
}

// Which of the places of a window's row or column meet the image, as [first, behind the last].
function meeting(offset, stride, length, outputs) {
  const first = Math.max(0, Math.ceil(-offset / stride));
  return [first, Math.max(first, Math.min(outputs, Math.floor((length - 1 - offset) / stride) + 1))];
}

// Visit every weight with the outputs that it works on: how many rows and columns, where they begin, how far the next
// row is; where their pixels begin, and how far the next row and column are.
function eachWeight({ W, from, to, size: [kh, kw], stride: [down, across], pads }, visit) {
  const [channels, height, width] = from,
    [filters, rows, columns] = to;
  let weight = 0;
  for (let o = 0; o < filters; o++) {
    for (let c = 0; c < channels; c++) {
      for (let p = -pads[0][0]; p < kh - pads[0][0]; p++) {
        const [i0, i1] = meeting(p, down, height, rows);
        for (let q = -pads[1][0]; q < kw - pads[1][0]; q++) {
          const [j0, j1] = meeting(q, across, width, columns);
          const at = (o * rows + i0) * columns + j0,
            pixel = (c * height + i0 * down + p) * width + j0 * across + q;
          visit(W[weight++], i1 - i0, j1 - j0, at, columns, pixel, down * width, across);
        }
      }
    }
  }
}

// Visit every window of a pool: its output, the pixels that it holds, and how many places it has with its padding.
function eachWindow({ from, to, size: [kh, kw], stride: [down, across], pads }, visit) {
  const [channels, height, width] = from,
    [, rows, columns] = to,
    pixels = [];
  for (let c = 0, at = 0; c < channels; c++) {
    for (let i = 0; i < rows; i++) {
      const top = i * down - pads[0][0],
        bottom = Math.min(top + kh, height + pads[0][1]);
      for (let j = 0; j < columns; j++, at++) {
        const left = j * across - pads[1][0],
          right = Math.min(left + kw, width + pads[1][1]);
        pixels.length = 0;
        for (let y = Math.max(top, 0); y < Math.min(bottom, height); y++) {
          for (let x = Math.max(left, 0); x < Math.min(right, width); x++) pixels.push((c * height + y) * width + x);
        }
        visit(at, pixels, (bottom - top) * (right - left));
      }
    }
  }
}

function winner(x, pixels) {
  let best = pixels[0];
  for (const pixel of pixels) if (x[pixel] > x[best]) best = pixel;
  return best;
}

function eachSilenced({ units, from }, visit) {
  const unitSize = size(from) / from[0];
  for (const unit of units) for (let at = unit * unitSize; at < (unit + 1) * unitSize; at++) visit(at);
}

// Arrays travel as base64: little-endian float32, or uint16 and uint8.
function decoded(text, Type = Float32Array) {
  return new Type(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

// A network from its description in JSON, whose parameters are base64.
function networkOf(description) {
  return new Network(
    description.map((layer) => {
      const arrays = ["W", "b", "values"].filter((key) => layer[key]).map((key) => [key, decoded(layer[key])]);
      return { ...layer, ...Object.fromEntries(arrays) };
    }),
  );
}
