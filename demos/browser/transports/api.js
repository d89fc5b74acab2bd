// Requests to the demo endpoints that are not streams. Throws one kind of error, whose message can be shown to people.
import { fill } from "../words.js";

export class Refused extends Error {
  constructor(code, message, status) {
    super(message);
    this.code = code;
    this.status = status; // 0: no answer at all
  }
}

// patience: milliseconds after which no answer is none. key: of the thread that is commanded.
export async function request(url, body, words, { patience = null, key = null } = {}) {
  let answer;
  try {
    const authorization = key ? { Authorization: `Bearer ${key}` } : {};
    const post = { method: "POST", headers: { "Content-Type": "application/json", ...authorization }, body: JSON.stringify(body) };
    const signal = patience === null ? null : AbortSignal.timeout(patience);
    answer = await fetch(url, body === undefined ? { signal } : { ...post, signal });
  } catch {
    throw new Refused("unreachable", words["lab.error.unreachable"], 0);
  }
  if (answer.status === 204) return {};
  let said = {};
  try {
    said = await answer.json();
  } catch {
    throw new Refused("not_json", fill(words["lab.error.not_json"], { status: answer.status }), answer.status);
  }
  // Errors of the protocol come with status 200 and type "error".
  if (!answer.ok || said.type === "error") {
    throw new Refused(said.error ?? "error", said.message ?? fill(words["lab.error.status"], { status: answer.status }), answer.status);
  }
  return said;
}
