// The bottom of the phone page, there in every phase: "I am stuck", "I am done", and whether the room can be heard.
import { fill } from "../../words.js";
import { button, made } from "./elements.js";

const REASONS = ["page", "network", "lost", "other"];
const WHILE_MS = 3000; // a silence of less is not counted aloud
const find = (selector) => /** @type {any} */ (document.querySelector(selector));

export class Footer {
  // tell: sends a signal; rejects with why it was not taken.
  /**
   * @param {Record<string, string>} words
   * @param {(body: object) => Promise<unknown>} tell
   */
  constructor(words, tell) {
    this.words = words;
    this.tell = tell;
    this.you = { stuck: false, done: false };
    /** @type {import("../control.js").Link | null} */
    this.link = null;
    this.tick = 0;
    this.stuck = find("#stuck");
    this.done = find("#done");
    this.reasons = find("#reasons");
    this.done.textContent = words["room.phone.done"];
    this.done.onclick = () => this.#signal({ what: "done", on: !this.you.done }, { done: !this.you.done });
    this.stuck.onclick = () => (this.you.stuck ? this.#say(false) : this.#open(this.reasons.hidden));
    const each = REASONS.map((reason) => button(() => this.#say(true, reason), {}, words[`room.phone.stuck.${reason}`]));
    this.reasons.replaceChildren(made("p", {}, words["room.phone.stuck.why"]), made("div", { className: "choices" }, ...each));
    this.reasons.onkeydown = ({ key }) => key === "Escape" && (this.#open(false), this.stuck.focus());
    this.shows({});
  }

  // you: as the room knows this person. in: whether the page is in a room at all.
  shows(you, inside = false) {
    find("footer").hidden = !inside;
    find(".signals").hidden = !inside;
    this.you = { stuck: Boolean(you.stuck), done: Boolean(you.done) };
    this.stuck.textContent = this.words[this.you.stuck ? "room.phone.stuck.on" : "room.phone.stuck"];
    this.stuck.classList.toggle("on", this.you.stuck);
    this.done.setAttribute("aria-pressed", String(this.you.done));
  }

  /** @param {string} told */
  notice(told) {
    find("#notice").textContent = told;
  }

  /** @param {import("../control.js").Link} link */
  hears(link) {
    const trouble = ["offline", "server", "presenter"];
    this.link = link;
    clearInterval(this.tick);
    if (trouble.includes(link.kind)) this.tick = setInterval(() => this.#draw(), 1000);
    find("footer").hidden = false;
    this.#draw();
  }

  #draw() {
    const { kind, since } = this.link;
    const told = this.words[`room.phone.link.${kind}`];
    const ms = Date.now() - since;
    const counted = this.tick && kind !== "connected" && kind !== "polling" && ms > WHILE_MS;
    find("#link").dataset.kind = kind;
    find("#link span").textContent = counted ? fill(this.words["room.phone.link.since"], { told, s: Math.round(ms / 1000) }) : told;
  }

  #open(open) {
    this.reasons.hidden = !open;
    this.stuck.setAttribute("aria-expanded", String(open));
    if (open) this.reasons.querySelector("button").focus();
  }

  async #say(on, reason = "other") {
    if (!this.reasons.hidden) this.stuck.focus();
    this.#open(false);
    await this.#signal({ what: "stuck", on, reason }, { stuck: on });
    if (on && this.you.stuck) this.notice(this.words["room.phone.stuck.told"]);
  }

  // Shown at once, and taken back where the room did not hear it.
  async #signal(body, now) {
    const before = this.you;
    this.notice("");
    this.shows({ ...before, ...now }, true);
    try {
      await this.tell(body);
    } catch (error) {
      this.shows(before, true);
      this.notice(fill(this.words["room.phone.unsent"], { why: error.message }));
    }
  }
}
