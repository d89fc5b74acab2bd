// The page: the conversation, a question with its two buttons, and the state of the line in words.
import * as transport from "./stream.js";

const { start, resume } = /** @type {any} */ (transport); // without resume, the page keeps the conversation
const place = (id) => /** @type {any} */ (document.getElementById(id));
const [log, form, box, send, stop, line] = ["log", "form", "prompt", "send", "stop", "line"].map(place);
const LINE = { connecting: "Connecting", open: "Connected", waiting: "The agent waits for your answer", retrying: "" };
const BAD = {
  failed: "The agent failed",
  refused: "The server refused this",
  forgotten: "The server does not know this conversation any more",
  lost: "The connection was lost",
};
const ENDS = { completed: "The answer is complete", stopped: "Stopped", ...BAD };
const kept = sessionStorage;
// A link may bring a token in its fragment, which no server sees. It does not stay in the address.
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) [kept.setItem("token", given), history.replaceState(null, "", location.pathname)];
const token = kept.getItem("token") ?? "";
const messages = JSON.parse(kept.getItem("messages") ?? "[]");
let current = null; // the stream that is read

const make = (tag, textContent = "", className = "") =>
  Object.assign(document.createElement(tag), { textContent, className }); // text is never markup
const down = () => scrollTo(0, document.body.scrollHeight);

function say(text, busy, bad = false) {
  line.className = bad ? "bad" : "";
  if (line.textContent !== text) line.textContent = text; // what is written again would be read out again
  if (!busy && document.activeElement === stop) box.focus();
  [send.disabled, stop.hidden] = [busy, !busy];
}

function ask({ question, value }) {
  const { question: text = "The agent asks", ...more } = value instanceof Object ? value : { question: value };
  const asked = make("fieldset");
  const details = Object.keys(more).length ? JSON.stringify(more, null, 2) : "";
  asked.append(make("legend", String(text)), make("pre", details));
  for (const word of ["Yes", "No"]) {
    const button = asked.appendChild(make("button", word));
    button.onclick = async () => {
      asked.disabled = true;
      box.focus();
      asked.disabled = await current.answer(question, word.toLowerCase()); // if it did not arrive, once more
    };
  }
  return asked;
}

// One turn; `begin` starts its stream. Settles when it is over.
function turn(prompt, begin) {
  const [answer, working] = [make("div"), make("p", "", "note")];
  const again = make("button", resume ? "Try again" : "Ask again");
  const questions = new Map();
  let last = null; // the paragraph that goes on: another message is another one, as is what follows a question
  log.append(make("p", prompt, "asked"), answer, working);
  down();

  function take({ type, question, message = "", text = "", name, value }) {
    working.textContent = type === "tool" ? `Working: ${name}` : "";
    if (type === "question") questions.set(question, answer.appendChild(ask({ question, value })));
    if (type === "answer") questions.get(question)?.replaceWith(make("p", `Answered: ${value}`, "note"));
    if (type !== "token") return;
    const goesOn = last && last === answer.lastChild && last.dataset.message === String(message);
    last = goesOn ? last : answer.appendChild(make("p"));
    last.dataset.message = String(message);
    last.append(text);
  }

  return new Promise((over) => {
    const hooks = {
      event(event) {
        const below = document.body.scrollHeight - innerHeight - scrollY < 100;
        take(event);
        if (below) down();
      },
      state(state, { tries, most, reason }) {
        const end = state in LINE ? "" : (ENDS[state] ?? state);
        const why = reason && state !== "forgotten" ? `: ${reason}` : "";
        if (current?.thread) kept.setItem("thread", current.thread);
        const had = kept.getItem("thread");
        if (state === "forgotten") kept.removeItem("thread");
        if (state === "forgotten" && had && !answer.hasChildNodes()) {
          answer.before(make("p", "The server has forgotten what was said before. This begins anew.", "note"));
          return open(begin);
        }
        if (state === "connecting") answer.replaceChildren(); // here a turn begins, perhaps anew
        if (state === "retrying") say(`The connection was lost. Trying again (${tries} of ${most})`, true, true);
        else say(end ? `${end}${why}` : LINE[state], !end, state in BAD);
        if (state === "lost") answer.append(again);
        if (!end) return;
        working.textContent = "";
        const content = [...answer.querySelectorAll("p:not(.note)")].map((one) => one.textContent).join("\n\n");
        if (!resume && state !== "lost") keep({ role: "user", content: prompt }, { role: "assistant", content });
        over();
      },
    };
    const open = (how) => [(current = null), (current = how(hooks))];
    again.onclick = () => open(resume && current.thread ? () => resume(current.run, { token, hooks }) : begin);
    open(begin);
  });
}

function keep(...more) {
  messages.push(...more);
  kept.setItem("messages", JSON.stringify(messages));
}

// What was said before, as a reloaded page shows it again; the last run may still go on.
async function restore() {
  for (const { role, content } of messages) log.append(make("p", content, role === "user" ? "asked" : ""));
  const thread = kept.getItem("thread");
  if (!resume || !thread) return;
  say("Loading the conversation", true);
  const answer = await fetch(`threads/${thread}`, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  if (answer.status === 404) kept.removeItem("thread");
  if (!answer.ok) return say(answer.status === 404 ? ENDS.forgotten : ENDS.refused, false, true);
  const { runs } = await answer.json();
  for (const { run, prompt } of runs) await turn(prompt, (hooks) => resume(run, { token, hooks }));
}

form.onsubmit = (event) => {
  event.preventDefault();
  const prompt = box.value.trim();
  if (!prompt || send.disabled) return;
  box.value = "";
  const said = [...messages, { role: "user", content: prompt }];
  const thread = () => kept.getItem("thread") ?? "";
  turn(prompt, (hooks) => start(resume ? prompt : said, { thread: thread(), token, hooks }));
};
box.onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
};
stop.onclick = () => current?.stop();
place("anew").onclick = () => {
  current?.close();
  for (const name of ["thread", "messages"]) kept.removeItem(name);
  location.reload();
};
restore().catch(() => say("The conversation could not be loaded. Reload the page to try again", false, true));
