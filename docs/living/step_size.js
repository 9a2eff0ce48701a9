// The step size of a difference quotient, under the glass and as the V: nnlib/teach/widgets/step_size.py.

import { alternative, element, explorer, marked, remembered, table } from "./controls.js";
import { chart } from "./drawing.js";
import { general, scientific } from "./numbers.js";

const FUNCTIONS = {
  exp: Math.exp,
  sin: Math.sin,
  tanh: Math.tanh,
  square: (x) => x * x,
  absolute: Math.abs,
  maximum: (x) => Math.max(x, 0),
};
const ROUND = { float64: (x) => x, float32: Math.fround };
const EPSILON = { float64: 2 ** -52, float32: 2 ** -23 };
const DIGITS = { float64: 15, float32: 8 };
const STEPS = Array.from({ length: 161 }, (_, k) => 10 ** (k / 10 - 16));
const GLASS = Array.from({ length: 501 }, (_, k) => k / 100 - 2.5);
const LOWEST = 1e-17; // of the axis of errors
const NO_ZERO = " A logarithmic axis has no place for an error of 0: it is marked at the lower edge.";
const POWERS = (low, high) => Array.from({ length: (high - low) / 4 + 1 }, (_, k) => low + 4 * k);

// The difference quotient with step h in that precision, and what (6.1) to (6.5) say about it.
export function estimate({ f, x: place, derivatives: [first, second, third] }, h, central, dtype) {
  const round = ROUND[dtype];
  const at = (x) => round(FUNCTIONS[f](round(x)));
  const [x, step] = [round(place), round(h)];
  const size = Math.abs(at(x)) * EPSILON[dtype];
  const rise = central ? at(x + step) - at(x - step) : at(x + step) - at(x);
  const quotient = round(round(rise) / (central ? 2 * step : step));
  return {
    quotient,
    error: Math.abs(quotient - first),
    ...(central
      ? {
          truncation: (step ** 2 / 6) * Math.abs(third),
          rounding: size / (2 * step),
          best: third ? Math.cbrt((1.5 * size) / Math.abs(third)) : Infinity,
        }
      : {
          truncation: (step / 2) * Math.abs(second),
          rounding: size / step,
          best: second ? Math.sqrt((2 * size) / Math.abs(second)) : Infinity,
        }),
  };
}

export function found(now, { functions }) {
  return estimate(functions[now.function], now.h, now.difference === "central", now.dtype);
}

function verdict({ x, kink }, { h, dtype }, { truncation, rounding, best }) {
  if (x === kink) {
    return "On the kink there is no derivative, and no h makes one.";
  }
  if (kink !== null && h > Math.abs(x - kink)) {
    return "The step crosses the kink: part of it is made on the other slope.";
  }
  const round = ROUND[dtype];
  if (round(round(x) + round(h)) === round(x)) {
    return `x + h is rounded to x itself: in ${dtype} this step does not exist.`;
  }
  const who = truncation > rounding ? "truncation" : "rounding";
  if (best === Infinity) {
    const end = kink === null ? "" : ", as long as it stays away from the kink";
    return `<b>${who}</b> dominates; there is no truncation, so the longer the step the better${end}.`;
  }
  return `<b>${who}</b> dominates; the best step would be about h = <b>${scientific(best, 1)}</b>.`;
}

function glass({ f, x: place, derivatives: [slope] }, { h, difference, dtype }, title) {
  const round = ROUND[dtype];
  const x = round(place);
  const at = (t) => round(FUNCTIONS[f](round(x + round(t * h))));
  const rise = (t) => (at(t) - at(0)) / h;
  const limit = 3 * Math.max(1, Math.abs(slope));
  const ends = [difference === "central" ? -1 : 0, 1];
  const ax = chart({
    title,
    x: [-2.75, 2.75],
    y: [-limit, limit],
    xTicks: [-2, -1, 0, 1, 2],
    xLabel: "(position − x) / h",
    yLabel: "(f − f(x)) / h",
  });
  ax.line(GLASS, GLASS.map(rise), { colour: "loss", label: "f" });
  const edge = [-2.5, 2.5];
  ax.line(edge, edge.map((t) => slope * t), { colour: "right", dashes: "2 3", width: 2, label: "true slope" });
  const rises = ends.map(rise);
  ax.line(ends, rises, { colour: "gradient", width: 2, label: "difference quotient" });
  ax.points(ends, rises, { colour: "gradient" });
  ax.legend("lower right");
  return ax.element;
}

const curve = remembered((of, central, dtype) => STEPS.map((step) => estimate(of, step, central, dtype)));

function errors(of, { h, difference, dtype }, { error }, title) {
  const estimates = curve(of, difference === "central", dtype);
  const ax = chart({
    title,
    x: { log: [1e-16, 1] },
    y: { log: [LOWEST, 1e6] },
    xTicks: POWERS(-16, 0).map((k) => [10 ** k, `1e${k}`]),
    yTicks: POWERS(-16, 4).map((k) => [10 ** k, `1e${k}`]),
    xLabel: "step h",
    yLabel: "error",
  });
  ax.line(STEPS, estimates.map((one) => Math.max(one.error, LOWEST)), { colour: "gradient" });
  for (const [part, dashes] of [["truncation", "6 4"], ["rounding", "8 3 2 3"]]) {
    const values = estimates.map((one) => one[part]);
    if (values.some((one) => one > 0)) {
      ax.line(STEPS, values.map((one) => one || NaN), { colour: "line", width: 1.2, dashes, label: part });
    }
  }
  ax.vertical(h, { colour: "parameter", width: 2, label: "your h" });
  const exact = STEPS.filter((_, k) => estimates[k].error === 0);
  if (exact.length > 0) {
    const style = { colour: "gradient", shape: "triangle", size: 3.5, label: "error exactly 0" };
    ax.points(exact, exact.map(() => LOWEST), style);
  }
  ax.points([h], [Math.max(error, LOWEST)], { colour: "parameter" });
  ax.legend("upper right", 2);
  return ax.element;
}

export function view(now, data) {
  const of = data.functions[now.function];
  const digits = DIGITS[now.dtype];
  const estimated = found(now, data);
  const { quotient, error, truncation, rounding } = estimated;
  const slope = general(of.derivatives[0], digits);
  const times = 1 / now.h < 1e5 ? general(1 / now.h, 3) : scientific(1 / now.h, 0);
  const titles = [
    `x and its surroundings, magnified ${times} times`,
    `The V: ${now.difference} differences in ${now.dtype}`,
  ];
  const rows = [
    ["difference quotient", general(quotient, digits)],
    ["derivative", of.x === of.kink ? `${slope}, says backward; left of the kink 0, right of it 1` : slope],
    ["error", marked(error ? `<b>${scientific(error, 1)}</b>` : "<b>0</b>, exactly")],
    ["truncation, about", scientific(truncation, 1)],
    ["rounding, about", scientific(rounding, 1)],
  ];
  const sentence = verdict(of, now, estimated) + (error ? "" : NO_ZERO);
  return {
    picture: [glass(of, now, titles[0]), errors(of, now, estimated, titles[1])],
    alt: alternative(...titles),
    text: [table(rows)],
    said: [element("p", {}, ...marked(sentence))],
  };
}

export default (figure, data) => explorer(figure, data, view);
