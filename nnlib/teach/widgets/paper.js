// A sheet of paper to draw on. A drawing travels, both ways, as float32 pairs x, y from 0 to 1, y downwards;
// a pair of NaN ends each stroke. See notebooks/11_generalisation.ipynb.

const SIDE = 448; // pixels of the canvas; the page shows it at half that size, for sharp screens
const SHORTEST_WAIT = 100; // milliseconds between two messages while a stroke is drawn
const LITTLE_ENDIAN = true;
const STEP = 0.02; // of the paper, for an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function encode(strokes) {
  const numbers = strokes.flatMap((stroke) => [...stroke.flat(), NaN, NaN]);
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, i) => view.setFloat32(4 * i, number, LITTLE_ENDIAN));
  return view;
}

export function decode(view) {
  const strokes = [];
  let stroke = [];
  for (let i = 0; i + 8 <= view.byteLength; i += 8) {
    const x = view.getFloat32(i, LITTLE_ENDIAN);
    if (Number.isNaN(x)) {
      strokes.push(stroke);
      stroke = [];
    } else {
      stroke.push([x, view.getFloat32(i + 4, LITTLE_ENDIAN)]);
    }
  }
  return strokes;
}

function paint(canvas, strokes, pen, tip) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, SIDE, SIDE);
  if (strokes.length === 0) {
    context.font = `${SIDE / 14}px sans-serif`;
    context.textAlign = "center";
    context.fillStyle = "#767676";
    context.fillText("draw a digit here", SIDE / 2, SIDE / 2);
  }
  context.lineWidth = pen * SIDE;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...stroke[0].map((share) => share * SIDE));
    for (const point of stroke) {
      context.lineTo(...point.map((share) => share * SIDE));
    }
    context.stroke();
  }
  if (tip !== null) {
    context.beginPath();
    context.arc(tip[0] * SIDE, tip[1] * SIDE, (pen * SIDE) / 2, 0, 2 * Math.PI);
    context.lineWidth = SIDE / 112;
    context.strokeStyle = "#d55e00"; // told from paper and from ink
    context.stroke();
    context.strokeStyle = "black";
  }
}

function render({ model, el }) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application"); // or a screen reader would keep the arrow keys
  canvas.setAttribute(
    "aria-label",
    "Paper to draw a digit on with mouse, finger or pen; with keys: arrows move the pen, space sets it down and lifts it",
  );
  Object.assign(canvas.style, {
    width: `${SIDE / 2}px`,
    height: `${SIDE / 2}px`,
    background: "white", // in a dark theme too: ink is black
    border: "1px solid #767676",
    cursor: "crosshair",
    touchAction: "none", // a finger draws and does not scroll
  });
  el.append(canvas);

  let strokes = [];
  let stroke = null; // the one in hand
  let sent = 0;
  let place = [0.5, 0.2]; // of the pen that keys move
  let byKeys = false; // whether it is shown
  const pressed = new Set(); // two arrows together go aslant

  const repaint = () => paint(canvas, strokes, model.get("pen"), byKeys ? place : null);
  const send = () => {
    sent = performance.now();
    model.set("value", encode(strokes));
    model.save_changes();
  };
  const follow = () => {
    if (stroke === null) {
      strokes = decode(model.get("value"));
      repaint();
    }
  };
  const sendAgain = () => {
    if (stroke !== null && performance.now() - sent > SHORTEST_WAIT) {
      send();
    }
  };
  const add = (event) => {
    const box = canvas.getBoundingClientRect();
    stroke.push([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  };
  const finish = () => {
    if (stroke !== null) {
      stroke = null;
      send();
    }
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) {
      return;
    }
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    stroke = [];
    strokes.push(stroke);
    add(event);
    repaint();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (stroke === null || !event.isPrimary || event.buttons === 0) {
      return;
    }
    const between = event.getCoalescedEvents?.() ?? []; // a quick stroke has several points in one event
    (between.length ? between : [event]).forEach(add);
    repaint();
    sendAgain();
  });
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  canvas.addEventListener("focus", () => {
    byKeys = canvas.matches(":focus-visible"); // and not by a click
    repaint();
  });
  canvas.addEventListener("blur", () => {
    pressed.clear();
    finish();
    byKeys = false;
    repaint();
  });
  canvas.addEventListener("keydown", (event) => {
    const arrow = event.key in ARROWS;
    if (!(arrow || event.key === " ") || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    event.stopPropagation(); // JupyterLab would go to another cell
    if (arrow) {
      pressed.add(event.key);
      for (const key of pressed) {
        place = place.map((share, axis) => Math.min(1, Math.max(0, share + STEP * ARROWS[key][axis])));
      }
      stroke?.push(place);
    } else if (!event.repeat && stroke === null) {
      stroke = [place];
      strokes.push(stroke);
    } else if (!event.repeat) {
      finish();
    }
    byKeys = true;
    repaint();
    sendAgain();
  });
  canvas.addEventListener("keyup", (event) => pressed.delete(event.key));
  model.on("change:value", follow);
  model.on("change:pen", repaint);
  follow();
  return () => {
    model.off("change:value", follow);
    model.off("change:pen", repaint);
  };
}

export default { render };
