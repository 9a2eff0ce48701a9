// An image, a kernel, the map that comes out, and one output as the sum of products that it is; or the maps of
// each layer of a small net: nnlib/teach/widgets/kernel_explorer.py.

import { control, element, explorer, marked, remembered } from "./controls.js";
import { general, signed } from "./numbers.js";

const ONE = "one kernel";
const OWN = "your own";
const SIDE = 28; // of an image in a net
const SMALLEST = 1e-6; // what is below it is taken for what rounding has left of 0
const CANVAS = [640, 560]; // pixels
const ROOM_FOR_MINUS = 14; // pixels that a pixel of a map has at least, where it gets a minus
const SIGNS = "what is above zero is blue, what is below is black";
const BLUE = [0, 114, 178];
const ORANGE = [230, 159, 0];
const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];

// Maps are {shape: [rows, columns, n], values}, the n values of a pixel side by side.

const zeros = (shape) => ({ shape, values: new Float64Array(shape[0] * shape[1] * shape[2]) });
const at = ({ shape: [, columns, n], values }, i, j, c) => values[(i * columns + j) * n + c];
const isOutside = ({ shape: [rows, columns] }, i, j) => i < 0 || j < 0 || i >= rows || j >= columns;

function fromGreys(rows, greys) {
  return { shape: [rows.length, rows[0].length, 1], values: Float64Array.from(rows.flat(), (x) => x / greys) };
}

// Z[i, j, o] = Σ X[s i + u - p, s j + v - p, c] W[u, v, c, o] + b[o], zeros where X ends.
export function convolution(X, { W, b, stride, padding }) {
  const [height, width, depth, n] = [W.length, W[0].length, W[0][0].length, b.length];
  const size = (side, k) => Math.ceil((side + 2 * padding - k + 1) / stride);
  const Z = zeros([size(X.shape[0], height), size(X.shape[1], width), n]);
  const [rows, columns] = Z.shape;
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      for (let o = 0; o < n; o += 1) {
        let sum = b[o];
        for (let u = 0; u < height; u += 1) {
          for (let v = 0; v < width; v += 1) {
            const [r, q] = [stride * i + u - padding, stride * j + v - padding];
            for (let c = 0; c < depth && !isOutside(X, r, q); c += 1) {
              sum += at(X, r, q, c) * W[u][v][c][o];
            }
          }
        }
        Z.values[(i * columns + j) * n + o] = sum;
      }
    }
  }
  return Z;
}

export function pooling(X, { size }) {
  const [rows, columns, n] = [Math.floor(X.shape[0] / size), Math.floor(X.shape[1] / size), X.shape[2]];
  const Y = zeros([rows, columns, n]);
  Y.values.forEach((_, k) => {
    const [i, j, c] = [Math.floor(k / n / columns), Math.floor(k / n) % columns, k % n];
    let largest = -Infinity;
    for (let u = 0; u < size * size; u += 1) {
      largest = Math.max(largest, at(X, size * i + Math.floor(u / size), size * j + (u % size), c));
    }
    Y.values[k] = largest;
  });
  return Y;
}

const relu = ({ shape, values }) => ({ shape, values: values.map((x) => Math.max(x, 0)) });

// Rows and columns of the image that output [i, j] has seen, both ends included.
export function receptiveField(blocks, i, j) {
  const ends = [
    [i, i],
    [j, j],
  ];
  blocks.toReversed().forEach(({ W, stride, padding, size }) => {
    ends.forEach((end, axis) => {
      const k = W && (axis ? W[0].length : W.length);
      end[0] = W ? stride * end[0] - padding : size * end[0];
      end[1] = W ? stride * end[1] - padding + k - 1 : size * end[1] + size - 1;
    });
  });
  return ends;
}

// As large as a net takes it, in the middle of zeros.
function inNet(rows) {
  const before = [rows.length, rows[0].length].map((side) => Math.floor(Math.max(0, SIDE - side) / 2));
  return Array.from({ length: Math.max(SIDE, rows.length) }, (_, i) =>
    Array.from({ length: Math.max(SIDE, rows[0].length) }, (__, j) => rows[i - before[0]]?.[j - before[1]] ?? 0),
  );
}

