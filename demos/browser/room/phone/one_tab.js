// One tab of a browser is in a room: two would be the same person, with two answers and twice the load.

const ANSWER_MS = 150; // a tab that is there answers sooner; one that answers later still has its way

export class OneTab {
  // lost: called when another tab has the room.
  /**
   * @param {string} code
   * @param {() => void} lost
   */
  constructor(code, lost) {
    this.id = `${Date.now().toString().padStart(16, "0")}-${Math.random()}`; // the elder tab keeps the room
    this.lost = lost;
    this.has = true;
    /** @type {BroadcastChannel | null} */
    this.channel = null;
    try {
      this.channel = new BroadcastChannel(`streamwise-room-${code}`);
    } catch {
      return; // where there is none, every tab is alone
    }
    this.channel.onmessage = ({ data }) => this.#hear(data);
    addEventListener("pageshow", ({ persisted }) => persisted && this.has && this.#say("asks"));
  }

  // Whether this tab may go on.
  async ask() {
    this.#say("asks");
    await new Promise((over) => setTimeout(over, this.channel ? ANSWER_MS : 0));
    return this.has;
  }

  take() {
    this.has = true;
    this.#say("takes");
  }

  // Another tab may have it from now on.
  release() {
    this.has = false;
  }

  #hear({ what, id, to }) {
    if (what === "asks" && this.has && this.id < id) this.#say("has", id);
    else if (this.has && (what === "takes" || (what === "has" && to === this.id))) {
      this.has = false;
      this.lost();
    }
  }

  #say(what, to = null) {
    this.channel?.postMessage({ what, id: this.id, to });
  }
}
