// A derivation, line by line, each with its reason and with numbers: nnlib/teach/widgets/derivation.py.

import { element, explorer } from "./controls.js";
import { formula, inPlace, refill, rounded, typeset } from "./mathematics.js";
import { signed } from "./numbers.js";
import { followSteps } from "./steps.js";
import { replay } from "./tape.js";

const CLOSE = 1e-6; // two values that are nearer are equal, whatever their size

// What each side is worth, the left one first; the present line with its numbers, in the parts between which it
// may be broken; and whether it equals the line before.
export function found({ step, indices = [], numbers }, { settings, tape, around, tolerance }) {
  const setting = settings[indices.join(",")];
  const worth = replay(tape, numbers.flat(2));
  const values = setting.values.map((k) => worth[k]);
  const parts = setting.numbers[step - 1].map((part) =>
    part.map((piece) => (typeof piece === "string" ? piece : inPlace(worth[piece[0]], around[piece[1]]))).join(""),
  );
  const end = ` = ${inPlace(values[step], around[0])}`;
  const [before, value] = [values[step - 1], values[step]];
  return {
    values,
    parts: parts.at(-1) === end ? parts : [...parts, end],
    holds: Math.abs(before - value) <= CLOSE + tolerance * Math.abs(value),
  };
}

export function verdict({ step }, { values, holds }) {
  const [before, value] = [values[step - 1], values[step]].map((one) => signed(rounded(one)));
  if (!Number.isFinite(values[step])) {
    return "✗ With these numbers something is divided by 0.";
  }
  const other = step > 1 ? "the line before" : "the left side, computed by itself";
  return holds ? `✓ ${value}, and so is ${other}.` : `✗ ${value}, but ${other} is ${before}.`;
}

// The lines up to the present one, in which what is new has a colour and a line below. What has been set once
// is kept.
function lines({ title, left, lines: derived }) {
  const set = new Map();
  const row = (latex, words) => {
    const cell = element("div", { className: "living-scroll" }, ...latex); // on a phone it is too wide
    return element("tr", {}, element("td", {}, cell), element("td", {}, words));
  };
  const fresh = [formula(left)];
  const first = row(fresh, title);
  const rows = derived.map(({ reason }) => row([], reason));
  const table = element("table", { className: "nnlib-lines" }, first, ...rows);
  const show = (step) => {
    rows.forEach((line, k) => {
      const now = k + 1 === step;
      const latex = `= ${now ? derived[k].marked : derived[k].formula}`;
      line.hidden = k + 1 > step;
      line.classList.toggle("nnlib-now", now);
      if (!line.hidden && !set.has(latex)) {
        set.set(latex, formula(latex));
        fresh.push(set.get(latex));
      }
      if (!line.hidden) {
        line.firstChild.firstChild.replaceChildren(set.get(latex));
      }
    });
    typeset(...fresh.splice(0));
  };
  return { table: element("div", { className: "living-scroll" }, table), show };
}

export default (figure, data) => {
  const { table, show } = lines(data);
  const [lead, row] = [element("p"), element("p")];
  const view = (now) => {
    const seen = found(now, data);
    const chosen = data.letters.map((letter, k) => `${letter} = ${now.indices[k]}`).join(", ");
    const parts = seen.parts.map((part, k) => formula(k > 0 ? `{}${part}` : part));
    lead.textContent = `With numbers${chosen && `, for ${chosen}`}:`;
    refill(row, ...parts.flatMap((part) => [part, element("wbr")]));
    show(now.step);
    typeset(...parts);
    return { picture: [], alt: "", text: [table, lead, row], said: [element("p", {}, verdict(now, seen))] };
  };
  return explorer(figure, data, view, followSteps);
};
