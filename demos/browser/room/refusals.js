// What a request that failed means for whoever waits for it.
import { Refused } from "../transports/api.js";

// An answer that is none, as the one kind of error that pages show.
/** @param {Response} answer */
export const refusalOf = async (answer) => {
  const said = await answer.json().catch(() => ({}));
  return new Refused(said.error ?? "error", said.message ?? `HTTP ${answer.status}`, answer.status);
};

// A refused connection is the server's; where not even that came, or the device says so, the network is gone.
/** @returns {"offline" | "server"} */
export const blamed = ({ name, cause = { name } }) => (!navigator.onLine || /^(Abort|Timeout)Error$/.test(cause.name) ? "offline" : "server");
