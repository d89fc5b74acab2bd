// The page of somebody who is in a room: joins, keeps who they are, plays the rounds, and shows the screen of the phase.
import { request } from "../transports/api.js";
import { fill } from "../words.js";
import { Control } from "./control.js";
import { checked } from "./phone/checks.js";
import { button, made } from "./phone/elements.js";
import { codeForm, device, isCode } from "./phone/entrance.js";
import { Footer } from "./phone/footer.js";
import { insist } from "./phone/insist.js";
import { OneTab } from "./phone/one_tab.js";
import { Screens } from "./phone/screens.js";
import { stored } from "./phone/stored.js";
import { Player } from "./player.js";

const find = (selector) => /** @type {any} */ (document.querySelector(selector));

export class Phone {
  constructor() {
    const { api, code } = document.documentElement.dataset;
    this.api = api;
    this.code = code.toUpperCase();
    /** @type {Record<string, string>} */
    this.words = JSON.parse(find("#words").textContent);
    this.about = JSON.parse(find("#about").textContent);
    this.place = find("#place");
    this.kept = stored(this.code);
    this.shown = ""; // key of the screen that is there
    this.phase = "";
    this.found = null; // what the checks have found, of this person
    this.checks = false; // whether they are under way, or done
    /** @type {Control | null} */
    this.control = null;
    /** @type {Player | null} */
    this.player = null;
    for (const node of document.querySelectorAll("[data-word]")) node.textContent = this.words[/** @type {HTMLElement} */ (node).dataset.word];
    this.footer = new Footer(this.words, (body) => this.control.say(body));
    this.screens = new Screens(this);
    this.tab = new OneTab(this.code, () => this.#elsewhere());
  }

  async begin() {
    if (!isCode(this.code)) return this.#start();
    if (this.about.found === false) return this.kept.person() ? this.#over("gone") : this.#unknown();
    document.title = fill(this.words["room.phone.title"], { code: this.code });
    const header = (code) => fill(this.words["room.phone.header"], { code });
    // Spelled for whoever listens to it.
    const spelled = made("span", { className: "unseen" }, header([...this.code].join(" ")));
    find("#room").replaceChildren(made("span", { aria: { hidden: "true" } }, header(this.code)), spelled);
    (await this.tab.ask()) ? this.#enter() : this.#elsewhere();
  }

  // --- screens ---

  show(key, { title, lead = "", said = title }, ...content) {
    const first = !this.shown;
    this.shown = key;
    const heading = find("h1");
    heading.textContent = title;
    this.lead(lead);
    this.place.replaceChildren(...content);
    find("#said").textContent = said;
    if (first) return;
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }

  /** @param {string} text */
  lead(text, said = "") {
    const lead = find("#lead");
    if (lead.textContent === text) return;
    lead.textContent = text;
    lead.hidden = !text;
    if (said) find("#said").textContent = text;
  }

  #screen(name, ...content) {
    const [title, lead] = ["title", "lead"].map((part) => fill(this.words[`room.phone.${name}.${part}`], { code: this.code }));
    this.show(name, { title, lead, said: title }, ...content);
  }

