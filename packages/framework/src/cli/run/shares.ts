/** How much of each configured agent works here, when a store is shared by machines. */
import { MaiError, nearest } from "mai-orchestration-core";
import type { Store } from "mai-orchestration-engine";
import type { AgentSetting } from "../../config/agent-setting.ts";
import { isPostgresUrl, isShared } from "../../store/shared-store.ts";
import { type Flag, usageError, type Words } from "../command.ts";

/** Attempts of each agent that may run here at once, by its id. @internal */
export type Shares = ReadonlyMap<string, number>;

/** @internal */
export const agentsFlag: Flag = {
  name: "agents",
  value: "ID=N,...",
  summary: "the agents that work here, and how many attempts of each at once",
};
/** @internal */
export const tagsFlag: Flag = {
  name: "tags",
  value: "TAG,...",
  summary: "what this machine has, for tasks that require it",
};

/** What `--agents` says; `null` when it was not given. Throws `cli.usage`. @internal */
export function sharesOf(words: Words, verb: string): Shares | null {
  const text = words.value("agents");
  if (text === undefined) return null;
  const shares = new Map<string, number>();
  for (const part of text.split(",")) {
    const [, id, count] = /^(.+)=([1-9][0-9]{0,5})$/.exec(part.trim()) ?? [];
    if (id === undefined || shares.has(id)) {
      throw usageError(`--agents takes ID=N,ID=N, each agent once, not ${JSON.stringify(text)}`, verb);
    }
    shares.set(id, Number(count));
  }
  return shares;
}

/** What `--tags` says. @internal */
export function tagsOf(words: Words): readonly string[] {
  const tags = (words.value("tags") ?? "").split(",").map((tag) => tag.trim());
  return [...new Set(tags.filter((tag) => tag !== ""))];
}

/** The settings of those that work here, with their shares. Throws `agent.unknown`. @internal */
export function settingsOf(settings: readonly AgentSetting[], shares: Shares): AgentSetting[] {
  const ids = settings.map(({ agentId }) => agentId);
  for (const id of shares.keys()) {
    if (ids.includes(id)) continue;
    const meant = nearest(id, ids);
    const question = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw new MaiError("agent.unknown", `There is no agent ${id}${question}`, {
      hint: `Configured are: ${ids.join(", ")}.`,
    });
  }
  return settings.flatMap((setting) => {
    const maxConcurrent = shares.get(setting.agentId);
    return maxConcurrent === undefined ? [] : [{ ...setting, maxConcurrent }];
  });
}

/** Who works in this process: with a file of its own everybody, with a shared store whom `--agents` names. @internal */
export function settingsHere(
  settings: readonly AgentSetting[],
  place: string | Store,
  shares: Shares | null,
): readonly AgentSetting[] {
  if (shares !== null) return settingsOf(settings, shares);
  const isElsewhere = typeof place === "string" ? isPostgresUrl(place) : isShared(place);
  return isElsewhere ? [] : settings;
}

/** Tells a shared store how many attempts of each agent may run at once, where nobody has said it. @internal */
export async function nameAgents(store: Store, settings: readonly AgentSetting[]): Promise<void> {
  if (!isShared(store)) return;
  await store.nameAgents(settings.map(({ agentId, maxConcurrent }) => ({ agentId, maxConcurrent })));
}
