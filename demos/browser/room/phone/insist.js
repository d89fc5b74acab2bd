// Says something again until it was taken, is refused for good, or is out of date.
import { wait } from "../../transports/protocol.js";

/**
 * Resolves with the answer; null where there is none.
 * @param {() => Promise<any>} act rejects with a Refused of transports/api.js
 * @param {() => boolean} still whether it is worth another try
 * @param {(why: string) => void} told why it is not there yet; "" once it is
 */
export async function insist(act, still, told) {
  for (let tries = 0; still(); tries++) {
    try {
      const answer = await act();
      told("");
      return answer;
    } catch ({ status, message }) {
      const final = status >= 400 && status < 500 && status !== 429;
      if (still() && (final || tries)) told(message); // one failure may be chance
      if (final) return null;
      await new Promise((over) => setTimeout(over, wait(tries)));
    }
  }
  told("");
  return null;
}
