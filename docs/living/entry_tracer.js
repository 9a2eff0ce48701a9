// One entry of a layer's gradients, traced to the sum that it is: nnlib/teach/widgets/entry_tracer.py.

import { alternative, element, explorer, marked } from "./controls.js";
import { array, heading } from "./drawing.js";
import { signed } from "./numbers.js";

const COLOURS = { X: "data", W: "parameter" }; // all others are gradients

// The entry that the sliders choose: the numbers that meet, their products, and the sum.
export function found(now, { arrays, axes, gradients }) {
  const gradient = gradients[now.gradient];
  // The entries of an array that have the indices of this one; db is a row, as it is shown.
  const lit = (name) => {
    const [down, across] = axes[name].padStart(2);
    const fits = (letter, k) => letter === " " || letter === gradient.over || now[letter] === k + 1;
    return (i, j) => fits(down, i) && fits(across, j);
  };
  const factors = gradient.factors.map((name) =>
    arrays[name].flatMap((row, i) => row.filter((_, j) => lit(name)(i, j))),
  );
  const terms = factors.reduce((products, factor) => products.map((one, k) => one * factor[k]));
  const value = terms.reduce((a, b) => a + b);
  return { gradient, lit, factors, terms, value };
}

// 2 · 1 + (−3) · 2: a negative number in brackets.
function sumOfProducts(factors) {
  const bracketed = (x) => (x < 0 ? `(${signed(x)})` : signed(x));
  return factors[0].map((_, k) => factors.map((factor) => bracketed(factor[k])).join(" · ")).join(" + ");
}

const filled = (template, values) => template.replace(/{(\w)}/g, (_, letter) => values[letter]);

export function view(now, data) {
  const { arrays, axes } = data;
  const { gradient, lit, factors, terms, value } = found(now, data);
  const name = now.gradient;
  const entry = [...axes[name]].map((letter) => now[letter]).join("");
  const sum = `${sumOfProducts(factors)} = ${signed(value)}`;
  const indices = { n: now.n, i: now.i, j: now.j };
  const fromZero = { n: now.n - 1, i: now.i - 1, j: now.j - 1 };

  const drawn = (one) =>
    array(one, arrays[one], { axes: axes[one].padStart(2), colour: COLOURS[one] ?? "gradient", lit: lit(one) });
  const column = gradient.over === "n";
  const products = array("products", column ? terms.map((one) => [one]) : [terms], {
    axes: column ? "n " : " j",
    colour: null,
    lit: () => false,
  });
  const line = element(
    "div",
    { className: "living-arrays" },
    ...gradient.factors.map(drawn),
    ...(factors.length > 1 ? [products] : []),
    element("span", { className: "living-sum" }, "sum →"),
    drawn(name),
  );
  const lines = [
    `${filled(gradient.formula, indices)} = ${sum}`,
    `In code: <code>${filled(gradient.entry, fromZero)}</code>.` +
      ` All entries at once: <code>${gradient.whole}</code>.`,
  ];
  return {
    picture: [heading(marked(`${name}<sub>${entry}</sub> = ${sum}`)), line],
    alt: alternative(`${name}${entry} = ${sum}`),
    text: [],
    said: lines.map((one) => element("p", {}, ...marked(one))),
  };
}

export default (figure, data) =>
  explorer(figure, data, view, (now, controls) => {
    for (const letter of ["n", "i", "j"]) {
      controls[letter].model.set("disabled", !data.axes[now.gradient].includes(letter));
    }
  });
