// Wakes the panels of a page, each when it comes near the window: `mount(figure, data)` of the module that the
// figure names fills it.

import { beside } from "./controls.js";

const NEAR = "600px"; // so that a panel is there before it is seen

// parts.css knows JupyterLab's word for a dark page; this one's theme has another.
function followTheme() {
  document.body.dataset.jpThemeLight = document.documentElement.dataset.theme !== "dark";
}

async function wake(figure) {
  const { script, source } = figure.dataset;
  try {
    const [{ default: mount }, data] = await Promise.all([
      import(`./${script}.js`),
      fetch(beside(source)).then((answer) => answer.json()),
    ]);
    await mount(figure, data);
    figure.dataset.awake = "";
  } catch (error) {
    const sentence = document.createElement("p");
    sentence.textContent = "This panel did not load. Reload the page, or open the chapter in JupyterLab.";
    figure.replaceChildren(sentence);
    throw error;
  }
}

const near = new IntersectionObserver(
  (entries) =>
    entries
      .filter((entry) => entry.isIntersecting)
      .forEach(({ target }) => {
        near.unobserve(target);
        wake(target);
      }),
  { rootMargin: NEAR },
);

followTheme();
new MutationObserver(followTheme).observe(document.documentElement, { attributeFilter: ["data-theme"] });
document.querySelectorAll("figure.living").forEach((figure) => near.observe(figure));
