// What the network between this browser and the room lets through: how long a round trip takes, whether a stream comes piece by
// piece, whether a WebSocket opens. Asked once, in the lobby.
import { events } from "../../transports/event_stream.js";

const TRIPS = 5;
const TICKS_MS = 300; // five ticks take 800 ms; all at once, they were held back
const PATIENCE_MS = 6000;

/**
 * @param {import("../control.js").Control} control
 * @param {string} key
 */
export async function checked(control, key) {
  const trips = [];
  for (let n = 0; n < TRIPS; n++) {
    const began = performance.now();
    await control.ask("/state");
    trips.push(performance.now() - began);
  }
  trips.sort((one, other) => one - other);
  const [streaming, websocket] = await Promise.all([streams(`${control.room}/ticks?as=${key}`), opens(`${control.room}/hello?as=${key}`)]);
  const [median, worst] = [trips[TRIPS >> 1], trips[TRIPS - 1]].map((ms) => Math.round(ms * 10) / 10);
  return { what: "checks", websocket, streaming, round_trip_ms: median, worst_ms: worst };
}

async function streams(url) {
  const at = [];
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
    if (!answer.ok) return false;
    for await (const { event } of events(answer.body, () => {})) if (event === "tick") at.push(performance.now());
  } catch {
    return false;
  }
  return at.length > 1 && at.at(-1) - at[0] > TICKS_MS;
}

/** @returns {Promise<boolean>} */
const opens = (url) =>
  new Promise((over) => {
    const socket = new WebSocket(new URL(url, location.href).href.replace(/^http/, "ws"));
    const end = (found) => {
      clearTimeout(late);
      over(found);
      socket.close();
    };
    const late = setTimeout(end, PATIENCE_MS, false);
    socket.onmessage = () => end(true);
    socket.onclose = () => end(false);
  });
