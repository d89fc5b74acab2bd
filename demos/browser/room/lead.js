// The lead's page: steers the room. It shows the newest state and holds none besides the secret, so it may be loaded anew at any time.
import { put } from "../view/elements.js";
import { Control } from "./control.js";
import { drawCounts, drawFound, drawPeople, drawSteps } from "./lead_lists.js";
import { elsewhere, linksAndReports } from "./lead_links.js";
import { addressOf, handedOver, meant, pageData, stepTitle, store } from "./screen.js";

const DOUBLE_MS = 600; // a second press so soon is the same press
const STALE_MS = 3000;
const NEXT_KEYS = [" ", "ArrowRight", "PageDown"]; // a presenter's clicker sends Page Down
const OWN_SPACE = "button, a, summary";

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const button = (id) => /** @type {HTMLButtonElement} */ (at(id));
const tool = (name) => /** @type {HTMLButtonElement} */ (document.querySelector(`[data-do="${name}"]`));

class Lead {
  /** @param {import("./screen.js").PageData} page */
  constructor(page) {
    this.page = page;
    this.kept = `streamwise.lead.${page.code}`;
    this.control = null;
    this.state = null;
    this.link = null;
    this.keys = "";
    this.pressed = -Infinity;
    document.title = page.say("room.lead.name", { code: page.code });
    for (const node of document.querySelectorAll("[data-word]")) node.textContent = page.words[/** @type {HTMLElement} */ (node).dataset.word];
    this.#buttons();
    this.open();
    addEventListener("hashchange", () => location.hash && this.open());
    setInterval(() => this.#trouble(), 1000);
  }

  #buttons() {
    button("next").onclick = ({ detail }) => detail < 2 && this.press("next");
    button("drop").onclick = ({ detail }) => detail < 2 && this.press("drop");
    tool("again").onclick = () => this.act({ what: "again" });
    tool("pause").onclick = () => this.act({ what: this.state.paused ? "go_on" : "pause" });
    tool("lock").onclick = () => this.act({ what: this.state.locked ? "unlock" : "lock" });
    tool("end").onclick = () => this.sure("room.lead.sure.end", "room.lead.end", {}, { what: "end" });
    button("no").onclick = () => this.#dialog.close();
    document.addEventListener("keydown", (event) => this.#key(event));
    /** @type {HTMLFormElement} */ (at("key")).onsubmit = (event) => {
      event.preventDefault();
      const field = /** @type {HTMLInputElement} */ (document.querySelector("#key input"));
      // People paste the whole link.
      store(this.kept, field.value.trim().split("#").pop());
      field.value = "";
      this.open();
    };
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (at("sure"));
  }

  // With the secret of the link, or the one of this tab. It leaves the address at once: the page may be on the projector.
  open() {
    const { page } = this;
    const { key, view } = handedOver(this.kept);
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    this.control?.stop();
    this.#shows(Boolean(key));
    if (!key) return;
    linksAndReports(page, key, view, (text) => put(at("status"), text));
    this.keys = [key, view].filter(Boolean).join(".");
    const { words, api, code } = page;
    this.control = new Control({
      api,
      code,
      key,
      words,
      onState: (state) => this.draw(state),
      onLink: (link) => {
        this.link = link;
        this.#trouble();
      },
      onEnd: (why) => this.#ended(why),
    });
    this.control.start();
  }

  #shows(led) {
    at("waiting").hidden = true;
    at("asks").hidden = led;
    at("lead").hidden = at("bar").hidden = !led;
  }

