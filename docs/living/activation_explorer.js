// An activation, its slope, and a batch of inputs on it: nnlib/teach/widgets/activation_explorer.py.

import { alternative, element, explorer, marked, remembered } from "./controls.js";
import { chart } from "./drawing.js";
import { fixed, general, minus } from "./numbers.js";

function sigmoid(x) {
  const e = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

// Each function with its slope, which tanh and sigmoid have from their value.
export const LAYERS = {
  tanh: { f: Math.tanh, slope: (x, y) => 1 - y * y },
  sigmoid: { f: sigmoid, slope: (x, y) => y * (1 - y) },
  ReLU: { f: (x) => Math.max(x, 0), slope: (x) => Number(x > 0) },
  "leaky ReLU": { f: (x) => (x > 0 ? x : 0.01 * x), slope: (x) => (x > 0 ? 1 : 0.01) },
};
const BINS = 48;
const HALF = 120; // points of a curve to each side of 0

function slopeAt(name, x) {
  const { f, slope } = LAYERS[name];
  return slope(x, f(x));
}

// The numbers of a batch, float64, little-endian, in base64.
const decoded = remembered(
  (batch) => new Float64Array(Uint8Array.from(atob(batch), (letter) => letter.charCodeAt(0)).buffer),
);

// What becomes of the batch: the share that is flat, dead, the mean slope, and how many lie in each bin, of
// these how many where it is steep. Moving x changes nothing of it.
const batched = remembered((name, spread, { batch, flat: limit, edge }) => {
  const { f, slope: slopeOf } = LAYERS[name];
  const [all, steep] = [Array(BINS).fill(0), Array(BINS).fill(0)];
  let [flat, dead, sum] = [0, 0, 0];
  const numbers = decoded(batch);
  for (const one of numbers) {
    const x = spread * one;
    const slope = slopeOf(x, f(x));
    const bin = Math.max(0, Math.min(BINS - 1, Math.floor(((x + edge) / (2 * edge)) * BINS)));
    sum += slope;
    all[bin] += 1;
    if (slope < limit) {
      flat += 1;
      dead += slope === 0;
    } else {
      steep[bin] += 1;
    }
  }
  const n = numbers.length;
  return { all, steep, flat: flat / n, dead: dead / n, meanSlope: sum / n };
});

// The function, its slope, and the stretches where that is flat.
const curves = remembered((name, { edge, flat: limit }) => {
  const xs = Array.from({ length: 2 * HALF + 1 }, (_, k) => (k / HALF - 1) * edge);
  const slopes = xs.map((x) => slopeAt(name, x));
  const flat = [];
  slopes.forEach((slope, k) => {
    if (slope < limit) {
      if (k === 0 || !(slopes[k - 1] < limit)) {
        flat.push([xs[k], xs[k]]);
      }
      flat.at(-1)[1] = xs[k];
    }
  });
  return { xs, ys: xs.map(LAYERS[name].f), slopes, flat };
});

export function found(now, data) {
  const { flat, dead, meanSlope } = batched(now.function, now.spread, data);
  const y = LAYERS[now.function].f(now.x);
  return { y, slope: slopeAt(now.function, now.x), flat, dead, meanSlope, survives: meanSlope ** data.depth };
}

const percent = (share, places) => `${fixed(100 * share, places)}%`;

function shaded(options, stretches) {
  const ax = chart(options);
  stretches.forEach((stretch) => ax.rectangle(stretch, null, { colour: "wrong", opacity: 0.15 }));
  return ax;
}

export function view(now, data) {
  const { edge, flat: limit, depth } = data;
  const { function: name, x } = now;
  const { y, slope, flat, dead, meanSlope, survives } = found(now, data);
  const { all, steep } = batched(name, now.spread, data);
  const { xs, ys, slopes, flat: stretches } = curves(name, data);
  const ticks = Array.from({ length: edge + 1 }, (_, k) => 2 * k - edge);
  const titles = [
    minus(`${name}, and its tangent at x = ${fixed(x, 1)}`),
    `Its slope (shaded: below ${limit})`,
    `${percent(flat, 0)} of the batch lies where it is flat`,
  ];

  const left = chart({
    title: titles[0],
    height: 410,
    grid: true,
    x: [-edge, edge],
    y: LAYERS[name].f(edge) > 2 ? [-0.5, edge] : [-1.3, 1.3],
    xLabel: "x",
    xTicks: ticks,
  });
  left.line(xs, ys, { colour: "data", width: 2 });
  const ends = [-2 * edge, 2 * edge];
  left.line(ends, ends.map((one) => y + slope * (one - x)), { colour: "gradient", dashes: "6 4" });
  left.points([x], [y]);

  const narrower = { x: [-edge, edge], height: 160 };
  const bare = { xTicks: ticks.map((one) => [one, ""]), yTicks: [0, 0.5, 1], margins: { bottom: 14 } };
  const upper = shaded({ ...narrower, ...bare, title: titles[1], y: [-0.05, 1.1] }, stretches);
  upper.line(xs, slopes, { colour: "gradient", width: 2 });
  upper.points([x], [slope]);

  const end = (one) => (one < 0 ? `≤ −${edge}` : `≥ ${edge}`);
  const named = ticks.map((one) => [one, Math.abs(one) < edge ? minus(String(one)) : end(one)]);
  const counted = { title: titles[2], y: [0, 1.05 * Math.max(...all)], yTicks: [], xTicks: named, xLabel: "x" };
  const lower = shaded({ ...narrower, ...counted, height: 190 }, stretches);
  const edges = Array.from({ length: BINS + 1 }, (_, k) => -edge + (2 * edge * k) / BINS);
  lower.bars(edges, steep.map(() => 0), steep, { colour: "data" });
  lower.bars(edges, steep, all, { colour: "wrong" });

  const here = minus(`x = ${fixed(x, 1)} \u00a0 f(x) = <b>${fixed(y, 3)}</b>`);
  const there =
    `slope below ${limit}: <b>${percent(flat, 1)}</b> of the batch (exactly 0: ${percent(dead, 1)})` +
    ` \u00a0 mean slope ${fixed(meanSlope, 3)} \u00a0 left after ${depth} such layers:` +
    ` ${fixed(meanSlope, 3)}<sup>${depth}</sup> = <b>${general(survives, 2)}</b>`;
  const right = element("div", { className: "living-chart living-column" }, upper.element, lower.element);
  return {
    picture: [left.element, right],
    alt: alternative(...titles),
    text: [],
    said: [`${here} \u00a0 f′(x) = <b>${fixed(slope, 3)}</b>`, there].map((one) => element("p", {}, ...marked(one))),
  };
}

export default (figure, data) => explorer(figure, data, view);
