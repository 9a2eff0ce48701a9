// Panels of which pictures were recorded, tools/book/living/recorded.py: those that are played, and grids.
//
// Only some settings are there. The controls lead one another, in the order of `data.leading`: when one is moved,
// it and those before it stay, and those after it go to the nearest setting that was recorded.

import { beside, control, element, explorer } from "./controls.js";

const BEAT = 700; // milliseconds between two moments while it plays
const NOTE =
  "These pictures were recorded: a control moves by the values that were, and is grey where there is no other. " +
  "In JupyterLab it moves freely.";

// The place in `shown` of the setting that is nearest to the one that is wanted; that of the first control counts
// before that of the second, and so on. A setting is a list with the place of each control's value.
export function nearest(shown, wanted) {
  const far = shown.map(({ at }) => at.map((place, i) => Math.abs(place - wanted[i])));
  const isNearer = (one, other) => {
    const i = one.findIndex((distance, j) => distance !== other[j]);
    return i >= 0 && one[i] < other[i];
  };
  return far.reduce((best, one, k) => (isNearer(one, far[best]) ? k : best), 0);
}

// The places of the values that control number i offers under the values of those before it.
export function offered(shown, at, i) {
  const under = shown.filter((one) => at.slice(0, i).every((place, j) => place === one.at[j]));
  return [...new Set(under.map((one) => one.at[i]))].sort((a, b) => a - b);
}

// A text, from lists of a tag, its attributes and what is in it.
function built(node) {
  if (typeof node === "string") {
    return node;
  }
  const [tag, attributes, ...children] = node;
  const made = element(tag, {}, ...children.map(built));
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  return tag === "table" ? element("div", { className: "living-scroll" }, made) : made;
}

export default function mount(figure, data) {
  const { leading, shown, plays, width, height } = data;
  const states = Object.fromEntries(data.rows.flat().map((state) => [state.name, state]));
  let place = 0; // in `shown`

  const pictures = new Map();
  const picture = (k) => {
    const name = shown[k].picture;
    if (!pictures.has(name)) {
      pictures.set(name, element("img", { src: beside(name), alt: "", width, height }));
    }
    return pictures.get(name);
  };
  const ahead = () =>
    leading.forEach((_, i) => {
      const { at } = shown[place];
      const there = offered(shown, at, i);
      const here = there.indexOf(at[i]);
      [here - 1, here + 1]
        .filter((k) => k in there)
        .forEach((k) => picture(nearest(shown, at.with(i, there[k]))));
    });

  const settle = (now, controls) => {
    place = nearest(shown, leading.map((name) => states[name].values.indexOf(now[name])));
    const { at } = shown[place];
    leading.forEach((name, i) => {
      const { part, values } = states[name];
      const { model } = controls[name];
      const there = offered(shown, at, i);
      now[name] = values[at[i]];
      if (part === "slider") {
        model.set("values", there.map((k) => values[k]));
      }
      model.set("value", now[name]);
      model.set("disabled", there.length === 1);
      controls[name].querySelectorAll("option").forEach((option, k) => {
        option.disabled = !there.includes(values.indexOf(states[name].options[k]));
      });
    });
  };

  const view = () => {
    const { alt, text, said } = shown[place];
    ahead();
    const words = text.map(built);
    const spoken = words.every((node) => node.tagName === "P");
    const unseen = element("p", { className: "living-unseen" }, said);
    return { picture: [picture(place)], alt, text: spoken ? [] : words, said: spoken ? words : [unseen] };
  };

  const panel = explorer(figure, data, view, settle);
  if (plays) {
    addPlayer(panel, plays, figure, () => {
      const i = leading.length - 1;
      const { at } = shown[place];
      return offered(shown, at, i).map((k) => states[plays].values[k]);
    });
  }
  figure.firstChild.append(element("p", { className: "living-note" }, NOTE));
}

// A button that moves a control on, from one recorded value to the next. Where a reader wants no motion, each
// click is one move.
function addPlayer({ controls, now, show }, plays, figure, moments) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const said = figure.querySelector(".living-said");
  let timer = null;
  const put = (value) => {
    now[plays] = value;
    show();
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    said.setAttribute("aria-live", "polite");
    label();
  };
  const on = () => {
    const there = moments();
    const next = there.indexOf(now[plays]) + 1;
    if (next < there.length) {
      put(there[next]);
    }
    if (next >= there.length - 1) {
      stop();
    }
  };
  const click = () => {
    if (timer !== null) {
      stop();
      return;
    }
    const there = moments();
    if (now[plays] === there.at(-1)) {
      put(there[0]);
      if (still.matches) {
        return;
      }
    }
    if (still.matches) {
      on();
      return;
    }
    said.setAttribute("aria-live", "off"); // else each moment would be spoken
    timer = setInterval(on, BEAT);
    label();
    on();
  };
  const button = control({ part: "button", description: "", tooltip: "", disabled: false }, click);
  const label = () => {
    button.model.set("description", still.matches ? "Next" : timer === null ? "Play" : "Pause");
    button.model.set("tooltip", `Move on: ${controls[plays].model.get("description")}`);
  };
  still.addEventListener("change", stop);
  figure.addEventListener("input", () => timer !== null && stop());
  figure.querySelector(".living-picture").before(element("div", { className: "living-row" }, button));
  label();
}
