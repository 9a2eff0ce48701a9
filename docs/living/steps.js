// A panel with Back and Next: they move its slider `step`.

export function followSteps(now, { back, next, step }) {
  const by = (now.next ? 1 : 0) - (now.back ? 1 : 0);
  const [min, max] = ["min", "max"].map((name) => step.model.get(name));
  now.step = Math.min(max, Math.max(min, now.step + by));
  now.back = now.next = null; // a click is done with
  step.model.set("value", now.step);
  back.model.set("disabled", now.step === min);
  next.model.set("disabled", now.step === max);
}
