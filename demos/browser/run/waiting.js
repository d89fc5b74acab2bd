// What a script awaits: resolves once something holds, rejects when the run cannot go on. Looks whenever it is woken.
export class Waiting {
  // broken: tells the error that ends every wait, or null while there is none.
  constructor(broken) {
    this.broken = broken;
    this.looks = new Set();
  }

  // Resolves with true once `test` holds; with false when so many milliseconds have passed first.
  until(test, limit = Infinity) {
    return new Promise((resolve, reject) => {
      const ends = performance.now() + limit;
      const look = () => {
        const error = this.broken();
        if (error) return reject(error), true;
        if (test()) return resolve(true), true;
        return performance.now() >= ends && (resolve(false), true);
      };
      if (look()) return;
      this.looks.add(look);
      if (limit < Infinity) setTimeout(() => this.wake(), limit + 1);
    });
  }

  wake() {
    for (const look of this.looks) if (look()) this.looks.delete(look);
  }
}
