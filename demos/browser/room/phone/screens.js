// What the phone page shows in each phase of a room. Every screen is made from the newest state alone, so that a page that comes
// back in the middle of anything is level with its first message.
import { fill } from "../../words.js";
import { FEW, foundOf } from "../screen.js";
import { button, made } from "./elements.js";
import { figureTable } from "./figures.js";
import { Live } from "./live.js";
import { Questions } from "./questions.js";

const IN_ROUND = ["arming", "running", "collecting"];
const LATER = new Set(["viewer", "finished"]); // rounds in which some or all open their streams later

export class Screens {
  /** @param {import("../phone.js").Phone} phone */
  constructor(phone) {
    this.phone = phone;
    this.words = phone.words;
    /** @type {Live | null} */
    this.live = null;
    this.chosen = null; // what was pressed last, until the room knows it
  }

  draw(state) {
    const { phase, turn, you } = state;
    if (IN_ROUND.includes(phase)) return this.#round(state);
    this.live = null;
    if (phase === "lobby" || phase === "predict") return this[phase](state);
    // A page that was asleep sends its figures late, and shows them then.
    const key = phase === "reveal" ? `reveal ${turn} ${you.received}` : `${phase} ${turn}`;
    if (key === this.phone.shown) return;
    this[phase]?.(state, key);
  }

