// Every scenario that the lab can run, by its id: what the file of that name does in the browser.
import { approve } from "./approve.js";
import { clients } from "./clients.js";
import { drop } from "./drop.js";
import { finished } from "./finished.js";
import { large } from "./large.js";
import { origin } from "./origin.js";
import { payload } from "./payload.js";
import { plain } from "./plain.js";
import { replica } from "./replica.js";
import { restart } from "./restart.js";
import { silence } from "./silence.js";
import { slow } from "./slow.js";
import { steer } from "./steer.js";
import { stop } from "./stop.js";
import { tabs } from "./tabs.js";
import { viewer } from "./viewer.js";

export const SCENARIOS = { approve, clients, drop, finished, large, origin, payload, plain, replica, restart, silence, slow, steer, stop, tabs, viewer };
