// Sliders, choices and pictures that a keyboard and a screen reader can use; their Python side is parts.py.

const BETWEEN_SIGNS = 2000; // milliseconds; the Python side waits for a few of them
const LONGEST_ANSWER = 1000; // milliseconds until a map tells of the next place, whatever has become of the last

export function element(tag, properties, ...children) {
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

// In a dropdown, which is not one of our parts, letters choose as well; JupyterLab would cut the cell for an x.
// Each part comes with a copy of this file: the first one sees to it.
if (!document.body.nnlibKeepsKeys) {
  document.body.nnlibKeepsKeys = true;
  document.body.addEventListener("keydown", (event) => {
    if (event.target.matches(".nnlib-panel select") && !event.ctrlKey && !event.altKey && !event.metaKey) {
      keepArrows(event);
      if (event.key.length === 1) {
        event.stopPropagation();
      }
    }
  });
}

// A number read off a sum of steps, without what binary fractions leave behind.
const tidy = (x) => Number(x.toFixed(10)) + 0;

// What a slider's steps mean: `at` is the value after so many of them, `steps` the way back, `text` how a
// value is written. A value between two steps, set from Python or typed, is written with two more digits,
// or with as many as the slider's own `digits` say.
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
      return String(Number(log ? y.toPrecision(model.get("digits") || digits + 2) : y.toFixed(places + 2)));
    }
    if (!log) {
      return y.toFixed(places);
    }
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(y)));
    return y < 1e-4 || y >= 1e6 ? y.toExponential(digits - 1) : y.toFixed(decimals);
  };
  const recorded = model.get("values"); // where a page has only some of them: it stands at these alone
  if (recorded) {
    const far = (y) => recorded.map((x) => Math.abs(log ? Math.log(x / y) : x - y));
    const nearest = (y) => far(y).indexOf(Math.min(...far(y)));
    return {
      at: (k) => recorded[k],
      steps: nearest,
      text,
      last: recorded.length - 1,
      within: (y) => recorded[log && y <= 0 ? 0 : nearest(y)],
    };
  }
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
    number.style.width = model.get("digits") ? `${0.6 * model.get("digits") + 4}em` : "";
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
  let fields = [];
  const lay = () => {
    table.replaceChildren();
    fields = model.get("value").map((row, i) => {
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
  };
  const show = () => {
    const rows = model.get("value");
    if (String(rows.map((row) => row.length)) !== String(fields.map((row) => row.length))) {
      lay();
      el.classList.toggle("nnlib-wide", fields.some((row) => row.length > 3));
    }
    name.textContent = model.get("description");
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", name.textContent);
    const texts = rows.map((row) => row.map((x) => String(Number(x.toPrecision(model.get("digits"))))));
    const longest = Math.max(...texts.flat().map((text) => text.length));
    fields.forEach((row, i) =>
      row.forEach((field, j) => {
        field.value = texts[i][j];
        field.style.width = longest > 4 ? `calc(${longest}ch + 12px)` : "";
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

// A picture with pixels that can be pointed at. The place is shown at once; the kernel is told of the next one
// when it has answered the last.
function map({ model, el }, views) {
  const frame = element("div", { className: "nnlib-map" });
  const pointer = element("div", { className: "nnlib-pointer", tabIndex: 0 });
  const pixel = element("div", { className: "nnlib-pixel" });
  frame.style.width = `${model.get("width")}px`;
  el.append(frame);
  const gone = picture({ model, el: frame }, views);
  pointer.append(pixel);
  frame.append(pointer);
  pointer.setAttribute("role", "slider");
  pointer.setAttribute("aria-roledescription", "map of pixels");

  let held = false; // whether the mouse passes over without effect
  let wanted = null; // the place that is not answered yet
  let sent = null;
  let waiting = null; // the timer of what is sent and not answered
  const sheets = () => {
    const [count, rows, columns] = model.get("shape");
    const across = model.get("across");
    const gap = count > 1 ? 1 : 0;
    const down = Math.ceil(count / across);
    const size = [across * (columns + gap) - gap, down * (rows + gap) - gap];
    return { count, rows, columns, across, gap, size };
  };
  const show = () => {
    const { count, rows, columns, across, gap, size } = sheets();
    const [sheet, row, column] = wanted ?? model.get("place");
    const put = (part, box) => {
      ["left", "top", "width", "height"].forEach((name, k) => {
        part.style[name] = `${100 * box[k]}%`;
      });
    };
    const x = (sheet % across) * (columns + gap) + column;
    const y = Math.floor(sheet / across) * (rows + gap) + row;
    put(pointer, model.get("box"));
    put(pixel, [x / size[0], y / size[1], 1 / size[0], 1 / size[1]]);
    pixel.classList.toggle("nnlib-held", held);
    pointer.setAttribute("aria-label", model.get("description"));
    pointer.setAttribute("aria-valuemin", 0);
    pointer.setAttribute("aria-valuemax", count * rows * columns - 1);
    pointer.setAttribute("aria-valuenow", (sheet * rows + row) * columns + column);
    pointer.setAttribute("aria-valuetext", model.get("spoken"));
  };
  const same = (one, other) => String(one) === String(other);
  const send = () => {
    sent = wanted;
    model.send({ place: sent });
    waiting = setTimeout(answered, LONGEST_ANSWER);
  };
  const answered = () => {
    clearTimeout(waiting);
    waiting = null;
    if (wanted !== null && !same(wanted, sent)) {
      send();
    } else {
      wanted = null;
      show();
    }
  };
  const point = (place) => {
    if (!same(place, wanted ?? model.get("place"))) {
      wanted = place;
      show();
      if (waiting === null) {
        send();
      }
    }
  };
  // Where the mouse is; null between two sheets.
  const under = (event) => {
    const { count, rows, columns, across, gap, size } = sheets();
    const box = pointer.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * size[0]);
    const y = Math.floor(((event.clientY - box.top) / box.height) * size[1]);
    const [row, column] = [y % (rows + gap), x % (columns + gap)];
    const sheet = Math.floor(y / (rows + gap)) * across + Math.floor(x / (columns + gap));
    const inside = x >= 0 && x < size[0] && y >= 0 && y < size[1] && sheet < count;
    return inside && row < rows && column < columns ? [sheet, row, column] : null;
  };
  pointer.addEventListener("pointerdown", (event) => {
    const place = under(event);
    if (place !== null && event.button === 0) {
      held = !(held && same(place, wanted ?? model.get("place")));
      point(place);
      show();
    }
  });
  pointer.addEventListener("pointermove", (event) => {
    const place = under(event);
    if (place !== null && (!held || event.buttons === 1)) {
      point(place);
    }
  });
  pointer.addEventListener("keydown", (event) => {
    const { count, rows, columns } = sheets();
    const last = [count - 1, rows - 1, columns - 1];
    const place = [...(wanted ?? model.get("place"))];
    const step = {
      ArrowUp: [1, -1],
      ArrowDown: [1, 1],
      ArrowLeft: [2, -1],
      ArrowRight: [2, 1],
      Home: [2, -Infinity],
      End: [2, Infinity],
      PageUp: [0, -1],
      PageDown: [0, 1],
    }[event.key];
    if (step !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const [axis, by] = step;
      place[axis] = Math.min(last[axis], Math.max(0, place[axis] + by));
      held = true;
      point(place);
      show();
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Escape") {
      held = false;
      show();
    }
  });
  model.on("change:value", () => waiting !== null && answered());
  model.on("change", show);
  show();
  return gone;
}

// A picture with places to click on, each a button. One of them can be reached by Tab, the others from there by
// arrow keys.
function places({ model, el }, views) {
  const frame = element("div", { className: "nnlib-map" });
  const group = element("div");
  frame.style.width = `${model.get("width")}px`;
  group.setAttribute("role", "group");
  el.append(frame);
  const gone = picture({ model, el: frame }, views);
  frame.append(group);
  let buttons = [];
  let current = 0; // the one that Tab goes to
  const lay = () => {
    buttons = model.get("boxes").map((_, k) => {
      const button = element("button", { className: "nnlib-place", type: "button" });
      button.addEventListener("click", () => model.send({ place: k }));
      button.addEventListener("focus", () => {
        current = k;
        show();
      });
      return button;
    });
    group.replaceChildren(...buttons);
  };
  const show = () => {
    const boxes = model.get("boxes");
    if (buttons.length !== boxes.length) {
      lay();
    }
    group.setAttribute("aria-label", model.get("description"));
    buttons.forEach((button, k) => {
      ["left", "top", "width", "height"].forEach((name, side) => {
        button.style[name] = `${100 * boxes[k][side]}%`;
      });
      button.tabIndex = k === current ? 0 : -1;
      button.setAttribute("aria-label", model.get("names")[k] ?? "");
      button.setAttribute("aria-pressed", k === model.get("chosen"));
    });
  };
  group.addEventListener("keydown", (event) => {
    const last = buttons.length - 1;
    const next = {
      ArrowLeft: current - 1,
      ArrowUp: current - 1,
      ArrowRight: current + 1,
      ArrowDown: current + 1,
      Home: 0,
      End: last,
    }[event.key];
    if (next !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      buttons[Math.min(last, Math.max(0, next))].focus();
      event.preventDefault();
      event.stopPropagation();
    }
  });
  model.on("change", show);
  show();
  return gone;
}

const PARTS = { slider, choice, grid, picture, map, places };

// Called once for each part, which may be seen in several places.
export default () => {
  const views = new Set();
  return { render: (view) => PARTS[view.model.get("part")](view, views) };
};