// The image, and what comes out of each layer: the same wherever one looks.
const through = remembered(({ images, greys, net, layers }, image, layer, W, stride, padding) => {
  const isOne = layer === ONE;
  const X = fromGreys(isOne ? images[image] : inNet(images[image]), greys);
  const own = { W: W.map((row) => row.map((w) => [[w]])), b: [0], stride, padding };
  const blocks = isOne ? [own] : net.slice(0, layers.indexOf(layer) + 1);
  const maps = [X];
  blocks.forEach((block) => {
    const Z = block.W ? convolution(maps.at(-1), block) : pooling(maps.at(-1), block);
    maps.push(block.W && !isOne ? relu(Z) : Z);
  });
  return { isOne, blocks, maps };
});

// What is computed for the present controls: maps, what comes in, what the output sees, and what it is.
export function found(now, data) {
  const { isOne, blocks, maps } = through(data, now.image, now.layer, now.W, now.stride, now.padding);
  const [X, input, Y] = [maps[0], ...maps.slice(-2)];
  const block = blocks.at(-1);
  const [o, i, j] = [Math.min(now.o, Y.shape[2] - 1), Math.min(now.i, Y.shape[0] - 1), Math.min(now.j, Y.shape[1] - 1)];
  const [step, p] = block.W ? [block.stride, block.padding] : [block.size, 0];
  const sides = block.W ? [block.W.length, block.W[0].length] : [block.size, block.size];
  const channels = block.W ? Array.from({ length: input.shape[2] }, (_, c) => c) : [o];
  const seen = Array.from({ length: sides[0] * sides[1] }, (_, k) => [
    step * i + Math.floor(k / sides[1]) - p,
    step * j + (k % sides[1]) - p,
  ]);
  const isPadding = seen.map(([r, q]) => isOutside(input, r, q));
  const digits = isOne ? (x) => x : Math.fround; // a net has single precision
  const patch = seen.map(([r, q], k) => channels.map((c) => (isPadding[k] ? 0 : digits(at(input, r, q, c)))));
  const weights = block.W && seen.map((_, k) => block.W[Math.floor(k / sides[1])][k % sides[1]].map((w) => digits(w[o])));
  const terms = weights && patch.map((xs, k) => xs.map((x, c) => x * weights[k][c]));
  const field = receptiveField(blocks, i, j);
  const corners = [receptiveField(blocks, 0, 0), receptiveField(blocks, Y.shape[0] - 1, Y.shape[1] - 1)];
  const beyond = [0, 1].map((axis) => Math.max(-corners[0][axis][0], corners[1][axis][1] + 1 - X.shape[axis]));
  const sees = [
    [step * i, step * i + sides[0] - 1],
    [step * j, step * j + sides[1] - 1],
  ];
  return {
    ...{ X, Y, input, block, isOne, isFirst: blocks.length === 1, place: [o, i, j], value: at(Y, i, j, o) },
    ...{ patch, weights, terms, isPadding, sides, sees, field, p, margin: Math.max(0, ...beyond) },
  };
}

// Words

const plain = (x) => signed(Math.abs(x) >= SMALLEST ? x : 0);
const bracketed = (x) => (plain(x).startsWith("−") ? `(${plain(x)})` : plain(x));
const inProduct = (x) => (signed(x).startsWith("−") ? `(${signed(x)})` : signed(x));
const span = ([first, last]) => `${first} to ${last}`.replaceAll("-", "−");
const sizes = ([rows, columns, n]) => `${rows} × ${columns}${n > 1 ? ` × ${n}` : ""}`;
const total = (numbers) => numbers.flat().reduce((a, b) => a + b, 0);

