// Small charts for the panels of the page, as SVG, in the colours of nnlib/teach/plots.py (living.css has them,
// for light and for dark). Several charts stand side by side, and below each other where there is no room.
//
//   const ax = chart({ title, width: 440, height: 300, x: [-6, 6], y: [0, 1], xLabel: "x", yLabel: "P" });
//   ax.line(xs, ys, { colour: "gradient", dashes: "6 4", width: 2, label: "slope" });   // NaN breaks it
//   ax.points(xs, ys, { colour: "parameter", shape: "circle", size: 5, label });        // or "triangle"
//   ax.rectangle([x0, x1], [y0, y1], { colour: "wrong", opacity: 0.15 });               // null: to the edges
//   ax.bars(edges, lows, highs, { colour });              // one between each two edges
//   ax.vertical(x, { colour }); ax.horizontal(y, { colour });
//   ax.words(x, y, "text", { colour, anchor: "middle", dx: 0, dy: 0 });                 // in ink
//   ax.legend("upper right", 2);                          // of what has a label, in so many columns
//   ax.element                                                                          // to be shown
//
// `x` and `y` are the limits; {log: [1e-16, 1]} makes a logarithmic axis. `xTicks` and `yTicks` are lists of
// numbers or of [number, text], made from the limits where there are none given. `grid` draws faint lines at
// the ticks of y. Colours are "data", "parameter", "gradient", "loss", "right", "wrong" and "text".
//
//   array(name, values, { axes: "ni", colour: "data", lit })   a matrix as a table: `axes` are the letters of its
//                                                              rows and columns, " " for none; where `lit(i, j)`
//                                                              is false an entry is pale
//   heading(nodes)                                             a title, where there is no chart
//   svg(tag, attributes, ...children)                          an element of SVG

import { signed } from "./numbers.js";
import { element } from "./parts.js";

const FAR = 1e4; // pixels; what lies beyond is drawn there
const MARGINS = { left: 62, right: 14, top: 10, bottom: 44 };

export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

const colour = (name) => `var(--living-${name})`;
const ink = (name) => `var(--living-ink-${name}, var(--living-${name}))`;

// A step of 1, 2 or 5 times a power of ten, and the multiples of it within the limits.
function ticksWithin([low, high]) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((one) => one * power >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  const places = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: count }, (_, k) => {
    const value = (first + k) * step;
    return [value, (value === 0 ? 0 : value).toFixed(places).replace("-", "−")];
  });
}

function scale(limits, from, to) {
  const log = !Array.isArray(limits);
  const place = log ? Math.log10 : (value) => value;
  const [low, high] = (log ? limits.log : limits).map(place);
  const factor = (to - from) / (high - low);
  const at = (value) => {
    const pixel = from + (place(value) - low) * factor;
    return Math.max(-FAR, Math.min(FAR, pixel));
  };
  return { at, ends: log ? limits.log : limits };
}

