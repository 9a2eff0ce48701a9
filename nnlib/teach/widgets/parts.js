// Sliders, choices and pictures that a keyboard and a screen reader can use; their Python side is parts.py.

const BETWEEN_SIGNS = 2000; // milliseconds; the Python side waits for a few of them

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// JupyterLab would take them as its own: up and down would go to another cell.
function keepArrows(event) {
  if (/^(Arrow|Page|Home|End)/.test(event.key)) {
    event.stopPropagation();
  }
}

// A number read off a sum of steps, without what binary fractions leave behind.
const tidy = (x) => Number(x.toFixed(10)) + 0;

// What a slider's steps mean: `at` is the value after so many of them, `steps` the way back, `text` how a
// value is written. A value between two steps, set from Python or typed, is written with two more digits.
function scale(model) {
  const [min, max, step, kind] = ["min", "max", "step", "kind"].map((name) => model.get(name));
  const log = kind === "log";
  const places = (String(step).split(".")[1] ?? "").length;
  const digits = Math.ceil(1 - Math.log10(10 ** step - 1)); // as many as tell two neighbours apart
  const value = (x) => (log ? 10 ** x : x);
  const last = Math.ceil(tidy((max - min) / step)); // a shorter step where the range is no multiple of it
  const at = (steps) => value(Math.min(max, tidy(min + steps * step)));
  const steps = (y) => (y < value(max) ? Math.round(tidy(((log ? Math.log10(y) : y) - min) / step)) : last);
  const text = (y) => {
    if (kind === "whole") {
      return String(y);
    }
    if (Math.abs(at(steps(y)) - y) > 1e-9 * Math.abs(y)) {
      return String(Number(log ? y.toPrecision(digits + 2) : y.toFixed(places + 2)));
    }
    if (!log) {
      return y.toFixed(places);
    }
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(y)));
    return y < 1e-4 || y >= 1e6 ? y.toExponential(digits - 1) : y.toFixed(decimals);
  };
  return {
    at,
    steps,
    text,
    last,
    within: (y) => Math.min(value(max), Math.max(value(min), kind === "whole" ? Math.round(y) : y)),
  };
}

// A number that can be typed over: `take` gets it, or NaN where it is none; Escape puts back what was there.
function numberField(take, show) {
  const field = element("input", { type: "text", inputMode: "decimal", spellcheck: false });
  field.className = "nnlib-number";
  const read = () => take(field.value.trim() === "" ? NaN : Number(field.value));
  field.addEventListener("focus", () => field.select());
  field.addEventListener("change", read);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      read(); // in JupyterLab this key alone makes no change
    } else if (event.key === "Escape") {
      show();
    }
  });
  return field;
}

function slider({ model, el }) {
  const name = element("span", { className: "nnlib-name" });
  const range = element("input", { type: "range", min: 0, step: 1 });
  const number = numberField(
    (typed) => send(Number.isFinite(typed) ? scale(model).within(typed) : model.get("value")),
    () => show(),
  );
  el.classList.add("nnlib-slider");
  el.append(element("label", {}, name, range), number);

  let held = null; // the value under the mouse that is not sent before the slider is let go
  const show = () => {
    const { text, steps, last } = scale(model);
    const value = held ?? model.get("value");
    name.textContent = model.get("description");
    name.style.width = model.get("name_width");
    el.style.setProperty("--nnlib-steps", last);
    range.max = last;
    range.value = steps(value);
    number.value = text(value);
    range.setAttribute("aria-valuetext", number.value);
    number.setAttribute("aria-label", `${name.textContent}, as a number`);
    range.disabled = number.disabled = model.get("disabled");
  };
  const send = (value) => {
    held = null;
    model.set("value", value);
    model.save_changes();
    show();
  };
  range.addEventListener("input", () => {
    const value = scale(model).at(Number(range.value));
    if (model.get("continuous_update")) {
      send(value);
    } else {
      held = value;
      show();
    }
  });
  range.addEventListener("change", () => send(scale(model).at(Number(range.value))));
  range.addEventListener("keydown", keepArrows);
  model.on("change", show);
  show();
}

function choice({ model, el }) {
  const group = `nnlib-${Math.random()}`;
  const name = element("span", { className: "nnlib-name" });
  el.classList.add("nnlib-choice");
  el.setAttribute("role", "radiogroup");
  el.append(name);
  const radios = model.get("options").map((option) => {
    const radio = element("input", { type: "radio", name: group, value: option });
    radio.addEventListener("change", () => {
      model.set("value", option);
      model.save_changes();
    });
    el.append(element("label", {}, radio, element("span", {}, option)));
    return radio;
  });
  const show = () => {
    name.textContent = model.get("description");
    el.setAttribute("aria-label", name.textContent);
    radios.forEach((radio) => {
      radio.checked = radio.value === model.get("value");
      radio.disabled = model.get("disabled");
    });
  };
  el.addEventListener("keydown", keepArrows);
  model.on("change", show);
  show();
}

function grid({ model, el }) {
  const name = element("span", { className: "nnlib-name" });
  const table = element("table");
  el.classList.add("nnlib-grid");
  el.append(name, table);
  const fields = model.get("value").map((row, i) => {
    const line = element("tr");
    table.append(line);
    return row.map((_, j) => {
      const take = (typed) => {
        if (Number.isFinite(typed)) {
          const rows = model.get("value").map((one) => [...one]);
          const largest = model.get("largest");
          rows[i][j] = Math.min(largest, Math.max(-largest, typed));
          model.set("value", rows);
          model.save_changes();
        }
        show();
      };
      const field = numberField(take, () => show());
      field.addEventListener("keydown", keepArrows);
      line.append(element("td", {}, field));
      return field;
    });
  });
  const show = () => {
    name.textContent = model.get("description");
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", name.textContent);
    fields.forEach((row, i) =>
      row.forEach((field, j) => {
        field.value = String(model.get("value")[i][j]);
        field.setAttribute("aria-label", `${name.textContent}, row ${i + 1}, column ${j + 1}`);
      }),
    );
  };
  model.on("change", show);
  show();
}

function picture({ model, el }, views) {
  const canvas = element("canvas", { className: "nnlib-picture" });
  canvas.width = model.get("width"); // together they give the proportions, so that nothing moves meanwhile
  canvas.height = model.get("height");
  canvas.setAttribute("role", "img");
  el.append(canvas);
  let latest = 0;
  let told = -Infinity;
  const show = async () => {
    // No timer tells that somebody is there: in a hidden page the browser holds it back.
    if (performance.now() - told > BETWEEN_SIGNS) {
      told = performance.now();
      model.send("seen");
    }
    latest += 1;
    const number = latest;
    if (model.get("value").byteLength === 0) {
      return; // nothing is drawn yet
    }
    let bitmap;
    try {
      bitmap = await createImageBitmap(new Blob([model.get("value")], { type: "image/png" }));
    } catch {
      model.send("damaged");
      return;
    }
    if (number === latest) {
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    }
  };
  const tell = () => canvas.setAttribute("aria-label", model.get("alt"));
  model.on("change:value", show);
  model.on("change:alt", tell);
  show();
  tell();
  views.add(el);
  return () => {
    views.delete(el);
    if (views.size === 0) {
      model.send("gone");
    }
  };
}

const PARTS = { slider, choice, grid, picture };

// Called once for each part, which may be seen in several places.
export default () => {
  const views = new Set();
  return { render: (view) => PARTS[view.model.get("part")](view, views) };
};