function formulaOf({ block, place: [o, i, j], patch, weights, terms, sees, isOne }) {
  const [r, q] = sees.map(([first]) => (first ? `${first}+` : ""));
  if (!block.W) {
    const numbers = patch.map(([x]) => plain(x)).join(", ");
    const formula = `max<sub>u, v</sub> X<sub>${r}u, ${q}v, ${o}</sub> = max(${numbers})`;
    return [`Y<sub>${i}, ${j}, ${o}</sub> = ${formula}`, Math.max(...patch.flat())];
  }
  const isShort = [...patch.flat(), ...weights.flat()].every((x) => Number(general(x, 3)) === x);
  const products = patch.map(([x], k) => `${inProduct(x)} · ${inProduct(weights[k][0])}`).join(" + ");
  if (isOne) {
    const formula = `Σ<sub>u</sub> Σ<sub>v</sub> X<sub>${r}u, ${q}v</sub> W<sub>u, v</sub>`;
    return [`Y<sub>${i}, ${j}</sub> = ${formula} ${isShort ? "=" : "≈"} ${products}`, total(terms)];
  }
  const sums = terms[0].map((_, c) => total(terms.map((term) => term[c])));
  const numbers = sums.length > 1 ? sums.map(inProduct).join(" + ") : products;
  const formula =
    `Z<sub>${i}, ${j}, ${o}</sub> = Σ<sub>u</sub> Σ<sub>v</sub> Σ<sub>c</sub>` +
    ` X<sub>${r}u, ${q}v, c</sub> W<sub>u, v, c, ${o}</sub> + b<sub>${o}</sub>`;
  const b = Math.fround(block.b[o]);
  return [`${formula} ${sums.length === 1 && isShort ? "=" : "≈"} ${numbers} + ${bracketed(b)}`, total(terms) + b];
}

function aboutSizes({ block, place: [, i, j], sees, isPadding, X, Y, p }) {
  const [rows, columns] = sees.map(([first, last]) => `${first}:${last + 1}`);
  const code = `<code>Y[${i}, ${j}] = (X[${rows}, ${columns}] * W).sum()</code>`;
  const lead = p ? "In code, with zeros around it by <code>X = np.pad(X, 1)</code>" : "In code";
  const outside = isPadding.filter(Boolean).length;
  const overlaps = outside ? ` ${outside} of these ${isPadding.length} pixels are zeros of the padding.` : "";
  const [height, k] = [X.shape[0], block.W.length];
  return (
    `${lead}: ${code}.${overlaps}` +
    ` Rows that come out: ⌈(${height} + 2 · ${p} − ${k} + 1) / ${block.stride}⌉ = ${Y.shape[0]}.`
  );
}

function aboutField({ field, X }) {
  const lengths = field.map(([first, last]) => last - first + 1);
  const inside = field.map(([first, last], axis) => Math.min(last, X.shape[axis] - 1) - Math.max(first, 0) + 1);
  const outside = lengths[0] * lengths[1] - inside[0] * inside[1];
  const zerosOf = outside ? `, ${outside} of them zeros of padding` : "";
  return (
    `It has seen rows ${span(field[0])} and columns ${span(field[1])} of the image:` +
    ` ${lengths[0]} × ${lengths[1]} pixels${zerosOf}.`
  );
}

function range({ Y, place: [o] }) {
  const [rows, columns, n] = Y.shape;
  const values = Array.from({ length: rows * columns }, (_, k) => Y.values[k * n + o]);
  const ends = [
    ["largest", Math.max(...values)],
    ["smallest", Math.min(...values)],
  ].map(([name, end]) => {
    const k = values.indexOf(end);
    return `the ${name} is ${plain(end)}, first at [${Math.floor(k / columns)}, ${k % columns}]`;
  });
  return `Of ${values.length} outputs${n > 1 ? ` of map ${o}` : ""} ${ends.join(" and ")}.`;
}

// What is said, line by line, with <b>, <sub> and <code> in it.
export function lines(seen) {
  const { block, isOne, place: [o, i, j], value } = seen;
  const [formula, sum] = formulaOf(seen);
  return [
    `${formula} = <b>${plain(sum)}</b>`,
    ...(block.W && !isOne ? [`Then ReLU: Y<sub>${i}, ${j}, ${o}</sub> = <b>${plain(value)}</b>`] : []),
    isOne ? aboutSizes(seen) : aboutField(seen),
    range(seen),
  ];
}

