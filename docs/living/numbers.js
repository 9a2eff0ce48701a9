// Numbers as Python writes them: f"{x:.3f}", f"{x:.1e}", f"{x:.3g}". Ties go to the even digit; JavaScript's
// own toFixed and its like round them up. `fixed` is for numbers below 1e21.

const evenTie = (kept, rest) => /^50*$/.test(rest) && /[02468]$/.test(kept);

export function fixed(x, places) {
  if (!Number.isFinite(x)) {
    return written(x);
  }
  const exact = Math.abs(x).toFixed(100);
  const cut = exact.length - 100 + places - (places === 0 ? 1 : 0);
  const rest = exact.slice(exact.length - 100 + places);
  const size = evenTie(exact.slice(0, cut), rest) ? exact.slice(0, cut) : Math.abs(x).toFixed(places);
  return sign(x) + size;
}

export function scientific(x, places) {
  if (!Number.isFinite(x)) {
    return written(x);
  }
  const [digits, power] = Math.abs(x).toExponential(100).split("e");
  const cut = places === 0 ? 1 : places + 2;
  const tie = evenTie(digits.slice(0, cut), digits.slice(places + 2));
  const [size, exponent] = tie ? [digits.slice(0, cut), power] : Math.abs(x).toExponential(places).split("e");
  return `${sign(x)}${size}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

export function general(x, digits) {
  if (!Number.isFinite(x)) {
    return written(x);
  }
  const [size, exponent] = scientific(x, digits - 1).split("e");
  const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent < -4 || exponent >= digits) {
    return `${short(size)}e${exponent}`;
  }
  return short(fixed(x, digits - 1 - Number(exponent)));
}

// With a real minus.
export const minus = (text) => text.replaceAll("-", "−");

// Three significant digits with a real minus, and none before 0.
export const signed = (x) => minus(general(x === 0 ? 0 : x, 3));

const sign = (x) => (x < 0 || Object.is(x, -0) ? "-" : "");
const written = (x) => (Number.isNaN(x) ? "nan" : `${sign(x)}inf`);
