// The digit pad. What is drawn goes through the stages of MNIST and through a network of chapter 12;
// what comes out of each is shown, with a link to where it is derived.

import { Model, control, element } from "./controls.js";
import { forward, network } from "./layers.js";
import sheet, { decode, encode } from "./paper.js";
import { rasterise, stages } from "./preprocessing.js";

const OWN = "your own";
const FIRST = "7"; // lies on the paper before anybody has drawn
const DIGITS = [...Array(10).keys()];
const INK = [0, 0, 0];
const BLUE = [0, 114, 178]; // of data and activations, as in all figures: nnlib/teach/plots.py
const SIDE = 100; // of a picture on the way, in pixels

// What is shown on the way, each with the words of its link; `maps` is how many images there are.
const PICTURES = {
  drawing: () => "Your drawing",
  cropped: (on) => (on ? "Cropped to its ink" : "Not cropped"),
  scaled: (on) => (on ? "Scaled: 20 on its longer side" : "Stretched to 28 × 28"),
  centred: (on) => (on ? "Centred: what the network sees" : "Not centred: what the network sees"),
};
const LAYERS = {
  Conv2D: (maps) => `${maps} convolutions`,
  ReLU: () => "ReLU: nothing below zero",
  MaxPool2D: () => "The largest of each 2 × 2",
  Dense: (units) => `Dense layer of ${units}`,
};
const NAMES = { ...PICTURES, ...LAYERS };

const percent = (p) => `${(100 * p).toFixed(1)} %`;

// Images of the same size side by side: white where they are 0, in ink or blue where largest, black below 0.
function paintImages(canvas, { shape: [height, width, maps], values }, inked) {
  const largest = values.reduce((most, one) => Math.max(most, Math.abs(one)), 1e-12);
  const colour = inked ? INK : BLUE;
  const share = (one) => (inked ? one : Math.sqrt(Math.abs(one) / largest)); // the root, so that little is seen
  const across = Math.ceil(Math.sqrt(maps));
  canvas.width = across * (width + 1) - 1; // a pixel between two
  canvas.height = Math.ceil(maps / across) * (height + 1) - 1;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  values.forEach((one, place) => {
    const [map, pixel] = [place % maps, Math.floor(place / maps)];
    const x = (map % across) * (width + 1) + (pixel % width);
    const y = Math.floor(map / across) * (height + 1) + Math.floor(pixel / width);
    const shades = (one < 0 ? INK : colour).map((shade) => 255 + share(one) * (shade - 255));
    pixels.data.set([...shades, 255], 4 * (y * canvas.width + x));
  });
  context.putImageData(pixels, 0, 0);
}

// A bar for each number, up or down from zero.
function paintBars(canvas, { values }) {
  canvas.width = canvas.height = Math.max(SIDE, 2 * values.length);
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  const largest = values.reduce((most, one) => Math.max(most, Math.abs(one)), 1e-12);
  const room = width / values.length;
  values.forEach((z, k) => {
    const length = ((Math.abs(z) / largest) * height) / 2;
    context.fillStyle = z > 0 ? `rgb(${BLUE})` : "black";
    context.fillRect(k * room, height / 2 - (z > 0 ? length : 0), room > 2 ? room - 2 : room, length);
  });
}

// A picture of each stage that has a name, and its name, a link; `show` takes which stages are on, and what came out
// of all of them, or null.
function way(kinds, link) {
  const steps = kinds
    .map((kind, k) => ({ kind, k, canvas: element("canvas", { width: SIDE, height: SIDE }), size: element("small") }))
    .filter(({ kind }) => kind in NAMES)
    .map((step) => ({ ...step, name: link(step.kind) }));
  const show = (on, out) =>
    steps.forEach(({ kind, k, canvas, name, size }) => {
      const picture = kind in PICTURES;
      const shape = out?.[k].shape ?? [];
      name.textContent = NAMES[kind](picture ? on[kind] : (shape.at(-1) ?? ""));
      size.textContent = shape.length > 1 ? shape.slice(0, picture ? 2 : 3).join(" × ") : "";
      canvas.setAttribute("aria-label", `${name.textContent}: ${out ? size.textContent || "bars" : "nothing"}`);
      if (out === null) {
        canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
      } else if (shape.length > 1) {
        paintImages(canvas, out[k], picture);
      } else {
        paintBars(canvas, out[k]);
      }
    });
  const items = steps.map(({ canvas, name, size }) => {
    canvas.setAttribute("role", "img");
    return element("li", {}, canvas, name, size);
  });
  return { list: element("ol", { className: "pad-way" }, ...items), show };
}

