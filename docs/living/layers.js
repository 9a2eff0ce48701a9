// The layers of a network that reads one image, as nnlib has them. What passes through is { shape, values }: an image
// has the shape [height, width, channels], its values row by row, the channels of a pixel side by side.

const of = (shape, values) => ({ shape, values });
const zeros = (shape) => of(shape, new Float64Array(shape.reduce((product, n) => product * n, 1)));

// Y[i, j, o] = Σ_u Σ_v Σ_c X[i + u, j + v, c] W[u, v, c, o] + b[o]. See notebooks/12_convolution.ipynb.
export function conv2d(X, W, b) {
  const [height, width, channels] = X.shape;
  const [k, , , maps] = W.shape;
  const Y = zeros([height - k + 1, width - k + 1, maps]);
  for (let i = 0; i < Y.shape[0]; i += 1) {
    for (let j = 0; j < Y.shape[1]; j += 1) {
      const sums = Y.values.subarray((i * Y.shape[1] + j) * maps, (i * Y.shape[1] + j + 1) * maps);
      sums.set(b.values);
      for (let u = 0; u < k; u += 1) {
        for (let p = 0; p < k * channels; p += 1) {
          const x = X.values[((i + u) * width + j) * channels + p]; // a row of the patch lies in one piece
          if (x !== 0) {
            const row = (u * k * channels + p) * maps;
            for (let o = 0; o < maps; o += 1) {
              sums[o] += x * W.values[row + o];
            }
          }
        }
      }
    }
  }
  return Y;
}

// A = max(0, Z). See notebooks/03_activations.ipynb.
export const relu = (Z) => of(Z.shape, Z.values.map((z) => Math.max(0, z)));

// The largest number of each square of size × size. See notebooks/12_convolution.ipynb.
export function maxPool(X, size) {
  const [, width, channels] = X.shape;
  const Y = zeros([Math.floor(X.shape[0] / size), Math.floor(width / size), channels]);
  Y.values.fill(-Infinity);
  for (let i = 0; i < Y.shape[0] * size; i += 1) {
    for (let j = 0; j < Y.shape[1] * size; j += 1) {
      const place = (Math.floor(i / size) * Y.shape[1] + Math.floor(j / size)) * channels;
      for (let c = 0; c < channels; c += 1) {
        Y.values[place + c] = Math.max(Y.values[place + c], X.values[(i * width + j) * channels + c]);
      }
    }
  }
  return Y;
}

// z_j = Σ_i x_i W_ij + b_j. See notebooks/02_dense_layer.ipynb.
export function dense(X, W, b) {
  const width = W.shape[1];
  const Z = of([width], Float64Array.from(b.values));
  X.values.forEach((x, i) => {
    for (let j = 0; j < width; j += 1) {
      Z.values[j] += x * W.values[i * width + j];
    }
  });
  return Z;
}

// p_k = exp(z_k) / Σ_j exp(z_j), shifted by the largest. See notebooks/04_losses.ipynb.
export function softmax(Z) {
  const largest = Math.max(...Z.values);
  const powers = Z.values.map((z) => Math.exp(z - largest));
  const sum = powers.reduce((total, one) => total + one, 0);
  return of(Z.shape, powers.map((one) => one / sum));
}

// A float16 from its 16 bits: a sign, 5 bits of exponent, 10 bits of fraction.
function float16(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, (bits & 1023) / 1024];
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}

const MADE = {
  Conv2D: ([W, b]) => (X) => conv2d(X, W, b),
  ReLU: () => relu,
  MaxPool2D: (_, { size }) => (X) => maxPool(X, size),
  Flatten: () => (X) => of([X.values.length], X.values),
  Dense: ([W, b]) => (X) => dense(X, W, b),
};

// The layers of a network, each a function: `layers` has the kind and the shapes of the parameters of each, `weights`
// all parameters in this order as little-endian float16 in base64.
export function network({ layers, weights }) {
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let read = 0;
  const parameter = (shape) => {
    const made = zeros(shape);
    made.values.forEach((_, k) => {
      made.values[k] = float16(view.getUint16(2 * (read + k), true));
    });
    read += made.values.length;
    return made;
  };
  return layers.map((layer) => MADE[layer.kind](layer.shapes.map(parameter), layer));
}

// What comes out of each layer, the probabilities at the end, of an image of 28 × 28.
export function forward(layers, { rows, columns, ink }) {
  let X = of([rows, columns, 1], ink);
  const passed = layers.map((layer) => (X = layer(X)));
  return [...passed, softmax(X)];
}