export function chart(options) {
  const { width = 440, height = 300, title = "", grid = false, xLabel = "", yLabel = "" } = options;
  const margins = { ...MARGINS, ...options.margins };
  const [w, h] = [width - margins.left - margins.right, height - margins.top - margins.bottom];
  const [x, y] = [scale(options.x, 0, w), scale(options.y, h, 0)];
  const texts = (ticks) => ticks.map((one) => (Array.isArray(one) ? one : [one, String(one).replace("-", "−")]));
  const [xTicks, yTicks] = [options.xTicks ?? ticksWithin(x.ends), options.yTicks ?? ticksWithin(y.ends)].map(texts);

  const frame = svg("g", { transform: `translate(${margins.left} ${margins.top})` });
  const area = svg("svg", { width: w, height: h, overflow: "hidden" }); // cuts what lies outside
  const above = svg("g"); // what may stand over the edge
  const axis = { stroke: "currentColor", "stroke-width": 1 };
  xTicks.forEach(([value, text]) => {
    frame.append(
      svg("line", { x1: x.at(value), x2: x.at(value), y1: h, y2: h + 4, ...axis }),
      svg("text", { x: x.at(value), y: h + 18, "text-anchor": "middle" }, text),
    );
  });
  yTicks.forEach(([value, text]) => {
    if (grid) {
      frame.append(svg("line", { x1: 0, x2: w, y1: y.at(value), y2: y.at(value), stroke: colour("grid") }));
    }
    frame.append(
      svg("line", { x1: -4, x2: 0, y1: y.at(value), y2: y.at(value), ...axis }),
      svg("text", { x: -8, y: y.at(value) + 4.5, "text-anchor": "end" }, text),
    );
  });
  frame.append(area, svg("path", { d: `M0 0V${h}H${w}`, fill: "none", ...axis }), above);
  frame.append(
    svg("text", { x: w / 2, y: h + 38, "text-anchor": "middle" }, xLabel),
    svg("text", { transform: `translate(${-margins.left + 14} ${h / 2}) rotate(-90)`, "text-anchor": "middle" }, yLabel),
  );
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "living-svg" }, frame);
  const labelled = [];

  const stroke = (style) => ({
    stroke: colour(style.colour ?? "text"),
    "stroke-width": style.width ?? 1.5,
    "stroke-dasharray": style.dashes ?? "none",
    fill: "none",
  });
  const mark = (px, py, { colour: name = "text", shape = "circle", size = 5 }) =>
    shape === "circle"
      ? svg("circle", { cx: px, cy: py, r: size, fill: colour(name) })
      : svg("path", { d: `M${px - size} ${py - size}h${2 * size}l${-size} ${2 * size}z`, fill: colour(name) });
  const label = (style, sample) => {
    if (style.label) {
      labelled.push([style.label, sample]);
    }
  };

  return {
    element: element("div", { className: "living-chart", style: `max-width: ${width}px` }, ...(title ? [heading([title])] : []), drawing),
    line(xs, ys, style = {}) {
      let path = "";
      let pen = "M";
      for (let k = 0; k < xs.length; k += 1) {
        const [px, py] = [x.at(xs[k]), y.at(ys[k])];
        if (Number.isNaN(px + py)) {
          pen = "M";
        } else {
          path += `${pen}${Math.round(100 * px) / 100} ${Math.round(100 * py) / 100}`;
          pen = "L";
        }
      }
      area.append(svg("path", { d: path, "stroke-linejoin": "round", ...stroke(style) }));
      label(style, () => svg("path", { d: "M0 0H22", ...stroke(style) }));
    },
    points(xs, ys, style = {}) {
      above.append(...Array.from(xs, (value, k) => mark(x.at(value), y.at(ys[k]), style)));
      label(style, () => mark(11, 0, style));
    },
    rectangle(xs, ys, { colour: name, opacity = 1 }) {
      const [left, right] = xs ? xs.map(x.at) : [0, w];
      const [bottom, top] = ys ? ys.map(y.at) : [h, 0];
      const box = { x: Math.min(left, right), y: Math.min(bottom, top) };
      const size = { width: Math.abs(right - left), height: Math.abs(bottom - top) };
      area.append(svg("rect", { ...box, ...size, fill: colour(name), opacity }));
    },
    bars(edges, lows, highs, { colour: name }) {
      const bar = (k) => {
        const [left, right, low, high] = [x.at(edges[k]), x.at(edges[k + 1]), y.at(lows[k]), y.at(highs[k])];
        return `M${left} ${low}V${high}H${right}V${low}z`;
      };
      area.append(svg("path", { d: lows.map((_, k) => bar(k)).join(""), fill: colour(name) }));
    },
    vertical(value, style = {}) {
      area.append(svg("line", { x1: x.at(value), x2: x.at(value), y1: 0, y2: h, ...stroke(style) }));
      label(style, () => svg("path", { d: "M0 0H22", ...stroke(style) }));
    },
    horizontal(value, style = {}) {
      area.append(svg("line", { x1: 0, x2: w, y1: y.at(value), y2: y.at(value), ...stroke(style) }));
      label(style, () => svg("path", { d: "M0 0H22", ...stroke(style) }));
    },
    words(px, py, text, { colour: name = "text", anchor = "middle", dx = 0, dy = 0 } = {}) {
      const place = { x: x.at(px) + dx, y: y.at(py) + dy, "text-anchor": anchor };
      above.append(svg("text", { ...place, fill: ink(name) }, text));
    },
    legend(place, columns = 1) {
      const wide = Math.max(...labelled.map(([text]) => text.length)) * 6.6 + 38;
      const down = Math.ceil(labelled.length / columns);
      const [width, height] = [wide * columns, down * 18 + 6];
      const left = place.includes("right") ? w - width - 4 : 6;
      const top = place.includes("lower") ? h - height - 6 : 4;
      const made = svg("g", { transform: `translate(${left} ${top})` });
      made.append(svg("rect", { width, height, rx: 3, fill: colour("paper"), opacity: 0.85 }));
      labelled.forEach(([text, sample], k) => {
        const [across, row] = [6 + wide * Math.floor(k / down), 12 + 18 * (k % down)];
        const words = svg("text", { x: 28, y: 4.5 }, text);
        made.append(svg("g", { transform: `translate(${across} ${row})` }, sample(), words));
      });
      above.append(made);
    },
  };
}

export const heading = (nodes) => element("p", { className: "living-title" }, ...nodes);

export function array(name, values, { axes, colour: one, lit = () => true }) {
  const small = (letter, k) => element("th", {}, letter === " " ? "\u00a0" : `${letter}=${k + 1}`);
  const [down, across] = axes;
  const made = element("table", { className: "living-array" }, element("caption", {}, name));
  made.style.setProperty("--living-colour", one === null ? "transparent" : colour(one));
  made.append(element("tr", {}, small(" "), ...values[0].map((_, j) => small(across, j))));
  values.forEach((row, i) => {
    const cells = row.map((value, j) => element("td", { className: lit(i, j) ? "living-lit" : "" }, signed(value)));
    made.append(element("tr", {}, small(down, i), ...cells));
  });
  return made;
}
