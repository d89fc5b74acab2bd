// The wall: what the whole room sees. It shows the newest state, whatever came before, so a page loaded anew is level at once.
import { part, put } from "../view/elements.js";
import { Control } from "./control.js";
import { answers, reveal } from "./findings.js";
import { addressOf, handedOver, pageData } from "./screen.js";
import { PHASES } from "./wall_phases.js";

const STALE_MS = 3000; // a link that is lost for less is nobody's concern
const VIEWS = { ...PHASES, reveal, answers };

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

// Letter by letter: "7K3QXP" is no word, and would be read as one.
const spelled = (code) => {
  const seen = part("span", code);
  seen.setAttribute("aria-hidden", "true");
  return [seen, part("span", [...code].join(", "), "unseen")];
};

// An address may break behind its signs, and nowhere else.
const breakable = (address) => address.split(/(?<=[/:])(?=[^/:])/).flatMap((piece, n) => (n ? [document.createElement("wbr"), piece] : [piece]));

class Wall {
  /** @param {import("./screen.js").PageData} page */
  constructor(page) {
    this.page = page;
    const { key, options } = handedOver(`streamwise.wall.${page.code}`);
    this.wifi = options.get("wifi") ?? "";
    this.shown = "";
    this.view = null;
    this.link = null;
    this.state = null;
    this.told = null;
    this.qr = /** @type {HTMLImageElement} */ (at("qr"));
    document.title = page.say("room.wall.name", { code: page.code });
    this.#rail();
    if (key) this.#follow(key);
    else this.#ended(page.say("room.wall.no_key"));
  }

  #follow(key) {
    const { page } = this;
    const control = new Control({
      api: page.api,
      code: page.code,
      key,
      words: page.words,
      onState: (state) => this.draw(state),
      onLink: (link) => this.#linked(link),
      onEnd: (why) => this.#ended(page.say(`room.wall.end.${why}`)),
    });
    control.start();
    setInterval(() => this.#trouble(), 1000);
    addEventListener("hashchange", () => location.reload()); // another link was pasted
  }

  #rail() {
    const { code, say } = this.page;
    this.qr.alt = say("room.wall.qr");
    this.qr.onload = () => (this.qr.hidden = false);
    this.qr.onerror = () => (this.qr.hidden = true); // the code and the address are enough
    at("code").replaceChildren(...spelled(code));
    at("rail").setAttribute("aria-label", say("room.wall.join"));
  }

  // Another address: the laptop has changed networks, and the code's picture with it. Without any there is nothing to scan.
  #address(told) {
    const { api, code } = this.page;
    if (this.told === told) return;
    this.told = told;
    if (told) this.qr.src = `${api}/rooms/${code}/qr.svg?of=${encodeURIComponent(told)}`;
    else this.qr.hidden = true;
    at("address").replaceChildren(...breakable(addressOf(told).replace(/^https?:\/\//, "")));
  }

  draw(state) {
    const { page } = this;
    const { phase, step, counts, result } = (this.state = state);
    document.documentElement.dataset.phase = phase;
    this.#address(state.address ?? "");
    put(at("here"), page.some("room.wall.here", counts.here));
    const simulated = at("simulated");
    simulated.hidden = !counts.simulated;
    put(simulated, page.some("room.wall.simulated", counts.simulated));
    // Connecting and running are one picture: nothing jumps when the last phone has come.
    const name = phase === "arming" ? "running" : phase;
    const shows = JSON.stringify([name, step?.number, state.round, result, state.failed]);
    if (shows !== this.shown) this.#show(name, shows);
    this.view.update?.(state);
    this.#trouble();
  }

  #show(name, shows) {
    const { page, state } = this;
    this.view?.end?.();
    this.shown = shows;
    this.view = (VIEWS[name] ?? VIEWS.lobby)({ ...page, state, wifi: this.wifi });
    const { step } = state;
    put(at("place"), step && !this.view.alone ? page.say("room.wall.place", { n: step.number, of: step.of }) : "");
    put(at("title"), this.view.title);
    put(at("status"), this.view.status ?? this.view.title);
    at("stage").className = name;
    at("stage").replaceChildren(...this.view.nodes);
  }

  #linked(link) {
    this.link = link;
    this.#trouble();
  }

  // One sentence at a time: the worst of what is wrong, and nothing where all is well.
  #trouble() {
    const { say } = this.page;
    const { state, link } = this;
    const lost = link && ["connecting", "offline", "server"].includes(link.kind) && Date.now() - link.since > STALE_MS;
    const seconds = lost ? Math.round((Date.now() - link.since) / 1000) : 0;
    let text = "";
    if (lost) text = say(`room.wall.link.${link.kind}`, { s: seconds });
    else if (state?.paused) text = say("room.wall.paused");
    else if (state?.presenter === "away" && state.phase !== "ended") text = say("room.wall.away");
    at("trouble").hidden = !text;
    put(at("trouble"), text);
  }

  #ended(text) {
    this.view?.end?.();
    put(at("title"), text);
    put(at("status"), text);
    put(at("place"), "");
    at("stage").replaceChildren();
    at("trouble").hidden = true;
  }
}

const page = pageData();
if (page && document.documentElement.classList.contains("wall")) new Wall(page);