  #ended(why) {
    if (why !== "refused") {
      at("bar").hidden = true;
      return put(at("status"), this.page.say(`room.lead.end.${why}`));
    }
    store(this.kept, "");
    this.#shows(false);
    put(at("key-why"), this.page.say("room.lead.key_wrong"));
  }

  // --- what is done ---

  /** A press of a large button, by hand or by key. @param {string} what */
  press(what) {
    const now = performance.now();
    if (!this.state || !this.can(what) || now - this.pressed < DOUBLE_MS) return;
    this.pressed = now;
    this.act({ what });
  }

  can(what) {
    return this.state.can.includes(what);
  }

  /** @param {object} body */
  async act(body) {
    try {
      await this.control.do({ ...body, turn: this.state.turn });
    } catch (error) {
      // Somebody else was quicker, or the same finger: the state that comes shows it.
      if (error.code !== "stale_turn") put(at("status"), error.message);
    }
  }

  /** Asks first. @param {string} key @param {string} verb @param {object} values @param {object} body */
  sure(key, verb, values, body) {
    const { say } = this.page;
    put(at("sure-text"), say(key, values));
    put(button("yes"), say(verb, values));
    button("yes").onclick = () => {
      this.#dialog.close();
      this.act(body);
    };
    this.#dialog.showModal();
  }

  #key(event) {
    const { key, target } = event;
    if (!meant(event) || at("bar").hidden || !this.state) return;
    if (key === " " && target instanceof Element && target.closest(OWN_SPACE)) return; // it presses what has the focus
    if (NEXT_KEYS.includes(key)) {
      event.preventDefault();
      this.press("next");
    } else if (key.toLowerCase() === "d") this.press("drop");
  }

  // --- what is shown ---

  draw(state) {
    const { page } = this;
    const { say } = page;
    const turned = state.turn !== this.state?.turn;
    this.state = state;
    const { phase, step, minutes, paused, locked, note = step?.note } = state;
    put(at("place"), step ? say("room.lead.place", { code: state.code, n: step.number, of: step.of }) : say("room.lead.name", { code: state.code }));
    put(at("title"), stepTitle(page, step));
    // What was refused stays to be read until something has happened.
    if (turned) put(at("status"), phase === "failed" ? (state.failed ?? "") : say(`room.lead.phase.${phase}`));
    put(at("progress"), progress(page, state));
    at("note").hidden = !page.words[note];
    put(at("note"), say(note));
    if (minutes) {
      put(at("minutes"), say("room.lead.minutes", { passed: Math.floor(minutes.passed), planned: minutes.planned }));
      at("minutes").classList.toggle("over", minutes.passed > minutes.planned);
    }
    put(button("next"), say(state.next) || say("room.lead.next"));
    button("next").disabled = !this.can("next");
    button("drop").disabled = !this.can("drop"); // it keeps its place: nothing moves under a thumb
    put(tool("pause"), say(paused ? "room.lead.go_on" : "room.lead.pause"));
    put(tool("lock"), say(locked ? "room.lead.unlock" : "room.lead.lock"));
    for (const [name, other] of [["again"], ["end"], ["pause", "go_on"], ["lock", "unlock"]]) tool(name).disabled = !this.can(name) && !this.can(other);
    drawCounts(at("counts"), page, state);
    drawSteps(at("steps"), page, state, (number, title) => this.sure("room.lead.sure.skip", "room.lead.skip", { n: number, title }, { what: "skip", step: number }));
    drawPeople(page, state, (number) => this.sure("room.lead.sure.remove", "room.lead.remove", { n: number }, { what: "remove", number }),
      (n) => this.sure("room.lead.sure.remove_away", "room.lead.remove_away", { n }, { what: "remove_away" }));
    drawFound(at("found"), page, state);
    this.#address(state);
    this.#trouble();
  }

  #address({ address: told, addresses = [] }) {
    const { say } = this.page;
    const address = addressOf(told);
    put(at("address"), say("room.lead.address", { address }));
    elsewhere(addresses[0], this.keys);
    const others = addresses.filter((one) => one !== address);
    at("others").hidden = addresses.length > 0 && !others.length;
    put(at("others"), addresses.length ? say("room.lead.others", { addresses: others.join(", ") }) : say("room.lead.only_here"));
  }

  #trouble() {
    const { link, state } = this;
    const { say } = this.page;
    const lost = link && ["connecting", "offline", "server"].includes(link.kind) && Date.now() - link.since > STALE_MS;
    const text = lost ? say(`room.lead.link.${link.kind}`, { s: Math.round((Date.now() - link.since) / 1000) }) : state?.paused ? say("room.lead.paused") : "";
    at("trouble").hidden = !text;
    put(at("trouble"), text);
  }
}

const COUNTED = { predict: "predicted", arming: "ready", collecting: "received", ask: "answered" };

/** @param {import("./screen.js").PageData} page */
const progress = ({ say, some }, { phase, counts, people, live }) => {
  if (live) return say("room.lead.live", { sse: Math.round(live.sse * 100), websocket: Math.round(live.websocket * 100), n: live.tokens });
  const name = COUNTED[phase];
  return name ? some(`room.count.${name}`, counts[name], { all: Math.max(people, counts[name]) }) : some("room.wall.here", counts.here);
};

const page = pageData();
if (page && document.documentElement.classList.contains("lead")) new Lead(page);
