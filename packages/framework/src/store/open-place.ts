/** Where a store is: a file, or a namespace in Postgres. Only who has one of those loads what it needs. */
import { MaiError } from "mai-orchestration-core";
import type { Store } from "mai-orchestration-engine";
import { systemClock } from "mai-orchestration-engine/store";
import type { PostgresStore } from "mai-orchestration-postgres";
import { openStore } from "../execution/state-folder.ts";
import { isPostgresUrl } from "./shared-store.ts";

/** Opens the store in a file or in Postgres. Rejects, or throws, a `MaiError` with a `store.` code. @internal */
export async function openPlace(
  place: string,
  options: { readonly mustExist?: boolean; readonly patienceMs?: number } = {},
): Promise<Store> {
  if (isPostgresUrl(place)) return openPostgres(place, options);
  const { mustExist = false } = options;
  return openStore(place, systemClock, { mustExist });
}

/** @internal */
export async function openPostgres(
  url: string,
  options: { readonly mustExist?: boolean; readonly patienceMs?: number } = {},
): Promise<PostgresStore> {
  const { openPostgresStore } = await import("mai-orchestration-postgres").catch((error: unknown) => {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw error;
    throw new MaiError("store.not-installed", "A store in Postgres needs mai-orchestration-postgres", {
      hint: "npm install mai-orchestration-postgres, where mai-orchestration-framework is installed.",
      cause: error,
    });
  });
  return openPostgresStore({ url, clock: systemClock, ...options });
}