// Small tables in the colours of the pictures

const mixed = (one, other, share) => one.map((x, k) => Math.round(x + (other[k] - x) * share));
const ink = (share) => mixed(WHITE, BLACK, Math.max(share, 0));
const between = (colour) => (share) => mixed(WHITE, share < 0 ? BLACK : colour, Math.abs(share));
const signedData = between(BLUE);
const parameter = between(ORANGE);
const largestOf = (numbers) => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;

function cells(name, rows, colours, largest, { lit, padding, above, head } = {}) {
  const table = element("table", {}, element("caption", {}, name));
  if (head) {
    table.append(element("tr", {}, ...rows[0].map((_, c) => Object.assign(element("th", {}, String(c)), { scope: "col" }))));
  }
  rows.forEach((row, i) => {
    const line = row.map((x, j) => {
      const k = i * row.length + j;
      const paint = colours(Math.min(1, Math.max(-1, x / largest)));
      const linear = paint.map((c) => (c <= 10.3 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      const light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
      const cell = element("td", {}, ...(above ? [element("small", {}, above[k])] : []), plain(x));
      cell.classList.toggle("nnlib-padding", Boolean(padding?.[k]));
      cell.classList.toggle("nnlib-largest", k === lit);
      cell.style.cssText = `background: rgb(${paint}); color: ${light < 0.18 ? "white" : "black"}`;
      return cell;
    });
    table.append(element("tr", {}, ...line));
  });
  return table;
}

export function detail({ block, patch, weights, terms, isPadding, sides, input }) {
  const inRows = (numbers) => Array.from({ length: sides[0] }, (_, i) => numbers.slice(i * sides[1], (i + 1) * sides[1]));
  const largest = largestOf(input.values);
  const beside = (...parts) => {
    const isWide = sides[1] > 3 && parts.length > 3;
    const made = parts.map((part) => (typeof part === "string" ? element("span", {}, part) : part));
    return element("div", { className: `nnlib-side-by-side${isWide ? " nnlib-wide" : ""}` }, ...made);
  };
  if (!block.W) {
    const square = patch.flat();
    const most = Math.max(...square);
    return beside(
      cells("the square", inRows(square), signedData, largest, { lit: square.indexOf(most) }),
      "→",
      cells("the largest", [[most]], signedData, largest),
    );
  }
  if (input.shape[2] > 1) {
    const sums = terms[0].map((_, c) => total(terms.map((term) => term[c])));
    return beside(cells(`what map c adds: ${terms.length} products`, [sums], signedData, largestOf(sums), { head: true }));
  }
  const [xs, ws, products] = [patch, weights, terms].map((one) => one.flat());
  const above = sides[1] > 3 ? undefined : xs.map((x, k) => `${plain(x)} · ${bracketed(ws[k])}`);
  return beside(
    cells("patch of X", inRows(xs), ink, largest, { padding: isPadding }),
    "⊙",
    cells("kernel W", inRows(ws), parameter, largestOf(ws)),
    "=",
    cells("products", inRows(products), signedData, largestOf(products), { padding: isPadding, above }),
  );
}

// Pictures

// Where sheets of maps lie on a canvas: how many side by side, the size of a pixel, and the corners.
function laid([rows, columns, n], [width, height]) {
  const scale = (across) =>
    Math.min(width / (across * (columns + 1) - 1), height / (Math.ceil(n / across) * (rows + 1) - 1));
  const across = Array.from({ length: n }, (_, k) => k + 1).reduce((a, b) => (scale(b) > scale(a) ? b : a));
  const pixel = Math.max(1, Math.floor(scale(across))); // whole ones meet without a seam
  const size = [across * (columns + 1) - 1, Math.ceil(n / across) * (rows + 1) - 1].map((side) => side * pixel);
  const left = Math.floor((width - size[0]) / 2);
  const corners = Array.from({ length: n }, (_, k) => [
    left + (k % across) * (columns + 1) * pixel,
    Math.floor(k / across) * (rows + 1) * pixel,
  ]);
  return { across, pixel, corners, box: [left / width, 0, size[0] / width, size[1] / height] };
}

function frame(context, left, top, width, height) {
  context.fillStyle = "rgb(240 228 66 / 35%)";
  context.fillRect(left, top, width, height);
  [
    ["white", 8],
    ["black", 3],
  ].forEach(([colour, line]) => {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.strokeRect(left, top, width, height);
  });
}

function drawMaps(canvas, maps, colours, low, { edges = true } = {}) {
  const [rows, columns, n] = maps.shape;
  const { across, pixel, corners, box } = laid(maps.shape, [canvas.width, canvas.height]);
  const context = canvas.getContext("2d");
  const largest = largestOf(maps.values);
  context.clearRect(0, 0, canvas.width, canvas.height);
  corners.forEach(([left, top], c) => {
    for (let i = 0; i < rows; i += 1) {
      for (let j = 0; j < columns; j += 1) {
        const x = at(maps, i, j, c);
        context.fillStyle = `rgb(${colours((x - low) / (largest - low))})`;
        context.fillRect(left + j * pixel, top + i * pixel, pixel, pixel);
        if (edges && x < -largest / 50 && pixel >= ROOM_FOR_MINUS) {
          context.fillStyle = x < -largest / 2 ? "white" : "black";
          context.fillRect(left + (j + 0.25) * pixel, top + (i + 0.5) * pixel - 1, pixel / 2, 2);
        }
      }
    }
    context.strokeStyle = "#8a8a8a";
    context.lineWidth = 1;
    context.strokeRect(left, top, columns * pixel, rows * pixel);
  });
  return { context, across, pixel, corners, box };
}

function drawImage(canvas, { X, margin: m, field }) {
  const [rows, columns] = X.shape;
  const bordered = zeros([rows + 2 * m, columns + 2 * m, 1]);
  X.values.forEach((x, k) => {
    bordered.values[(Math.floor(k / columns) + m) * (columns + 2 * m) + m + (k % columns)] = x;
  });
  const low = Math.min(0, ...X.values);
  const { context, pixel, corners: [[left, top]] } = drawMaps(canvas, bordered, ink, low, { edges: false });
  context.fillStyle = "#d8d8d8";
  const [w, h] = [(columns + 2 * m) * pixel, (rows + 2 * m) * pixel];
  [
    [0, 0, w, m * pixel],
    [0, h - m * pixel, w, m * pixel],
    [0, 0, m * pixel, h],
    [w - m * pixel, 0, m * pixel, h],
  ].forEach(([x, y, width, height]) => context.fillRect(left + x, top + y, width, height));
  const [[r0, r1], [q0, q1]] = field;
  frame(context, left + (q0 + m) * pixel, top + (r0 + m) * pixel, (q1 - q0 + 1) * pixel, (r1 - r0 + 1) * pixel);
}

function put(now, controls, name, value) {
  now[name] = value;
  controls[name].model.set("value", value);
}

// A kernel that is chosen goes into the grid, a changed one is your own; returns what is chosen.
function settleKernel(now, controls, { kernels }, chosen) {
  if (now.kernel !== chosen && now.kernel !== OWN) {
    put(now, controls, "W", kernels[now.kernel]);
  } else if (now.kernel !== OWN && String(now.W) !== String(kernels[now.kernel])) {
    put(now, controls, "kernel", OWN);
  }
  return now.kernel;
}

// The sliders end where the map ends, and what belongs to the other view is hidden.
function settlePlace(now, controls, { Y, isOne }) {
  ["i", "j", "o"].forEach((name, axis) => {
    const last = Y.shape[axis] - 1;
    controls[name].model.set("max", last);
    put(now, controls, name, Math.min(now[name], last));
  });
  ["kernel", "stride", "padding", "W"].forEach((name) => controls[name].classList.toggle("living-absent", !isOne));
  controls.o.classList.toggle("living-absent", isOne);
}

function canvas() {
  const [width, height] = CANVAS;
  return element("canvas", { className: "living-map", width, height });
}

export default (figure, data) => {
  const titles = { image: element("p"), input: element("p"), output: element("p") };
  const [image, input] = [canvas(), canvas()];
  [image, input].forEach((one) => one.setAttribute("role", "img"));
  const start = { width: CANVAS[0], height: CANVAS[1], alt: "", shape: [1, 1, 1], description: "outputs", spoken: "" };
  let panel;
  const pointed = ({ place }) => {
    ["o", "i", "j"].forEach((name, k) => put(panel.now, panel.controls, name, place[k]));
    panel.show();
  };
  // A map waits for its answer only when it has asked.
  const output = control({ part: "map", ...start }, (message) => queueMicrotask(() => pointed(message)));
  const parts = { image, input, output };
  Object.entries(parts).forEach(([name, part]) => {
    titles[name].className = "living-title";
    parts[name] = element("div", { className: "living-chart" }, titles[name], part);
  });

  const draw = (seen) => {
    const { X, Y, isFirst, isOne, field, sees, place, p, value, block } = seen;
    const [o, i, j] = place;
    const [rows, columns] = isOne ? sees : field; // of one kernel with the padding, as in the code
    titles.image.textContent = `X: rows ${span(rows)}, columns ${span(columns)}`;
    image.setAttribute("aria-label", `The image, ${sizes(X.shape)}. ${titles.image.textContent}`);
    drawImage(image, seen);

    parts.input.hidden = isFirst;
    if (!isFirst) {
      const [height, width, n] = seen.input.shape;
      const { context, pixel, corners } = drawMaps(input, seen.input, signedData, 0);
      corners.forEach(([left, top], c) => {
        if (block.W || c === o) {
          const [h, w] = seen.sides;
          frame(context, left + (sees[1][0] - p) * pixel, top + (sees[0][0] - p) * pixel, w * pixel, h * pixel);
        }
      });
      titles.input.textContent = `in: ${n} map${n === 1 ? "" : "s"} of ${height} × ${width}`;
      input.setAttribute("aria-label", `What comes ${titles.input.textContent}`);
    }

    const { model } = output;
    const { context, across, pixel, corners, box } = drawMaps(output.querySelector("canvas"), Y, signedData, 0);
    const [left, top] = corners[o];
    if (Y.shape[2] > 1) {
      context.strokeStyle = "black";
      context.lineWidth = 3;
      context.strokeRect(left, top, Y.shape[1] * pixel, Y.shape[0] * pixel);
    }
    frame(context, left + j * pixel, top + i * pixel, pixel, pixel);
    const index = isOne ? `[${i}, ${j}]` : `[${i}, ${j}, ${o}]`;
    titles.output.textContent = `Y, ${sizes(Y.shape)}: Y${index} = ${plain(value)}`;
    const sheet = Y.shape[2] > 1 ? `map ${o}, ` : "";
    Object.entries({
      ...{ box, across, place, shape: [Y.shape[2], Y.shape[0], Y.shape[1]] },
      alt: `${range(seen)} In the maps, ${SIGNS}. ${titles.output.textContent}.`,
      description: `outputs, ${sizes(Y.shape)}`,
      spoken: `${sheet}row ${i}, column ${j}: ${plain(value)}`,
      value: new Uint8Array(), // what is drawn needs no picture of a kernel's: this says that it is there
    }).forEach(([name, state]) => model.set(name, state));
  };

  let seen;
  let chosen = data.chosen;
  const settle = (now, controls) => {
    chosen = settleKernel(now, controls, data, chosen);
    seen = found(now, data);
    settlePlace(now, controls, seen);
  };
  const view = () => {
    draw(seen);
    const words = lines(seen).map((line) => element("p", {}, ...marked(line)));
    return { picture: [], alt: "", text: [detail(seen), ...words.slice(0, -1)], said: words.slice(-1) };
  };
  panel = explorer(figure, data, view, settle);
  const hint = "Point at an output: a click holds it, another click on it lets go. Arrow keys move it too.";
  figure
    .querySelector(".living-text")
    .before(element("div", { className: "living-picture living-maps" }, ...Object.values(parts)), element("p", {}, hint));
  return panel;
};
