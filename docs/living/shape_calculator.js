// Every array of a network of two layers, to scale: nnlib/teach/widgets/shape_calculator.py.

import { alternative, element, explorer, marked, table } from "./controls.js";
import { svg } from "./drawing.js";

const SLIDERS = ["N", "n_in", "n_hidden", "n_out"];
const SIGNS = { W1: "·", b1: "+", Z1: "=", W2: "·", b2: "+", Z2: "=" };
const WIDE = { width: 740, slot: 74, lines: [["X", "W1", "b1", "Z1"], ["A1", "W2", "b2", "Z2"]] };
const NARROW = { width: 330, slot: 84, lines: [["X", "W1"], ["b1", "Z1"], ["A1", "W2"], ["b2", "Z2"]] };
const HEIGHT = 200; // of all arrays in a picture of two lines
const [GAP, ABOVE, BELOW, HEAD] = [34, 38, 32, 62]; // of signs, of texts, and of the name of a layer
const narrow = matchMedia("(max-width: 50rem)"); // with room for that much no four arrays stand side by side

// The shape of each array in Z1 = X W1 + b1, A1 = f(Z1), Z2 = A1 W2 + b2, by its name.
export const shapes = ({ N, n_in, n_hidden, n_out }) => ({
  X: [N, n_in],
  W1: [n_in, n_hidden],
  b1: [n_hidden],
  Z1: [N, n_hidden],
  A1: [N, n_hidden],
  W2: [n_hidden, n_out],
  b2: [n_out],
  Z2: [N, n_out],
});

export function found(now) {
  const all = shapes(now);
  const sizes = ["W1", "b1", "W2", "b2"].map((name) => all[name]);
  return { shapes: all, sizes, params: sizes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0) };
}

// As Python writes a tuple.
const tuple = (shape) => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`);

function drawn(all) {
  const { width, slot, lines } = narrow.matches ? NARROW : WIDE;
  const size = (name) => [1, ...all[name]].slice(-2);
  const tallest = (line) => Math.max(...line.map((name) => size(name)[0]));
  const long = (line, scale) => line.reduce((sum, name) => sum + Math.max(slot, scale * size(name)[1]) + GAP, 0);
  const high = (HEIGHT * lines.length) / 2;
  let scale = Math.min(26, high / lines.reduce((sum, line) => sum + tallest(line), 0));
  while (Math.max(...lines.map((line) => long(line, scale))) > width - HEAD) {
    scale *= 0.98;
  }
  const made = svg("g");
  const words = (x, y, text, look) => made.append(svg("text", { x, y, "text-anchor": "middle", ...look }, text));
  let top = 0;
  lines.forEach((line, k) => {
    const middle = top + ABOVE + (scale * tallest(line)) / 2;
    if ("XA".includes(line[0][0])) {
      words(2, middle + 4, `layer ${k * 2 < lines.length ? 1 : 2}`, { "text-anchor": "start", class: "living-loss" });
    }
    let left = HEAD;
    line.forEach((name) => {
      const [rows, columns] = size(name);
      const [w, h] = [Math.max(3, scale * columns), Math.max(3, scale * rows)]; // thinner ones would not be seen
      const [x, y] = [left + (Math.max(slot, w) - w) / 2, middle - h / 2];
      words(left - GAP / 2 + 3, middle + 5, SIGNS[name] ?? "", { "font-size": 18 });
      if (name !== "X") {
        made.append(svg("rect", { x: x + 5, y: y + 5, width: w, height: h, fill: "var(--living-gradient)" }));
        words(x + w / 2 + 5, y + h + 22, `d${name}`, { class: "living-ink-gradient" });
      }
      const colour = "Wb".includes(name[0]) ? "parameter" : "data";
      made.append(svg("rect", { x, y, width: w, height: h, fill: `var(--living-${colour})` }));
      if (scale >= 5) {
        const across = Array.from({ length: rows + 1 }, (_, i) => `M${x} ${y + i * scale}h${w}`);
        const down = Array.from({ length: columns + 1 }, (_, j) => `M${x + j * scale} ${y}v${h}`);
        made.append(svg("path", { d: [...across, ...down].join(""), stroke: "var(--living-paper)" }));
      }
      words(x + w / 2, y - 22, name, { "font-weight": "bold" });
      words(x + w / 2, y - 6, tuple(all[name]));
      left += GAP + Math.max(slot, w);
    });
    top += ABOVE + scale * tallest(line) + BELOW;
  });
  return svg("svg", { viewBox: `0 0 ${width} ${top}`, class: "living-svg", style: `max-width: ${width}px` }, made);
}

export function view(now) {
  const { shapes: all, sizes, params } = found(now);
  const names = Object.keys(all);
  const written = names.map((name) => `${name} ${tuple(all[name])}`).join(", ");
  const columns = [
    ["array", ...names],
    ["its gradient", ...names.map((name) => (name === "X" ? "" : `d${name}`))],
    ["shape of both", ...names.map((name) => tuple(all[name]))],
  ];
  const [head, ...lines] = ["", ...names].map((_, k) => columns.map((column) => column[k]));
  const terms = sizes.map((shape) => shape.join(" · ")).join(" + ");
  const sentence = `W1, b1, W2, b2: ${terms} = <b>${params.toLocaleString("en")}</b> parameters`;
  return {
    picture: [drawn(all)],
    alt: alternative(`The arrays of both layers, to scale, and behind each but X its gradient: ${written}`),
    text: [narrow.matches ? table(lines, head) : table(columns)],
    said: [element("p", {}, ...marked(sentence))],
  };
}

export default function mount(figure, data) {
  let chosen = null;
  // An example that was chosen sets the sliders, and one that was left is none.
  const settle = (now, controls) => {
    const put = (name, value) => {
      now[name] = value;
      controls[name].model.set("value", value);
    };
    if (now.example !== chosen) {
      data.examples[now.example]?.forEach((size, k) => put(SLIDERS[k], size));
    } else if (SLIDERS.some((name, k) => now[name] !== data.examples[chosen]?.[k])) {
      put("example", data.own);
    }
    chosen = now.example;
  };
  const { show } = explorer(figure, data, view, settle);
  narrow.addEventListener("change", show);
}