// A bar for each probability.
function bars() {
  const filled = DIGITS.map(() => element("span", { className: "pad-bar" }));
  const columns = filled.map((bar, k) => element("span", {}, element("span", {}, bar), String(k)));
  const chart = element("div", { className: "pad-bars" }, ...columns);
  chart.setAttribute("role", "img");
  const show = (P) => {
    filled.forEach((bar, k) => {
      bar.style.height = `${100 * (P?.[k] ?? 0)}%`;
    });
    const said = P ? DIGITS.map((k) => `${k}: ${percent(P[k])}`).join(", ") : "nothing to read";
    chart.setAttribute("aria-label", `Probabilities: ${said}`);
  };
  return { chart, show };
}

// What chapter 11 asks its readers to move: the pen, and which stages are on.
function settings(paper, on, update) {
  const pen = { part: "slider", kind: "real", description: "pen width", min: 0.02, max: 0.2, step: 0.01 };
  const box = (name, description) =>
    control({ part: "box", description, value: true, disabled: false }, (value) => {
      on[name] = value;
      update();
    });
  return [
    control({ ...pen, value: paper.get("pen") }, (width) => paper.set("pen", width)),
    box("cropped", "crop to the ink"),
    box("scaled", "scale into 20 × 20, proportions kept"),
    box("centred", "centre by the centre of mass"),
  ];
}

// Returns what is on the paper, and what came of it: { strokes, images, passed }, the last null of empty paper.
export default function mount(figure, data) {
  const layers = network(data);
  const root = document.documentElement.dataset.content_root ?? "./"; // of the book, from this page
  const link = (name, text = "") => element("a", { href: root + data.links[name] }, text);

  const paper = new Model({ value: encode(data.digits[FIRST]), pen: data.pen }, () => {});
  const lay = (strokes) => paper.set("value", encode(strokes));
  const drawing = control(
    { part: "dropdown", description: "drawing", name_width: "4.5em", options: [OWN, ...DIGITS].map(String), value: FIRST },
    (digit) => digit !== OWN && lay(data.digits[digit]),
  );
  const keep = (description, end, tooltip) =>
    control({ part: "button", description, tooltip, disabled: false }, () => {
      drawing.model.set("value", OWN);
      lay(decode(paper.get("value")).slice(0, end));
    });
  const undo = keep("Undo", -1, "Take the last stroke away");
  const clear = keep("Clear", 0, "Take all strokes away");

  const on = { cropped: true, scaled: true, centred: true };
  const desk = element("div");
  const says = element("output");
  const time = element("p", { className: "pad-time" });
  const { chart, show: showBars } = bars();
  const kinds = [...Object.keys(PICTURES), ...data.layers.map(({ kind }) => kind)];
  const { list, show: showWay } = way(kinds, link);

  const now = {};
  const update = () => {
    const strokes = decode(paper.get("value"));
    const started = performance.now();
    const images = stages(rasterise(strokes, paper.get("pen")), on);
    const passed = images[0].ink.some(Boolean) ? forward(layers, images.at(-1)) : null;
    const took = performance.now() - started;
    Object.assign(now, { strokes, images, passed });
    if (passed === null) {
      says.replaceChildren("The paper is empty: draw a digit on it, or choose a drawing.");
      showBars(null);
      showWay(on, null);
      time.textContent = "";
      return;
    }
    const P = passed.at(-1).values;
    const [first, second] = [...DIGITS].sort((one, other) => P[other] - P[one]);
    const digit = element("strong", {}, String(first));
    says.replaceChildren("It says ", digit, ` (${percent(P[first])}), then ${second} (${percent(P[second])}).`);
    time.textContent = `Computed in this page, in ${took.toFixed(1)} ms.`;
    showBars(P);
    showWay(on, [...images.map(({ rows, columns, ink }) => ({ shape: [rows, columns, 1], values: ink })), ...passed]);
  };

  // Whoever begins to draw on a drawing that lies there begins on empty paper.
  const begin = (event) => {
    if (drawing.model.get("value") !== OWN && (event.key === " " || event.button === 0)) {
      drawing.model.set("value", OWN);
      lay([]);
    }
  };
  desk.addEventListener("pointerdown", begin, true);
  desk.addEventListener("keydown", begin, true);
  sheet.render({ model: paper, el: desk });
  ["value", "pen"].forEach((name) => paper.on(`change:${name}`, update));
  update();

  const learned = element("p", {}, `Its ${data.count} weights were `, link("learned", "learned from 60\u00a0000 images"));
  learned.append(", in a ", link("net", data.net), `; of 10\u00a0000 other images it reads ${data.right}.`);
  const softmax = element("p", {}, "Ten probabilities, ", link("softmax", "by softmax"));
  const answer = element("div", { className: "pad-answer" }, says, chart, softmax);
  const more = data.settings ? settings(paper, on, update) : [];
  const buttons = element("div", { className: "living-row" }, undo, clear);
  const controls = element("div", {}, desk, drawing, buttons, ...more);
  const top = element("div", { className: "pad-top" }, controls, answer);
  figure.replaceChildren(element("div", { className: "nnlib-panel pad" }, top, list, learned, time));
  return now;
}
