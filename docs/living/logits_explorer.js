// Three logits, their probabilities, the loss and its gradient: nnlib/teach/widgets/logits_explorer.py.

import { alternative, element, explorer, table } from "./controls.js";
import { chart } from "./drawing.js";
import { fixed, general, minus } from "./numbers.js";

export function softmax(z) {
  const largest = Math.max(...z);
  const powers = z.map((one) => Math.exp(one - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((one) => one / sum);
}

export const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

// Z, P, the loss and dZ of one sample whose class is number y.
export function found(now, { classes }) {
  const Z = now.logits.map((one) => one + now.shift);
  const y = classes.indexOf(now.true);
  const P = softmax(Z);
  const largest = Math.max(...Z);
  const loss = Math.log(sum(Z.map((one) => Math.exp(one - largest)))) - (Z[y] - largest);
  const Y = classes.map((_, k) => Number(k === y));
  return { Z, P, Y, y, loss, dZ: P.map((p, k) => p - Y[k]) };
}

const signed = (x) => (Math.abs(x) >= 0.0005 ? minus((x > 0 ? "+" : "") + fixed(x, 3)) : "0.000");

function bars(values, colour, form, names, options) {
  const ax = chart({
    height: 290,
    x: [-0.6, names.length - 0.4],
    xTicks: names.map((name, k) => [k, name]),
    ...options,
  });
  values.forEach((value, k) => {
    ax.rectangle([k - 0.3, k + 0.3], [0, value], { colour });
    ax.words(k, value, form(value), { dy: value < 0 ? 16 : -6 });
  });
  ax.horizontal(0, { width: 1 });
  return ax.element;
}

export function view(now, data) {
  const { classes } = data;
  const { Z, P, Y, y, loss, dZ } = found(now, data);
  const names = classes.map((name) => (name === now.true ? `${name} (true)` : name));
  const likeliest = classes.filter((_, k) => P[k] === Math.max(...P));
  const titles = [`It says: ${likeliest.join(" or ")}`, `Less wrong: ${now.true} up, the others down`];
  const rows = [
    ["Z, the logits", ...Z.map((z) => minus(fixed(z, 1))), ""],
    ["P, the probabilities", ...[...P, sum(P)].map((p) => fixed(p, 3))],
    ["Y, the target", ...[...Y, 1].map(String)],
    ["dZ = P − Y", ...dZ.map(signed), fixed(Math.abs(sum(dZ)), 3)],
  ];
  const three = (value) => fixed(value, 3);
  return {
    picture: [
      bars(P, "data", three, names, { title: titles[0], y: [0, 1.15], yLabel: "probability P" }),
      bars(dZ, "gradient", signed, names, { title: titles[1], y: [-1.3, 1.3], yLabel: "gradient dZ = P − Y" }),
    ],
    alt: alternative(...titles),
    text: [table(rows, ["", ...classes, "sum"])],
    said: [
      element(
        "p",
        {},
        `loss = −log P[${now.true}] = −log ${general(P[y], 4)} = `,
        element("b", {}, fixed(loss, 3)),
      ),
    ],
  };
}

export default (figure, data) => explorer(figure, data, view);
