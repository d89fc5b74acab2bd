// What a browser keeps of a room: the key that makes it the same person after a reload, and its own figures in this tab. Where
// nothing may be stored, the page works until it is left.

/** @param {string} code */
export const stored = (code) => {
  const [place, seen, begun] = ["", ".figures", ".begun"].map((what) => `streamwise.room.${code}${what}`);
  const read = (store, name) => attempt(() => JSON.parse(store().getItem(name)));
  return {
    /** @returns {{ key: string, found?: any } | null} */
    person: () => read(() => localStorage, place),
    keep: (person) => attempt(() => localStorage.setItem(place, JSON.stringify(person))),
    /** @returns {{ round: number, title: string, mine: any, median: any }[]} */
    rounds: () => read(() => sessionStorage, seen) ?? [],
    keepRound(told) {
      const others = this.rounds().filter(({ round }) => round !== told.round);
      attempt(() => sessionStorage.setItem(seen, JSON.stringify([...others, told])));
    },
    // Whether this tab has begun the round before: it was loaded anew, and has missed a part. Notes that it begins it now.
    /** @param {number} round */
    begins(round) {
      const before = read(() => sessionStorage, begun) === round;
      attempt(() => sessionStorage.setItem(begun, JSON.stringify(round)));
      return before;
    },
    forget() {
      attempt(() => sessionStorage.removeItem(begun));
      attempt(() => localStorage.removeItem(place));
      attempt(() => sessionStorage.removeItem(seen));
    },
  };
};

const attempt = (act) => {
  try {
    return act();
  } catch {
    return null;
  }
};
