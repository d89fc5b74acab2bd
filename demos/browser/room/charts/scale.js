// The arithmetic of the drawings: medians, axes, bins, shares. No element in here, so it is tested without a page.

const WIDE = 20; // a spread beyond this many times cannot be read on an even axis
const MOST_TICKS = 6; // more of them would run into each other
const LEAST_MS = 1; // browsers' clocks tell no less
const LONG_MS = 10000; // from here on in seconds

/**
 * @typedef {{ value: number, at: number }} Tick
 * @typedef {{ log: boolean, from: number, to: number, at: (value: number) => number, value: (at: number) => number, ticks: Tick[] }} Axis
 */

/** The middle of sorted numbers; of an even count the mean of the two in the middle; null of none.
 * @param {number[]} sorted */
export const medianOf = (sorted) => {
  const half = sorted.length >> 1;
  if (!sorted.length) return null;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** A round number that is not below this one: 1, 2 or 5 times a power of ten.
 * @param {number} least */
export const roundUp = (least) => {
  const power = 10 ** Math.floor(Math.log10(least));
  // A hair's breadth: 5 / 1 may come out as 5.000000000000001.
  return power * [1, 2, 5, 10].find((times) => times * power >= least * (1 - 1e-9));
};

const roundDown = (most) => {
  const power = 10 ** Math.floor(Math.log10(most) + 1e-9);
  return power * [5, 2, 1].find((times) => times * power <= most * (1 + 1e-9));
};

/** An even axis from 0 to a round number, with at most `most` steps.
 * @param {number} largest @returns {Axis} */
export const evenAxis = (largest, most = 5) => {
  const step = roundUp(Math.max(largest, LEAST_MS) / most);
  const steps = Math.max(1, Math.ceil((largest / step) * (1 - 1e-9)));
  const to = step * steps;
  const ticks = Array.from({ length: steps + 1 }, (_, n) => ({ value: step * n, at: n / steps }));
  return { log: false, from: 0, to, at: (value) => value / to, value: (at) => at * to, ticks };
};

const logAxis = (least, largest) => {
  const [from, to] = [roundDown(Math.max(least, LEAST_MS)), roundUp(largest)];
  const span = Math.log(to / from);
  const at = (value) => Math.log(Math.max(value, from) / from) / span;
  const marked = (firsts) => {
    const ticks = [];
    for (let power = 10 ** Math.floor(Math.log10(from) + 1e-9); power <= to * 1.001; power *= 10) {
      for (const first of firsts) {
        const value = first * power;
        if (value >= from * 0.999 && value <= to * 1.001) ticks.push({ value, at: at(value) });
      }
    }
    return ticks;
  };
  const all = marked([1, 2, 5]);
  const ticks = all.length > MOST_TICKS ? marked([1]) : all;
  return { log: true, from, to, at, value: (place) => from * Math.exp(place * span), ticks };
};

/** The axis that shows all these milliseconds: even, or with growing steps where the spread is wide.
 * @param {number[]} values @returns {Axis} */
export const axisFor = (values, most = 5) => {
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  return largest > WIDE * Math.max(least, LEAST_MS) ? logAxis(least, largest) : evenAxis(largest, most);
};

/** How many values fall into each of `count` bins of the same width on the axis.
 * @param {number[]} values @param {Axis} axis @param {number} count */
export const binned = (values, axis, count) => {
  const bins = Array.from({ length: count }, (_, n) => ({ from: axis.value(n / count), to: axis.value((n + 1) / count), people: 0 }));
  for (const value of values) bins[Math.min(count - 1, Math.max(0, Math.floor(axis.at(value) * count)))].people += 1;
  return bins;
};

/** The largest dot with which the fullest bin has room: dots stand in columns, from the ground up.
 * @param {number} people @param {number} width @param {number} height @param {number} most */
export const dotSize = (people, width, height, most) => {
  for (let size = Math.min(most, width, height); size > 0.5; size -= 0.25) {
    if (Math.floor(width / size) * Math.floor(height / size) >= people) return size;
  }
  return 0.5;
};

/** "0.4 ms", "310 ms", "1,184 ms", "12.3 s": as the sentences of a room have them, which come from the server.
 * @param {number} ms */
export const short = (ms) => {
  if (Math.round(ms) >= LONG_MS) return seconds(ms, 1);
  return `${ms < 10 && !Number.isInteger(ms) ? ms.toFixed(1) : Math.round(ms).toLocaleString("en")} ms`;
};

/** @param {number} ms @param {number} [digits] at most */
export const seconds = (ms, digits = 2) => `${Number((ms / 1000).toFixed(digits))} s`;

/** Labels of an even axis keep one unit; where steps grow, each has the unit that suits it.
 * @param {Axis} axis @returns {(ms: number) => string} */
export const unitOf = (axis) => (axis.log ? short : axis.to >= LONG_MS ? seconds : (ms) => `${Number(ms.toFixed(1)).toLocaleString("en")} ms`);

/** Milliseconds from the cut until half of the room is connected again; null if that never came, 0 if it never fell so low.
 * @param {number[]} shares @param {number} step @param {number} cut */
export const halfBack = (shares, step, cut) => {
  const after = Math.ceil(cut / step);
  const fell = shares.findIndex((share, n) => n >= after && share < 0.5);
  if (fell < 0) return 0;
  const back = shares.findIndex((share, n) => n > fell && share >= 0.5);
  return back < 0 ? null : back * step - cut;
};

/** A whole percentage that says 100 only of all, and 0 only of nobody.
 * @param {number} share */
export const percent = (share) => {
  const rounded = Math.round(share * 100);
  return share > 0 && share < 1 ? Math.min(99, Math.max(1, rounded)) : rounded;
};
