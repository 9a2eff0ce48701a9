// Panels of the page: the controls of JupyterLab's, drawn by the same parts.js, and an explorer around them.
//
//   control(state, changed)       an element with a control in it; `state` is as tools/book/living writes it:
//                                 {part: "slider", kind: "log", description: "step h", value: 0.3, min: -16, …}.
//                                 `changed(value)` is called when a reader moves it, with {place} for a map;
//                                 `element.model.set("value", x)` moves it and calls nothing.
//   explorer(figure, data, view, settle)
//                                 fills the figure with the rows of controls in `data.rows`, and shows what
//                                 `view(now, data)` returns, anew with each move: {picture, alt, text, said};
//                                 `now` has the value of each control. Before that, `settle(now, controls)` may
//                                 move or disable controls. Returns {controls, now, show}.
//   beside(name)                  the address of a file that was made for the panels.
//
//   table(rows, head)             a table; each row begins with its name, a cell is text or a list of nodes
//   marked(text)                  a list of nodes: text with <b>, <sub>, <sup> and <code> in it
//   alternative(…sentences)       what a picture shows, from its finding and its titles
//   remembered(make)              the function `make`, which is not run again for what it was last given
//
// Of what a view returns, `picture` is a list of elements, or empty, `alt` what they show, `text` a list of
// elements that stand below, and `said` those that a screen reader speaks when they change.

import parts, { element } from "./parts.js";

export { element };

export const beside = (name) => new URL(name, import.meta.url).href;

const REST = {
  slider: { name_width: "7em", digits: 0, continuous_update: true, disabled: false },
  choice: { disabled: false },
  grid: { largest: 100, digits: 15 },
  map: { value: new Uint8Array(), box: [0, 0, 1, 1], across: 1, place: [0, 0, 0], spoken: "" },
  places: { value: new Uint8Array(), chosen: -1 },
};

// What anywidget calls a model, as far as parts.js uses it.
export class Model {
  #state;
  #changed;
  #unsaved = false;
  #listeners = new Map();

  constructor(state, changed) {
    this.#state = { ...REST[state.part], ...state };
    this.#changed = changed;
  }

  get(name) {
    return this.#state[name];
  }

