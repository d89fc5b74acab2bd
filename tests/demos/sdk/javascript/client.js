// LangGraph's JavaScript SDK, driven by a job on the command line: one run, which it starts or another client has started,
// and what was seen of it.
// A line of JSON for every piece of the answer, so that the test can cut at the right moment; then one with the result.

import { Client } from "@langchain/langgraph-sdk";

const job = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const seen = { text: "", output: null, error: "", question: null };
let pieces = 0;

const client = new Client({ apiUrl: job.api, apiKey: null });
const thread = client.threads.stream(job.thread_id ?? crypto.randomUUID(), { assistantId: "agent", transport: job.transport });

// Returns at the run's end. The SDK ends an iteration at a question to a human, too, and goes on after the response.
async function read(subscription, runId) {
  for (;;) {
    for await (const { method, params } of subscription) {
      if (method === "input.requested") seen.question = params.data;
      else if (method === "messages" && params.node === "answer" && params.data.event === "content-block-delta")
        await take(params.data.delta.text, runId);
      else if (method === "lifecycle" && params.namespace.length === 0) {
        if (params.data.event === "interrupted") await answer();
        if (params.data.event === "failed") seen.error = params.data.error;
        if (["completed", "failed"].includes(params.data.event)) return;
      }
    }
    await subscription.waitForResume();
  }
}

async function take(text, runId) {
  seen.text += text;
  say({ pieces: ++pieces });
  if (job.cancel_at && pieces === job.cancel_at) await client.runs.cancel(thread.threadId, runId);
}

async function answer() {
  const { interrupt_id, payload } = seen.question;
  seen.question = payload;
  await thread.input.respond({ interrupt_id, namespace: [], response: job.respond });
}

try {
  const started = job.start ? await thread.run.start({ input: job.input, config: { configurable: job.configurable } }) : {};
  const channels = ["messages", "lifecycle", "input", "values"];
  await read(await thread.subscribe({ channels }), started.run_id);
  // The SDK (1.15.0) has no output yet where its own watch of the lifecycle was told of the end before the state came.
  const { messages = [] } = (job.start && (await thread.output)) || {};
  seen.output = { messages: messages.map((message) => ({ type: message.getType(), content: message.content })) };
} catch (error) {
  seen.error = String(error.stack ?? error);
}
say(seen);
await thread.close();
process.exit(0);