  #start(problem = "") {
    document.title = this.words["room.phone.title_none"];
    find("#room").textContent = "";
    this.#screen("start", codeForm(this.words, this.api, problem));
  }

  #unknown() {
    this.#start(fill(this.words["room.phone.start.unknown"], { code: this.code }));
  }

  #elsewhere() {
    this.#stop();
    const take = () => {
      this.tab.take();
      this.#enter();
    };
    this.#screen("tab", button(take, { className: "primary" }, this.words["room.phone.tab.take"]));
  }

  // --- in and out ---

  #enter() {
    const person = this.kept.person();
    if (!person?.key) return this.#join();
    this.#screen("back");
    this.#run(person);
  }

  #join() {
    const problem = made("p", { role: "alert" });
    const go = async () => {
      send.disabled = true;
      send.textContent = this.words["room.phone.join.busy"];
      problem.textContent = "";
      try {
        const words = { "lab.error.unreachable": this.words["room.phone.link.server"], "lab.error.not_json": "HTTP {status}", "lab.error.status": "HTTP {status}" };
        const { key } = await request(`${this.api}/rooms/${this.code}/join`, device(), words);
        this.kept.keep({ key });
        this.#run({ key });
      } catch (error) {
        if (error.code === "no_such_room") return this.#unknown();
        problem.textContent = error.message;
        send.disabled = false;
        send.textContent = this.words["room.phone.join.go"];
      }
    };
    const send = button(go, { className: "primary" }, this.words["room.phone.join.go"]);
    this.#screen("join", send, problem);
  }

  #run(person) {
    const { api, code, words } = this;
    this.found = person.found ?? null;
    this.checks = Boolean(this.found);
    this.control = new Control({
      ...{ api, code, words, key: person.key },
      onState: (state) => this.#took(state, person),
      onLink: (link) => this.footer.hears(link),
      onEnd: (why) => this.#over(why),
    });
    this.control.start();
  }

  #took(state, person) {
    this.phase = state.phase;
    this.footer.shows(state.you, state.phase !== "ended");
    find("#paused").hidden = !state.paused;
    if (!this.checks) this.#check(person);
    if (this.player && this.player.round !== state.round) this.#endRound();
    this.screens.draw(state);
  }

  // Once a person: what was found is shown in this page, and told to the room.
  async #check({ key }) {
    this.checks = true;
    const { control } = this;
    const found = await checked(control, key).catch(() => null);
    if (control !== this.control) return;
    if (!found) return void (this.checks = false); // with the next state
    this.found = found;
    this.screens.found(found);
    if (await this.persist(found, () => control === this.control)) this.kept.keep({ key, found });
  }

  #over(why) {
    const been = this.phase;
    this.#stop();
    this.tab.release();
    if (why === "removed") return this.#screen("removed");
    this.kept.forget();
    if (why === "refused") return this.#anew(); // the key is worth nothing any more
    if (been !== "ended") this.#screen("gone", codeForm(this.words, this.api)); // its thanks stay
  }

  #anew() {
    this.tab.take();
    this.#join();
  }

  leave() {
    this.control?.say({ what: "leave" }).catch(() => {});
    this.#forgotten("left");
  }

  forget() {
    this.#forgotten("ended.forgotten");
  }

  #forgotten(name) {
    this.kept.forget();
    this.#stop();
    this.tab.release();
    if (name === "left") this.#screen("left", button(() => this.#anew(), { className: "primary" }, this.words["room.phone.join.go"]));
    else this.show("forgotten", { title: this.words["room.phone.ended.forgotten"], lead: this.words["room.phone.ended.close"] });
  }

  #stop() {
    this.#endRound();
    this.control?.stop();
    this.control = null;
    this.phase = "";
    this.footer.shows({});
    find("#paused").hidden = true;
  }

  // --- a round ---

  // The player of this round; null while there is nothing to open.
  play({ round, phase, step, you, left_s: left }) {
    if (!this.player && you.open && !you.received) {
      const { key, room } = this.control;
      const player = (this.player = new Player({
        ...{ round, resume: step.resume, slow: you.slow, again: this.kept.begins(round) && !step.resume },
        url: new URL(`${room}/stream/events?as=${encodeURIComponent(key)}`, location.href).href,
        ready: () => this.persist({ what: "ready", round }, () => player === this.player && this.phase === "arming"),
        done: (told) => this.persist(told, () => player === this.player),
        changed: (lane) => this.screens.live?.changed(lane),
      }));
      player.open();
    }
    if (phase === "collecting") this.player?.collect(left ?? 0);
    return this.player;
  }

  #endRound() {
    this.player?.close();
    this.player = null;
  }

  act(round, act, choice) {
    this.player?.acts(choice && this.words[`room.act.steer.${choice}`]);
    return this.persist({ what: "act", round, act, choice }, () => this.player?.round === round);
  }

  // Sends something until the room has it, or it is out of date. Resolves with whether it has.
  async persist(body, still) {
    const { control } = this;
    return (await this.insist(() => control.say(body), still)) !== null;
  }

  insist(act, still) {
    const told = (why) => this.footer.notice(why && fill(this.words["room.phone.unsent"], { why }));
    return insist(act, still, told);
  }
}

if (document.body?.dataset.room === "phone") new Phone().begin();
