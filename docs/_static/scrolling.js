// What is wider than the page and scrolls by itself can be reached with Tab, and then be scrolled with the arrow keys.

const WIDE = "div.math, mjx-container, .cell_output > div, article table, .living-scroll";

function reach() {
  for (const one of document.querySelectorAll(WIDE)) {
    if (one.scrollWidth > one.clientWidth && /auto|scroll/.test(getComputedStyle(one).overflowX)) {
      one.tabIndex = 0;
    } else {
      one.removeAttribute("tabindex");
    }
  }
}

window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  reach();
  new ResizeObserver(reach).observe(document.body);
  new MutationObserver(reach).observe(document.body, { subtree: true, attributeFilter: ["data-awake"] }); // a panel
});
