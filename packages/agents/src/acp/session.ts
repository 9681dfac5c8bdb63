/** The steps up to an open session, each with a deadline of ours. */
import type * as Sdk from "@agentclientprotocol/sdk";
import { Late } from "./endings.ts";
import type { ResolvedAcpOptions } from "./options.ts";

/** @internal */
export interface SessionRequest {
  readonly sdk: typeof Sdk;
  readonly options: ResolvedAcpOptions;
  readonly workspace: string;
  /** A session to be continued where the agent still has it. */
  readonly resume: string | null;
}

/** @internal */
export interface OpenSession {
  readonly sessionId: string;
  readonly isContinued: boolean;
}

type Ask = (method: string, params: unknown) => Promise<unknown>;

/** Says hello and opens a session, an old one if it can be had. @internal */
export async function openSession(agent: Sdk.ClientContext, asked: SessionRequest): Promise<OpenSession> {
  const { sdk, options, workspace, resume } = asked;
  const { initialize, session } = sdk.methods.agent;
  const ask = asker(agent, options.startTimeoutMs);
  const hello = (await ask(initialize, {
    protocolVersion: sdk.PROTOCOL_VERSION,
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    clientInfo: { name: "mai", version: "1" },
  })) as Sdk.InitializeResponse;
  const place = { cwd: workspace, mcpServers: [] };
  const method = reopening(sdk, hello);
  if (resume !== null && method !== null) {
    try {
      await ask(method, { sessionId: resume, ...place });
      return { sessionId: resume, isContinued: true };
    } catch (error) {
      if (!(error instanceof sdk.RequestError)) throw error;
      // It no longer has that session; the task is done in a new one.
    }
  }
  const opened = (await ask(session.new, place)) as Sdk.NewSessionResponse;
  await chooseModel(ask, asked, opened);
  return { sessionId: opened.sessionId, isContinued: false };
}

function reopening(sdk: typeof Sdk, { agentCapabilities }: Sdk.InitializeResponse): string | null {
  const { session } = sdk.methods.agent;
  if (agentCapabilities?.sessionCapabilities?.resume != null) return session.resume;
  return agentCapabilities?.loadSession === true ? session.load : null;
}

async function chooseModel(ask: Ask, asked: SessionRequest, opened: Sdk.NewSessionResponse): Promise<void> {
  const { model, agent } = asked.options;
  if (model === null || agent.modelFlag) return;
  const option = opened.configOptions?.find(({ id, category }) => category === "model" || id === "model");
  if (option === undefined) throw new Error(`${agent.title} lets nobody choose its model over ACP`);
  const { setConfigOption } = asked.sdk.methods.agent.session;
  await ask(setConfigOption, { sessionId: opened.sessionId, configId: option.id, value: model });
}

function asker(agent: Sdk.ClientContext, ms: number): Ask {
  return async (method, params) => {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ms);
    try {
      const options = { cancellationSignal: late.signal, stopWaitingOnCancel: true };
      return await agent.request(method, params, options);
    } catch (error) {
      throw late.signal.aborted ? new Late(`no answer to ${method} in ${ms / 1_000} s`) : error;
    } finally {
      clearTimeout(timer);
    }
  };
}
