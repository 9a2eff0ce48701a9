// A sheet of paper to draw on. A drawing travels, both ways, as float32 pairs x, y from 0 to 1, y downwards;
// a pair of NaN ends each stroke. See notebooks/11_generalisation.ipynb.

const SIDE = 448; // pixels of the canvas; the page shows it at half that size, for sharp screens
const SHORTEST_WAIT = 100; // milliseconds between two messages while a stroke is drawn
const LITTLE_ENDIAN = true;

function encode(strokes) {
  const numbers = strokes.flatMap((stroke) => [...stroke.flat(), NaN, NaN]);
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, i) => view.setFloat32(4 * i, number, LITTLE_ENDIAN));
  return view;
}

function decode(view) {
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

function paint(canvas, strokes, pen) {
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
}

function render({ model, el }) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Paper to draw a digit on with mouse, finger or pen");
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

  const repaint = () => paint(canvas, strokes, model.get("pen"));
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
    if (stroke === null || !event.isPrimary) {
      return;
    }
    const between = event.getCoalescedEvents?.() ?? []; // a quick stroke has several points in one event
    (between.length ? between : [event]).forEach(add);
    repaint();
    if (performance.now() - sent > SHORTEST_WAIT) {
      send();
    }
  });
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  model.on("change:value", follow);
  model.on("change:pen", repaint);
  follow();
  return () => {
    model.off("change:value", follow);
    model.off("change:pen", repaint);
  };
}

export default { render };
