// Words with values in them, and which of several words is meant.
// "lost {n} tokens" with {n: 3} -> "lost 3 tokens". A name that nobody fills is a mistake of ours: loud in the console, where tests
// hear it, and a dash on the screen.
export const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (all, key) => {
    if (!(key in values)) console.error(`nothing to fill in for ${all}`);
    return String(values[key] ?? "–");
  });

export const seconds = (ms) => (ms / 1000).toFixed(1);

// The most specific word there is: one for the variant, else the scenario's own, else the lab's.
export const pick = (words, ...keys) => words[keys.find((key) => key in words)];
