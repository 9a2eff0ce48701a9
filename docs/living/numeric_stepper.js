// A net small enough for a pencil, step by step: nnlib/teach/widgets/numeric_stepper.py.

import { alternative, element, explorer } from "./controls.js";
import { svg } from "./drawing.js";
import { formula, refill, typeset } from "./mathematics.js";
import { minus } from "./numbers.js";
import { followSteps } from "./steps.js";
import { replay } from "./tape.js";

const UNIT = 100; // pixels of the drawing
const SIZE = [9.3, 4]; // units
const NEW = "new ";
const USED = 15;
const FOUND = 45; // per cent of its colour that a number has which is used or found

// Four significant digits, never in powers of ten.
export function plain(x, digits = 4) {
  const [mantissa, exponent] = Math.abs(Number(x.toPrecision(digits))).toExponential().split("e");
  const figures = mantissa.replace(".", "");
  const point = 1 + Number(exponent);
  const filled = point > 0 ? figures.padEnd(point, "0") : figures.padStart(figures.length + 1 - point, "0");
  const whole = Math.max(point, 1);
  const decimals = filled.slice(whole);
  return (x < 0 && Number(figures) !== 0 ? "-" : "") + filled.slice(0, whole) + (decimals && `.${decimals}`);
}

// As many digits, four at least, as it takes to tell it from the old number.
export function moved(x, old) {
  let digits = 4;
  while (digits < 17 && x !== old && plain(x, digits) === plain(old, digits)) {
    digits += 1;
  }
  return plain(x, digits);
}

// Every number of one step of gradient descent, by name.
export function found(now, { tape, names, inputs }) {
  const worth = replay(
    tape,
    inputs.map((name) => now[name]),
  );
  return Object.fromEntries(names.map((name, k) => [name, worth[k]]));
}

const shown = (name, values) =>
  name.startsWith(NEW) ? moved(values[name], values[name.slice(NEW.length)]) : plain(values[name]);

const inBrackets = (x) => (x < 0 ? `(${plain(x)})` : plain(x));

// The lines of a step as formulas: symbols, numbers, result.
export function lines({ lines: all }, values) {
  return all.map(({ name, symbols, pieces }) => {
    const numbers = pieces.map((piece, k) => (k % 2 ? inBrackets(values[piece]) : piece)).join("");
    const result = `= ${shown(name, values)}`;
    const handsOn = pieces.length === 3 && pieces[0] + pieces[2] === ""; // only hands a number on
    return handsOn ? [symbols, result] : [symbols, `= ${numbers}`, result];
  });
}

export function verdict({ step }, { steps }, values) {
  if (step < steps.length) {
    return "";
  }
  const [old, after] = [values.L, values["new L"]];
  const direction = after < old ? "falls" : after > old ? "rises" : "stays";
  return ` The loss ${direction} from ${plain(old)} to ${moved(after, old)}.`;
}

function label([x, y], texts, colour, share) {
  const width = 8 * Math.max(...texts.map((text) => text.length)) + 10;
  const height = 17 * texts.length + 3;
  const tint = `color-mix(in srgb, var(--living-${colour}) ${share}%, var(--living-paper))`;
  const at = { x: x * UNIT, y: (SIZE[1] - y) * UNIT };
  return svg(
    "g",
    {},
    svg("rect", {
      ...{ x: at.x - width / 2, y: at.y - height / 2, width, height, rx: 4 },
      style: `fill: ${tint}; stroke: var(--living-${colour})`,
    }),
    ...texts.map((text, k) =>
      svg(
        "text",
        { x: at.x, y: at.y + 4.5 + 17 * (k - (texts.length - 1) / 2), "text-anchor": "middle" },
        minus(text),
      ),
    ),
  );
}

// The net with what is known: what the present step finds is dark, what it uses is light.
function graph({ step }, data, values) {
  const present = data.steps[step - 1].lines;
  const finds = new Set(present.map(({ name }) => name));
  const uses = new Set(present.flatMap(({ pieces }) => pieces.filter((_, k) => k % 2)));
  const known = new Set(data.known);
  data.steps.slice(0, step).forEach((one) => one.lines.forEach(({ name }) => known.add(name)));
  const share = (name) => (finds.has(name) || finds.has(NEW + name) ? FOUND : uses.has(name) ? USED : 0);
  const word = (name) => (known.has(name) ? `${data.symbols[name]} = ${plain(values[name])}` : data.symbols[name]);
  const drawn = data.edges.map(([x0, y0, x1, y1]) =>
    svg("line", {
      ...{ x1: x0 * UNIT, y1: (SIZE[1] - y0) * UNIT, x2: x1 * UNIT, y2: (SIZE[1] - y1) * UNIT },
      style: "stroke: var(--living-line)",
    }),
  );
  drawn.push(
    ...data.nodes.map(([isLoss, x, y]) =>
      svg("circle", {
        ...{ cx: x * UNIT, cy: (SIZE[1] - y) * UNIT, r: data.radius * UNIT, "stroke-width": 1.5 },
        style: `fill: var(--living-paper); stroke: var(--living-${isLoss ? "loss" : "data"})`,
      }),
    ),
  );
  data.labels.forEach(({ name, colour, place: [x, y], beside: [dx, dy] }) => {
    const after = finds.has(NEW + name) ? [`→ ${shown(NEW + name, values)}`] : [];
    // In the circle of the loss there is no room beside it.
    const texts = name === "L" ? [word(name), ...after] : [[word(name), ...after].join(" ")];
    drawn.push(label([x, y], texts, colour, share(name)));
    if (known.has(`d${name}`)) {
      drawn.push(label([x + dx, y + dy], [word(`d${name}`)], "gradient", share(`d${name}`)));
    }
  });
  const [width, height] = SIZE.map((one) => one * UNIT);
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "living-svg living-net" }, ...drawn);
}

// `sheet` is where the lines stand.
export function view(now, data, sheet) {
  const values = found(now, data);
  const { title, lines: present } = data.steps[now.step - 1];
  const table = element(
    "table",
    { className: "living-formulas" },
    ...lines(data.steps[now.step - 1], values).map((cells) =>
      element("tr", {}, ...cells.map((latex) => element("td", {}, formula(latex)))),
    ),
  );
  refill(sheet, table);
  typeset(table);
  const numbers = present.map(({ name }) => `${data.symbols[name]} = ${shown(name, values)}`);
  return {
    picture: [graph(now, data, values)],
    alt: alternative(`The net, with what is known after step ${now.step}: ${numbers.join(", ")}`),
    text: [sheet],
    said: [
      element(
        "p",
        {},
        element("b", {}, `Step ${now.step} of ${data.steps.length}. ${title}`),
        verdict(now, data, values),
      ),
    ],
  };
}

export default (figure, data) => {
  const sheet = element("div", { className: "living-scroll" });
  const panel = explorer(figure, data, (now) => view(now, data, sheet), followSteps);
  figure.querySelector(".living-picture").classList.add("living-scroll");
  return panel;
};
