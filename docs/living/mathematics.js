// Formulas in a panel: numbers in their places, and the page's own MathJax, which sets them.

import { element } from "./parts.js";
import { fixed, general } from "./numbers.js";

// What rounding has left of a number, and of 0, is no part of it.
export const rounded = (x) => (Number.isFinite(x) ? Number(fixed(x, 9)) + 0 : x);

// The LaTeX of a number, in four digits; `forms` is what stands around it, before and after, as
// tools/book/living/derivation.py says: of a number, of one below zero, and of both with a power of ten.
export function inPlace(x, forms) {
  const [mantissa, exponent] = general(rounded(x), 4).split("e");
  const form = Number(mantissa.startsWith("-")) + (exponent === undefined ? 0 : 2);
  const [before, after] = forms[form];
  return before + mantissa.replace("-", "") + after.replace("{1}", `{${Number(exponent)}}`);
}

// An element with a formula in it, in the characters that MathJax looks for; `typeset` has it set.
export const formula = (latex) => element("span", { className: "math" }, `\\(\\displaystyle ${latex}\\)`);

// MathJax may come after this script. Where a page has none, the LaTeX stays as it is.
const loaded = new Promise((resolve) => {
  if (document.readyState === "complete") {
    resolve();
  } else {
    addEventListener("load", resolve);
  }
});
let before = loaded.then(() => window.MathJax?.startup?.promise);

// Set formulas that stand in the page; one that has been replaced meanwhile is passed over.
export function typeset(...elements) {
  const set = () => window.MathJax?.typesetPromise?.(elements.filter((one) => one.isConnected));
  before = before.then(set, set);
}

// Put other nodes there, formulas among them; MathJax need not remember those before.
export function refill(place, ...nodes) {
  window.MathJax?.typesetClear?.([place]);
  place.replaceChildren(...nodes);
}
