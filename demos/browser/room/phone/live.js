// A round on the phone: two small panes with the state in words, the text and its counters. Decides nothing.
import { fill } from "../../words.js";
import { short } from "../charts/scale.js";
import { button, made, shape } from "./elements.js";

const COUNTERS = ["tokens", "twice", "cuts", "back"];

class LivePane {
  /**
   * @param {"sse" | "websocket"} transport
   * @param {Record<string, string>} words
   */
  constructor(transport, words) {
    this.words = words;
    this.painted = true;
    /** @type {import("./lane.js").Lane | null} */
    this.lane = null;
    const name = words[`room.phone.pane.${transport}`];
    this.state = made("p", { className: "state", data: { kind: "waiting" } }, made("i", { aria: { hidden: "true" } }), made("b"));
    const label = fill(words["room.phone.pane.text"], { transport: name });
    this.text = made("div", { className: "text", tabIndex: 0, role: "group", aria: { live: "off", label } });
    this.counts = Object.fromEntries(COUNTERS.map((key) => [key, made("dd", { data: { count: key } }, "–")]));
    const list = COUNTERS.map((key) => made("div", {}, made("dt", {}, words[`room.phone.pane.${key}`]), this.counts[key]));
    const head = made("div", { className: "head" }, made("h2", {}, shape(transport), name), this.state);
    const parts = [head, this.text, made("dl", {}, ...list)];
    this.root = made("section", { className: "pane", data: { transport, testid: `pane-${transport}` }, aria: { label: name } }, ...parts);
    this.paint();
  }

  /** @param {import("./lane.js").Lane} lane */
  changed(lane) {
    this.lane = lane;
    if (!this.painted) return;
    this.painted = false;
    document.hidden ? setTimeout(() => this.paint()) : requestAnimationFrame(() => this.paint());
  }

  // Once a frame; text is appended and never written anew.
  paint() {
    this.painted = true;
    const { kind = "waiting", tokens = 0, twice = 0, cuts = 0, backMs = null, said = [] } = this.lane ?? {};
    this.state.dataset.kind = kind;
    this.state.lastChild.textContent = this.words[`room.phone.pane.${kind}`];
    this.counts.tokens.textContent = String(tokens);
    this.counts.twice.textContent = String(twice);
    this.counts.cuts.textContent = String(cuts);
    this.counts.back.textContent = backMs === null ? "–" : short(backMs);
    if (!said.length) return;
    this.text.append(said.splice(0).join(""));
    this.text.scrollTop = this.text.scrollHeight;
  }
}

export class Live {
  /**
   * @param {HTMLElement} place
   * @param {Record<string, string>} words
   * @param {(act: string, choice?: string) => Promise<boolean>} act
   */
  constructor(place, words, act) {
    this.words = words;
    this.act = act;
    this.asked = "";
    this.panes = { sse: new LivePane("sse", words), websocket: new LivePane("websocket", words) };
    this.ask = made("div", { className: "act", hidden: true });
    place.replaceChildren(this.ask, made("div", { className: "panes" }, this.panes.sse.root, this.panes.websocket.root));
  }

  /** @param {import("./lane.js").Lane} lane */
  changed(lane) {
    this.panes[lane.transport].changed(lane);
  }

  // What a person may do in a round that is their own.
  /** @param {{ kind: string, choices: string[] } | null | undefined} may */
  offer(may) {
    const asked = may ? JSON.stringify(may) : "";
    if (asked === this.asked) return;
    this.asked = asked;
    this.ask.hidden = !may;
    if (!may) return;
    const told = made("p", { role: "status" }, this.words[may.kind === "steer" ? "room.phone.live.act.steer" : "room.phone.live.act.approve"]);
    const does = (act, choice) => async () => {
      if (await this.act(act, choice)) told.textContent = this.words["room.phone.live.acted"];
    };
    const buttons =
      may.kind === "steer"
        ? may.choices.map((id) => button(does("steer", id), {}, this.words[`room.act.steer.${id}`]))
        : [button(does("approve"), {}, this.words["room.phone.live.act.yes"]), button(does("decline"), {}, this.words["room.phone.live.act.no"])];
    this.ask.replaceChildren(told, made("div", { className: "choices" }, ...buttons));
  }
}
