/** The talk with an ACP agent: from its start to the end of one prompt. */
import type * as Sdk from "@agentclientprotocol/sdk";
import { type Json, parseLine, recordOf } from "../claude-code/json.ts";
import type { LiveStdin } from "../process/process-options.ts";
import { denied, muttered, nothingTold, type Told } from "../program/told.ts";
import { endingBy, endingOf } from "./endings.ts";
import { describeCall, mayCall, optionFor } from "./permission.ts";
import { openSession, type SessionRequest } from "./session.ts";
import { costOf, foldUpdate, usageOfTurn } from "./stream.ts";

/** What one talk is about. @internal */
export interface Talk extends SessionRequest {
  /** What the model is told, given whether the session before goes on. */
  prompt(isContinued: boolean): string;
  readonly signal: AbortSignal;
  /** Called after each change of what was told. */
  changed(before: Told, after: Told): void;
}

/** One talk and what it has told so far. @internal */
export class Conversation {
  told: Told = nothingTold;
  readonly #talk: Talk;
  #costUsd: number | null = null;
  #isGone = false;
  #incoming: ReadableStreamDefaultController<Sdk.AnyMessage> | null = null;

  constructor(talk: Talk) {
    this.#talk = talk;
  }

  /** Takes a line that the agent printed. */
  take(line: string): void {
    const message = parseLine(line);
    if (message === null || message["jsonrpc"] !== "2.0") {
      this.#tell(muttered(this.told, line));
      return;
    }
    const update = updateOf(message);
    if (update !== null) {
      this.#costUsd = costOf(update) ?? this.#costUsd;
      this.#tell(foldUpdate(this.told, update));
    }
    this.#incoming?.enqueue(message as unknown as Sdk.AnyMessage);
  }

  /** The agent is gone; what it said before is still heard. */
  end(): void {
    this.#incoming?.close();
    this.#incoming = null;
    this.#isGone = true;
  }

  /** Talks; resolves when there is no more to say, and never rejects. */
  async begin(stdin: LiveStdin): Promise<void> {
    const { sdk, signal } = this.#talk;
    const { requestPermission, update } = sdk.methods.client.session;
    const readable = new ReadableStream<Sdk.AnyMessage>({
      start: (controller) => {
        this.#incoming = controller;
      },
    });
    const writable = new WritableStream<Sdk.AnyMessage>({
      write: (message) => stdin.write(`${JSON.stringify(message)}\n`),
    });
    try {
      await sdk
        .client({ name: "mai" })
        .onRequest(requestPermission, ({ params }) => this.#answer(params))
        .onNotification(update, () => {})
        .connectWith({ readable, writable }, (agent) => this.#speak(agent));
    } catch (error) {
      // With the agent gone, its end says what happened, unless its last word does.
      const isAnswer = error instanceof sdk.RequestError;
      if (!signal.aborted && (isAnswer || !this.#isGone))
        this.#tell({ ...this.told, ending: endingOf(sdk, error) });
    } finally {
      this.#incoming = null;
      stdin.end();
    }
  }

  async #speak(agent: Sdk.ClientContext): Promise<void> {
    const { sdk, signal, options } = this.#talk;
    const { cancel, prompt } = sdk.methods.agent.session;
    const { sessionId, isContinued } = await openSession(agent, this.#talk);
    if (signal.aborted) return;
    // What an agent repeats of an older session is not said now.
    this.#tell({ ...nothingTold, plainLine: this.told.plainLine, sessionId });
    this.#costUsd = null;
    const onAbort = (): void => void agent.notify(cancel, { sessionId }).catch(() => {});
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const text = this.#talk.prompt(isContinued);
      const response = await agent.request(prompt, { sessionId, prompt: [{ type: "text", text }] });
      if (signal.aborted) return;
      // What a continued session cost before is not told.
      const costUsd = isContinued ? null : this.#costUsd;
      const usage = usageOfTurn(options.agent, response as unknown as Json, costUsd);
      this.#tell({ ...this.told, usage, ending: endingBy(response.stopReason) });
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  #answer({ toolCall, options }: Sdk.RequestPermissionRequest): Sdk.RequestPermissionResponse {
    if (this.#talk.signal.aborted) return { outcome: { outcome: "cancelled" } };
    const may = mayCall(this.#talk.options, toolCall, this.#talk.workspace);
    const optionId = optionFor(options, may);
    if (!may || optionId === null) this.#tell(denied(this.told, toolCall.toolCallId, describeCall(toolCall)));
    if (optionId === null) return { outcome: { outcome: "cancelled" } };
    return { outcome: { outcome: "selected", optionId } };
  }

  #tell(after: Told): void {
    const before = this.told;
    this.told = after;
    this.#talk.changed(before, after);
  }
}

function updateOf(message: Json): Json | null {
  if (message["method"] !== "session/update") return null;
  return recordOf(recordOf(message["params"])?.["update"]);
}
