/** Runs and results as resources, for clients that let people choose what is read. */
import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { ReadResourceResult } from "@modelcontextprotocol/sdk/types.js";
import { resultOf } from "mai-orchestration-core";
import { findTask, stateOf } from "mai-orchestration-framework/cli";
import type { Project } from "./project.ts";
import { standingOf } from "./standing.ts";

const mimeType = "application/json";
const mostListed = 50;

/** `mai://runs`, `mai://runs/RUN` and `mai://runs/RUN/tasks/TASK`. @internal */
export function addResources(server: McpServer, { withStore }: Project): void {
  const runs = { title: "Runs", description: "The newest runs of this project", mimeType };
  server.registerResource("runs", "mai://runs", runs, (uri) =>
    withStore(async (store) => {
      const newest = (await store.runs()).slice(0, mostListed);
      return json(uri, { runs: newest.map((run) => ({ ...run, state: stateOf(run) })) });
    }),
  );

  const run = { title: "Run", description: "Where one run stands", mimeType };
  const list = async (): Promise<{ resources: { name: string; uri: string; mimeType: string }[] }> => {
    // A project without a store has no runs; that is no error of whoever lists them.
    const known = await withStore((store) => store.runs()).catch(() => []);
    return {
      resources: known.slice(0, mostListed).map(({ runId, name }) => ({
        name: name === null ? runId : `${name} (${runId})`,
        uri: `mai://runs/${encodeURIComponent(runId)}`,
        mimeType,
      })),
    };
  };
  server.registerResource("run", new ResourceTemplate("mai://runs/{run}", { list }), run, (uri, values) =>
    withStore(async (store) => json(uri, await standingOf(store, { runId: text(values["run"]) }))),
  );

  const task = {
    title: "Result",
    description: "One task of a run, with its result once it has ended",
    mimeType,
  };
  const ofTask = new ResourceTemplate("mai://runs/{run}/tasks/{task}", { list: undefined });
  server.registerResource("task", ofTask, task, (uri, values) =>
    withStore(async (store) => {
      const found = await findTask(store, text(values["run"]), text(values["task"]));
      const { spec, phase, attempt, end } = found.task;
      return json(uri, { spec, phase, attempt, result: end === null ? null : resultOf(found.task) });
    }),
  );
}

function json(uri: URL, value: object): ReadResourceResult {
  return { contents: [{ uri: uri.href, mimeType, text: JSON.stringify(value) }] };
}

function text(value: string | readonly string[] | undefined): string {
  return decodeURIComponent(typeof value === "string" ? value : (value?.[0] ?? ""));
}