  #word(key, values = {}) {
    return fill(this.words[key] ?? "", values);
  }

  #show(key, title, lead, said, ...content) {
    this.phone.show(key, { title, lead, said }, ...content);
  }

  lobby({ turn, you }) {
    const key = `lobby ${turn} ${you.number}`;
    if (key !== this.phone.shown) {
      const title = this.#word("room.phone.lobby.title", you);
      const lead = this.words["room.phone.lobby.lead"];
      this.checks = made("ul", { className: "checks", data: { testid: "checks" } });
      const leave = button(() => this.phone.leave(), { className: "plain" }, this.words["room.phone.lobby.leave"]);
      const heading = made("h2", {}, this.words["room.phone.checks.title"]);
      this.#show(key, title, lead, `${title}. ${lead}`, made("section", { className: "card" }, heading, this.checks), leave);
    }
    this.found(this.phone.found);
  }

  // What the page found out about the network; null while it looks.
  found(found) {
    if (!this.checks?.isConnected) return;
    const line = (good, text) => made("li", { data: { good } }, made("i", { aria: { hidden: "true" } }), made("span", {}, text));
    if (!found) return this.checks.replaceChildren(line("", this.words["room.phone.checks.busy"]));
    const { round_trip_ms: ms, worst_ms: worst, streaming, websocket } = found;
    const [stream, socket] = [streaming ? "streaming" : "buffered", websocket ? "websocket" : "blocked"];
    this.checks.replaceChildren(
      line(true, this.#word("room.phone.checks.trip", { ms: Math.round(ms), worst: Math.round(worst) })),
      line(streaming, this.words[`room.phone.checks.${stream}`]),
      line(websocket, this.words[`room.phone.checks.${socket}`]),
    );
  }

  predict(state) {
    const { turn, step, you, round } = state;
    const key = `predict ${turn}`;
    const id = step.round;
    if (key !== this.phone.shown) {
      this.chosen = you.predicted;
      const title = this.words[`room.round.${id}.title`];
      const question = this.words[`room.round.${id}.predict`] ?? this.words["room.phone.predict.lead"];
      const pick = (choice) => () => {
        this.chosen = choice;
        this.#mark(choice, null);
        this.phone.persist({ what: "predict", round, choice }, () => this.phone.phase === "predict" && this.chosen === choice);
      };
      const each = this.phone.about.rounds[id].choices.map((choice) =>
        button(pick(choice), { className: "choice", data: { choice } }, this.words[`room.round.${id}.predict.${choice}`]),
      );
      this.state = made("p", { className: "small", data: { testid: "chosen" } });
      const asked = made("h2", { id: "asked" }, question);
      const list = made("div", { className: "choices", role: "group" }, ...each);
      list.setAttribute("aria-labelledby", "asked");
      this.#show(key, title, this.words[`room.round.${id}.watch`], `${title}. ${question}`, asked, list, this.state);
    }
    this.#mark(this.chosen ?? you.predicted, you.predicted);
  }

  // known: what the room knows of it.
  #mark(chosen, known) {
    for (const one of document.querySelectorAll("[data-choice]")) {
      one.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (one).dataset.choice === chosen));
    }
    this.state.textContent = this.words[`room.phone.predict.${!chosen ? "open" : chosen === known ? "chosen" : "sending"}`];
  }

  // Three phases, one screen: nothing moves while the round is on.
  #round(state) {
    const { round, step, phase, you } = state;
    const player = this.phone.play(state);
    const missed = !you.open && !player && phase !== "arming" && !LATER.has(step.round);
    const key = `round ${round} ${missed ? "late" : you.received && !player ? "received" : "on"}`;
    if (key !== this.phone.shown) {
      const title = this.words[`room.round.${step.round}.title`];
      this.live = null;
      const said = missed ? "late" : you.received ? "received" : phase === "arming" ? "arming" : "running";
      this.#show(key, title, "", `${title}. ${this.words[`room.phone.live.${said}`]}`);
      if (key.endsWith("on")) this.live = new Live(this.phone.place, this.words, (act, choice) => this.phone.act(round, act, choice));
      for (const lane of player?.lanes ?? []) this.live?.changed(lane);
    }
    const is = missed ? "late" : you.received ? "received" : phase === "collecting" ? "collecting" : !player ? "waits" : you.slow ? "slow" : phase;
    this.phone.lead(this.words[`room.phone.live.${is}`], phase === "running" ? "" : "said");
    this.live?.offer(you.act);
  }

  reveal({ step, round, you, result }, key) {
    const came = result?.came ? this.words[`room.round.${step.round}.predict.${result.came}`] : null;
    const chose = you.predicted ? this.words[`room.round.${step.round}.predict.${you.predicted}`] : null;
    const right = you.right ?? null;
    const title = this.words[`room.phone.reveal.${right === null ? "open" : right ? "right" : "wrong"}`];
    const parts = [];
    if (chose && !right) parts.push(made("p", {}, this.#word("room.phone.reveal.chose", { chose })));
    if (came) parts.push(made("p", {}, this.#word("room.phone.reveal.came", { came })));
    const found = foundOf(this.words, result);
    const so = found ? this.#word("room.phone.reveal.so", { so: found }) : "";
    if (so) parts.push(made("p", { className: "so", data: { testid: "so" } }, so));
    const mine = you.figures;
    const median = result && !result.few ? (result.median ?? null) : null;
    if (mine?.sse || mine?.websocket) {
      parts.push(figureTable(mine, median, this.words));
      if (result?.few && result.so?.key !== FEW) parts.push(made("p", { className: "small" }, this.words["room.phone.reveal.few"]));
      this.phone.kept.keepRound({ round, title: this.words[`room.round.${step.round}.title`], mine, median });
    } else parts.push(made("p", {}, this.words["room.phone.reveal.none"]));
    this.#show(key, title, this.words[`room.round.${step.round}.title`], `${title}. ${so || (came ?? "")}`, ...parts);
  }

  async ask({ you, step }, key) {
    this.#show(key, this.words["room.phone.ask.loading"], "", "");
    const asked = await this.phone.insist(() => this.phone.control.ask("/questions"), () => this.phone.shown === key);
    if (!asked || this.phone.shown !== key) return;
    const here = () => this.phone.shown === key;
    new Questions(asked.questions, you.answered, this.words, this.words[`room.ask.${step.name}.title`], {
      show: (screen, ...content) => this.phone.show(key, screen, ...content),
      tell: (body) => void this.phone.persist(body, here),
    });
  }

  answers(_state, key) {
    const title = this.words["room.phone.answers.title"];
    this.#show(key, title, this.words["room.phone.answers.lead"], title);
  }

  talk({ step }, key) {
    const title = this.words[`room.talk.${step.name}.title`] ?? this.words["room.phone.answers.title"];
    this.#show(key, title, this.words[`room.talk.${step.name}.text`] ?? "", title);
  }

  failed({ failed }, key) {
    const title = this.words["room.phone.failed.title"];
    this.#show(key, title, this.words["room.phone.failed.lead"], title, ...(failed ? [made("p", { className: "small" }, failed)] : []));
  }

  ended(_state, key) {
    const title = this.words["room.phone.ended.title"];
    const rounds = this.phone.kept.rounds().map(({ title: name, mine, median }) =>
      made("section", { className: "card" }, made("h2", {}, name), figureTable(mine, median, this.words)),
    );
    const forget = button(() => this.phone.forget(), { className: "primary" }, this.words["room.phone.ended.forget"]);
    this.#show(key, title, this.words["room.phone.ended.lead"], title, ...rounds, forget);
  }
}
