// From strokes of a pen to the picture that a network of MNIST expects: nnlib/teach/preprocessing.py, function
// by function. A drawing is a list of strokes, a stroke a list of points [x, y] from 0 to 1, y downwards. A picture
// is { rows, columns, ink }, ink row by row from 0 (paper) to 1. See notebooks/11_generalisation.ipynb.

const SIDE = 28; // of the pictures that the network sees
const BOX = 20; // the longest side of a digit in them
const PAPER = 112; // pixels along each side of the raw picture

const picture = (rows, columns) => ({ rows, columns, ink: new Float64Array(rows * columns) });
const clip = (x, low, high) => Math.min(high, Math.max(low, x));

// As Python rounds: what is in the middle of two whole numbers goes to the even one.
function round(x) {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + Math.abs(below % 2) : Math.round(x);
}

// Draw strokes with a round pen, its width a share of the paper, its edge antialiased.
export function rasterise(strokes, pen) {
  const image = picture(PAPER, PAPER);
  const radius = (pen * PAPER) / 2;
  const pixel = (x) => Math.trunc(clip(x, 0, PAPER));
  for (const stroke of strokes) {
    // The middle of pixel 0 is half a pixel from the edge.
    const points = stroke.map((point) => point.map((share) => share * PAPER - 0.5));
    const ends = points.length > 1 ? points.slice(1) : points;
    ends.forEach((end, k) => {
      const start = points[k];
      const [left, top] = [0, 1].map((axis) => pixel(Math.min(start[axis], end[axis]) - radius - 1));
      const [right, bottom] = [0, 1].map((axis) => pixel(Math.max(start[axis], end[axis]) + radius + 2));
      for (let y = top; y < bottom; y += 1) {
        for (let x = left; x < right; x += 1) {
          const ink = clip(radius + 0.5 - distance(x, y, start, end), 0, 1);
          const place = y * PAPER + x;
          image.ink[place] = Math.max(image.ink[place], ink);
        }
      }
    });
  }
  return image;
}

// How far the point (x, y) is from the line between start and end.
function distance(x, y, start, end) {
  const along = [end[0] - start[0], end[1] - start[1]];
  const length = Math.max(along[0] ** 2 + along[1] ** 2, 1e-12); // of a dot, start and end are the same
  const share = clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length, 0, 1);
  return Math.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1]);
}

// Top, bottom, left and right of the ink, the second of each pair one beyond it; null where there is none.
function box({ rows, columns, ink }) {
  const lines = [...Array(rows).keys()].filter((i) => ink.subarray(i * columns, (i + 1) * columns).some(Boolean));
  const across = [...Array(columns).keys()].filter((j) => lines.some((i) => ink[i * columns + j]));
  return lines.length ? [lines[0], lines.at(-1) + 1, across[0], across.at(-1) + 1] : null;
}

// The smallest part that holds all of the ink; a picture without ink as it is.
export function crop(image) {
  const found = box(image);
  if (found === null) {
    return image;
  }
  const [top, bottom, left, right] = found;
  const part = picture(bottom - top, right - left);
  for (let i = 0; i < part.rows; i += 1) {
    const start = (top + i) * image.columns;
    part.ink.set(image.ink.subarray(start + left, start + right), i * part.columns);
  }
  return part;
}

// Row i of the result has the share of each old pixel in the new pixel i.
function shares(old, made) {
  const row = (i) => (_, j) =>
    (Math.max(0, Math.min(((i + 1) * old) / made, j + 1) - Math.max((i * old) / made, j)) * made) / old;
  return Array.from({ length: made }, (_, i) => Float64Array.from({ length: old }, row(i)));
}

// A X Bᵗ: each new pixel is the mean of the picture over the area that it covers.
export function resize(image, rows, columns) {
  const [A, B] = [shares(image.rows, rows), shares(image.columns, columns)];
  const half = picture(rows, image.columns);
  A.forEach((row, i) =>
    row.forEach((share, k) => {
      for (let j = 0; share > 0 && j < image.columns; j += 1) {
        half.ink[i * image.columns + j] += share * image.ink[k * image.columns + j];
      }
    }),
  );
  const made = picture(rows, columns);
  B.forEach((row, j) =>
    row.forEach((share, k) => {
      for (let i = 0; share > 0 && i < rows; i += 1) {
        made.ink[i * columns + j] += share * half.ink[i * image.columns + k];
      }
    }),
  );
  return made;
}

// Resize so that the longer side has 20 pixels; the shorter one keeps its proportion.
export function fitBox(image) {
  const longest = Math.max(image.rows, image.columns);
  const side = (n) => Math.max(1, round((n * BOX) / longest));
  return resize(image, side(image.rows), side(image.columns));
}

// Lay the picture into one of 28 × 28, its first pixel there; what would lie outside has no ink.
function laid(image, top, left) {
  const made = picture(SIDE, SIDE);
  for (let i = 0; i < image.rows; i += 1) {
    for (let j = 0; j < image.columns; j += 1) {
      if (image.ink[i * image.columns + j]) {
        made.ink[(top + i) * SIDE + left + j] = image.ink[i * image.columns + j];
      }
    }
  }
  return made;
}

// Put paper around the picture, so that it lies in the middle of 28 × 28.
export const pad = (image) =>
  laid(image, Math.floor((SIDE - image.rows) / 2), Math.floor((SIDE - image.columns) / 2));

// Shift by whole pixels until the centre of mass is in the middle, or the ink at the edge.
export function centre(image) {
  const found = box(image);
  if (found === null) {
    return image;
  }
  const ink = image.ink.reduce((sum, one) => sum + one, 0);
  const mean = [0, 0];
  image.ink.forEach((one, place) => {
    mean[0] += (Math.floor(place / SIDE) * one) / ink;
    mean[1] += ((place % SIDE) * one) / ink;
  });
  const [top, bottom, left, right] = found;
  const down = clip(round(SIDE / 2 - mean[0]), -top, SIDE - bottom);
  const across = clip(round(SIDE / 2 - mean[1]), -left, SIDE - right);
  return laid(image, down, across);
}

// The picture after each stage: as it came, cropped, scaled, and 28 × 28 as the network sees it.
export function stages(image, { cropped, scaled, centred }) {
  const first = cropped ? crop(image) : image;
  const second = scaled ? fitBox(first) : resize(first, SIDE, SIDE);
  const third = pad(second);
  return [image, first, second, centred ? centre(third) : third];
}
