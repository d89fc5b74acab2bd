// A stream in a pane: opens it, hands on what it says, and tells the run what changes its course.
import { Refused } from "../transports/api.js";
import { FetchStream } from "../transports/fetch.js";
import { EventSourceStream, SocketStream } from "../transports/streams.js";

export const KINDS = { eventsource: EventSourceStream, socket: SocketStream, fetch: FetchStream }; // kind of stream -> its class

// Resolves once the stream is open, rejects when the server refuses it. handle: when an event is dealt with; at once, unless a
// script has reasons.
export const connect = (run, pane, { kind, thread, child, api, path, handle, ...options }) => {
  const from = api ?? child?.api ?? run.api;
  Object.assign(pane, { thread, api: from, child: child?.id ?? null });
  return new Promise((opened, refused) => {
    const hooks = {
      state: stateHook(run, pane, opened, refused),
      back: () => {
        pane.back();
        run.changed(`${pane.transport}.back`);
      },
      tried: () => (pane.tries += 1),
      heard: () => (pane.heardAt = performance.now()),
      beat: () => (pane.beats += 1),
      event: (envelope) => (handle ? handle(() => hear(run, pane, envelope)) : hear(run, pane, envelope)),
      wire: (way, text, around) => pane.wired(way, text, around),
    };
    const url = new URL(`${from}${path ?? `/threads/${thread}/stream/events`}`, location.href).href;
    pane.stream = new KINDS[kind](url, hooks, { resume: () => run.resumes(), key: run.keys.get(thread), ...options });
    pane.stream.open();
  });
};

const stateHook = (run, pane, opened, refused) => {
  let been = false; // open, ever
  return (state, detail = {}) => {
    if (detail.status === 404 || detail.code === 4404) {
      detail.reason = run.words["lab.error.expired"];
      detail.said = !been || pane.run !== null; // by the status line: as the reason of the failure, or of a count that did not come
    }
    const news = state !== pane.kind; // a vain attempt to reconnect is none
    pane.state(state, detail);
    been ||= state === "open";
    if (state === "open") opened(pane);
    const never = !been && (state === "closed" || state === "gone");
    if (state === "refused" || never) refused(new Refused("refused", detail.reason || run.words["lab.error.closed"], 0));
    if (news && (state === "reconnecting" || state === "closed")) run.changed(`${pane.transport}.${state}`);
    run.wake();
  };
};

const hear = (run, pane, envelope) => {
  pane.hear(envelope);
  if (envelope.method === "input.requested") run.changed("asked");
  if (pane.finished && pane.kind !== "ended") {
    pane.stream.close(); // or EventSource would come back for more, for ever
    pane.state("ended");
  }
  run.wake();
};
