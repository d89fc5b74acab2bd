// What the transports have in common: names, limits, sizes on the wire, and when to come back.
export const CHANNELS = "messages,lifecycle,tools,input";
export const METHODS = ["messages", "lifecycle", "tools", "input.requested"];
export const SILENCE_MS = 35000; // two heartbeats and a bit: after that the path is taken for dead
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

/**
 * What a stream calls.
 * @typedef {object} Hooks
 * @property {(kind: string, detail?: { code?: number, reason?: string, status?: number }) => void} state
 * @property {(envelope: any) => unknown} event
 * @property {() => unknown} heard
 * @property {() => unknown} beat
 * @property {() => unknown} tried
 * @property {() => unknown} back
 * @property {(way: "in" | "out", text: string, around: number) => unknown} wire
 */

// Bytes of a text as UTF-8, which both transports send.
const UTF8 = new TextEncoder();
/** @param {string} text */
export const size = (text) => UTF8.encode(text).length;

// Bytes before a frame's payload (RFC 6455, section 5.2): the length takes 0, 2 or 8 further bytes; a server's frame has no mask.
/** @param {number} length */
export const frameHead = (length) => (length < 126 ? 2 : length < 65536 ? 4 : 10);

// What a message carries. Data that is no object, such as [DONE], is no event of ours.
/** @param {string} data */
export const envelopeOf = (data) => (data.trimStart().startsWith("{") ? JSON.parse(data) : {});

// Doubling waits with chance in them, so that a thousand clients do not come back in the same moment.
/** @param {number} tries */
export const wait = (tries) => Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * (0.5 + Math.random() / 2);

// Why a stream was refused, asked for with fetch, since EventSource does not say.
/**
 * @param {string} url
 * @param {AbortController} asking
 * @returns {Promise<{ status: number, final: boolean, message?: string }>}
 */
export async function whyRefused(url, asking) {
  try {
    const answer = await fetch(url, { signal: asking.signal });
    const { status } = answer;
    const final = status >= 400 && status < 500 && status !== 408;
    if (status < 400) return { status, final };
    const said = await answer.json().catch(() => ({}));
    return { status, final, message: said.message ?? `HTTP ${status}` };
  } catch {
    return { status: 0, final: false };
  } finally {
    asking.abort();
  }
}
