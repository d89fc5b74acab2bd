// What the clients that read with fetch share: the event stream format of the HTML standard, and when to ask again.

// Milliseconds; silence only until the server has said its heartbeat.
export const settings = { silence: 35_000, pause: 500, tries: 10, opening: 5_000 };

// The events of these bytes, cut anywhere. Half an event at the end is dropped: it comes again.
export async function* events(bytes, heard) {
  const [reader, utf8] = [bytes.getReader(), new TextDecoder()]; // it drops a byte order mark
  let [pieces, data, event, id, afterCr] = [[], [], "", "", false];
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    heard();
    const text = utf8.decode(chunk.value, { stream: true });
    const [first, ...others] = (afterCr ? text.replace(/^\n/, "") : text).split(/\r\n|\r|\n/);
    if (text) afterCr = text.endsWith("\r"); // it ended its line at once. An LF that follows belongs to it.
    pieces.push(first);
    for (const next of others) {
      const line = pieces.join(""); // once a line: it may be long, and come in many pieces
      const [, name, value = ""] = /^([^:]*)(?:: ?([^]*))?$/.exec(line);
      pieces = [next];
      if (name === "data") data.push(value);
      else if (name === "event") event = value;
      else if (name === "id" && !value.includes("\0")) id = value;
      if (line) continue;
      if (data.length) yield { event, id, data: data.join("\n") };
      [data, event] = [[], ""];
    }
  }
}

// What an answer that is no stream means. verdict: how it ends, "" where another try may help. after: seconds to wait.
export async function refusal(answer, busy = "forgotten") {
  const { status, headers } = answer;
  const refused = status >= 400 && status < 500 && ![408, 425, 429].includes(status) ? "refused" : "";
  const verdict = { 404: "forgotten", 409: busy, 410: "forgotten" }[status] ?? refused;
  const why = await answer.json().then(({ detail }) => detail.trim()).catch(() => `HTTP ${status}`);
  return Object.assign(new Error(why), { verdict, after: Number(headers.get("Retry-After")) || 0 });
}

// Doubling, with chance in it, so that a thousand pages do not come back in the same moment. Milliseconds.
export const delay = (tries, after = 0) =>
  Math.max(Math.min(30_000, settings.pause * 2 ** (tries - 1)) * (0.5 + Math.random() / 2), Math.min(30, after) * 1000);

// The number of an id such as 3f2a-17, and its epoch: another one is the log of a server that began anew.
export const numberOf = (id) => Number(/\d*$/.exec(id)[0]);
export const epochOf = (id) => id.replace(/\d*$/, "");

// A page in the back/forward cache would keep its connection. One that is seen or online again asks at once.
export function attend(signal, leave, open, stale) {
  addEventListener("pagehide", leave, { signal });
  addEventListener("pageshow", (event) => event.persisted && open(), { signal });
  addEventListener("online", open, { signal });
  document.addEventListener("visibilitychange", () => !document.hidden && stale() && open(), { signal });
}
