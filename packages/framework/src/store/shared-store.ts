/** Stores in Postgres, told from others without loading anything of them. */
import type { Store } from "mai-orchestration-engine";
import type { PostgresStore } from "mai-orchestration-postgres";

/** Whether a text names a store in Postgres. @internal */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//i.test(text);
}

/** A URL as it may be shown to anybody: without user name and password. @internal */
export function withoutSecrets(place: string): string {
  if (!isPostgresUrl(place) || !URL.canParse(place)) return place;
  const url = new URL(place);
  url.username = "";
  url.password = "";
  url.searchParams.delete("password");
  return url.href;
}

/** Whether a password stands in a URL. @internal */
export function hasPassword(place: string): boolean {
  if (!isPostgresUrl(place) || !URL.canParse(place)) return false;
  const url = new URL(place);
  return url.password !== "" || url.searchParams.has("password");
}

/** Whether a store is shared by machines, with workers that say what they offer. @internal */
export function isShared(store: Store): store is PostgresStore {
  return "workers" in store;
}