  set(name, value) {
    if (this.#state[name] !== value) {
      this.#state[name] = value;
      this.#unsaved ||= name === "value";
      ["change", `change:${name}`].forEach((event) => this.#listeners.get(event)?.forEach((tell) => tell()));
    }
  }

  save_changes() {
    if (this.#unsaved) {
      this.#unsaved = false;
      this.#changed(this.get("value"));
    }
  }

  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  send(message) {
    if (typeof message === "object") {
      this.#changed(message); // a place; all else is said to a kernel
    }
  }
}

// Those that parts.js leaves to the browser, and that ipywidgets draws in JupyterLab.

function dropdown({ model, el }) {
  const name = element("span", { className: "nnlib-name" });
  const select = element("select", {}, ...model.get("options").map((one) => element("option", {}, one)));
  el.classList.add("widget-dropdown");
  el.append(element("label", {}, name, select));
  select.addEventListener("change", () => {
    model.set("value", select.value);
    model.save_changes();
  });
  const show = () => {
    name.textContent = model.get("description");
    name.style.width = model.get("name_width");
    el.style.width = model.get("width") ?? "";
    select.value = model.get("value");
    select.disabled = model.get("disabled");
  };
  model.on("change", show);
  show();
}

function box({ model, el }) {
  const tick = element("input", { type: "checkbox" });
  const name = element("span");
  el.classList.add("living-box");
  el.append(element("label", {}, tick, name));
  tick.addEventListener("change", () => {
    model.set("value", tick.checked);
    model.save_changes();
  });
  const show = () => {
    name.textContent = model.get("description");
    tick.checked = model.get("value");
    tick.disabled = model.get("disabled");
  };
  model.on("change", show);
  show();
}

function button({ model, el }) {
  const made = element("button", { type: "button" });
  el.classList.add("living-button");
  el.append(made);
  made.addEventListener("click", () => model.send({}));
  const show = () => {
    made.textContent = model.get("description");
    made.title = model.get("tooltip") ?? "";
    made.disabled = model.get("disabled");
  };
  model.on("change", show);
  show();
}

const OWN = { dropdown, box, button };

export function control(state, changed) {
  const model = new Model(state, changed);
  const el = Object.assign(element("div"), { model });
  const render = OWN[state.part] ?? parts().render;
  render({ model, el });
  return el;
}

// What stands there already stays: it need not be laid out anew.
function fill(place, nodes) {
  if (nodes.length !== place.childNodes.length || nodes.some((one, k) => one !== place.childNodes[k])) {
    place.replaceChildren(...nodes);
  }
}

export function explorer(figure, data, view, settle = () => {}) {
  const now = {};
  const controls = {};
  // Several controls of one name are a list, as in Python.
  const keep = (into, { name, many }, one) => {
    if (many) {
      into[name] = [...(into[name] ?? []), one];
    } else {
      into[name] = one;
    }
  };
  const picture = element("div", { className: "living-picture", role: "img" });
  const text = element("div", { className: "living-text" });
  const said = element("div", { className: "living-said" });
  said.setAttribute("aria-live", "polite");

  const show = () => {
    settle(now, controls);
    const seen = view(now, data);
    picture.hidden = seen.picture.length === 0;
    seen.picture.forEach((one) => one.setAttribute("aria-hidden", true)); // the label says it
    picture.replaceChildren(...seen.picture);
    picture.setAttribute("aria-label", seen.alt);
    fill(text, seen.text);
    said.replaceChildren(...seen.said);
  };
  const rows = data.rows.map((row) => {
    const made = row.map((state) => {
      const place = controls[state.name]?.length;
      const one = control(state, (value) => {
        if (state.many) {
          now[state.name] = now[state.name].with(place ?? 0, value);
        } else {
          now[state.name] = value;
        }
        show();
      });
      keep(controls, state, one);
      keep(now, state, state.value);
      return one;
    });
    return element("div", { className: "living-row" }, ...made);
  });
  figure.replaceChildren(element("div", { className: "nnlib-panel" }, ...rows, picture, text, said));
  show();
  return { controls, now, show };
}

// A table as parts.table writes it: a head, and rows that begin with their name.
export function table(rows, head = []) {
  const header = (scope) => (name) => {
    const cell = element("th", {}, name);
    cell.scope = scope;
    return cell;
  };
  const lines = rows.map(([name, ...cells]) =>
    element("tr", {}, header("row")(name), ...cells.map((cell) => element("td", {}, ...[cell].flat()))),
  );
  const top = head.length > 0 ? [element("tr", {}, ...head.map(header("col")))] : [];
  return element("div", { className: "living-scroll" }, element("table", { className: "nnlib-table" }, ...top, ...lines));
}

export function marked(text) {
  const nodes = [];
  let from = 0;
  for (const { 0: piece, 1: tag, 2: words, index } of text.matchAll(/<(b|sub|sup|code)>(.*?)<\/\1>/g)) {
    nodes.push(text.slice(from, index), element(tag, {}, words));
    from = index + piece.length;
  }
  return [...nodes, text.slice(from)];
}

// What a picture shows, from its finding and its titles, as panel.py says it.
export const alternative = (...sentences) =>
  `${sentences
    .map((one) => one.replaceAll("\n", " ").replace(/\.+$/, ""))
    .filter(Boolean)
    .join(". ")}.`;

export function remembered(make) {
  let [given, made] = [null, null];
  return (...wanted) => {
    if (given === null || wanted.some((one, k) => one !== given[k])) {
      made = make(...wanted);
      given = wanted;
    }
    return made;
  };
}
