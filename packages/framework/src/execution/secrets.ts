/** The secrets of this process's environment, and their hiding where no attempt does it. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { hideSecretsInFile } from "mai-orchestration-agents";
import type { FarmTask } from "mai-orchestration-core";
import { secretValues } from "mai-orchestration-core/redact";
import { safeFileName } from "./safe-file-name.ts";
import { logFolder } from "./workplace.ts";

/** Values that nothing which is kept may show. @internal */
export function ownSecrets(tasks: readonly FarmTask[] = []): string[] {
  return [process.env, ...tasks.map((task) => task.env ?? {})].flatMap(secretValues);
}

/**
 * Hides secrets in all that the attempts of a run have printed: those whose engine died had nobody who did. A file that
 * is being written stays one, for no byte moves.
 *
 * @internal
 */
export async function hideSecretsOfRun(
  root: string,
  runId: string,
  values: readonly string[],
): Promise<void> {
  const folder = join(logFolder(root), safeFileName(runId));
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names.filter((one) => one.endsWith(".log"))) {
    await hideSecretsInFile(join(folder, name), values).catch(() => undefined);
  }
}
