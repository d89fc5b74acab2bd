// What a run has shown, as keys of words (scenario.NAME.so.KEY) that make one sentence. Chosen by what was measured, never by what
// was planned. A key that begins with `not_` says why the run did not show its point: such a run is no evidence.

/** @param {{ so?: string[] }} said */
export const spoiled = ({ so = [] }) => so.some((key) => key.startsWith("not_"));

// What became of the answer in a pane: it came whole, parts came twice, or parts were lost, though it came back or as it did not.
export const fate = ({ measured: { lost, repeated, reconnects } }) => (lost ? (reconnects ? "gap" : "lost") : repeated ? "twice" : "whole");

const tokens = (pane) => pane.at.map((at, n) => ({ at, seq: pane.seq[n] })).filter((_, n) => pane.token[n]);

// Whether the first loss of a pane's connection came in mid-answer: null if so, else "not_early" or "not_late".
export const cutInMidAnswer = (pane) => {
  const from = (pane.downs[0]?.from ?? Infinity) + 0.1; // `at` is rounded
  const before = tokens(pane).filter(({ at }) => at <= from);
  if (!before.length) return "not_early";
  const last = Math.max(...before.map(({ seq }) => seq));
  return pane.measured.lost > 0 || tokens(pane).some(({ at, seq }) => at > from && seq > last) ? null : "not_late";
};
