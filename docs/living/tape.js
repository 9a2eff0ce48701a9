// What tools/book/living/tape.py has written down of a computation of Python's, done again with other numbers.

const OPERATIONS = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
  max: (a, b) => Math.max(a, b),
  negative: (a) => -a,
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
};

// The outputs of a tape for these inputs.
export function replay({ inputs, constants, operations, outputs }, numbers) {
  if (numbers.length !== inputs) {
    throw new RangeError(`The tape begins with ${inputs} numbers, not with ${numbers.length}.`);
  }
  const worth = [...numbers];
  const at = (place) => (place < 0 ? constants[-1 - place] : worth[place]);
  operations.forEach(([name, a, b]) => worth.push(OPERATIONS[name](at(a), at(b)))); // of one operand b is nothing
  return outputs.map(at);
}
