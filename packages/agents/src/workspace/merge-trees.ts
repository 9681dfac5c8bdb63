/** Two commits as one tree, without a work tree and without touching either. */
import { errorOf } from "./git.ts";
import type { GitCall, Repository } from "./repository.ts";

/** @internal */
export type MergedTrees =
  | { readonly type: "merged"; readonly tree: string }
  | {
      readonly type: "conflict";
      /** Both sides in one tree, between conflict markers where they contradict each other. */
      readonly tree: string;
      readonly files: readonly string[];
      /** What git says of it. */
      readonly output: string;
    }
  | { readonly type: "failed"; readonly reason: string };

/** @internal */
export async function mergeTrees(
  repository: Repository,
  ours: string,
  theirs: string,
  call: GitCall,
): Promise<MergedTrees> {
  const words = ["merge-tree", "--write-tree", "--name-only", "--messages", ours, theirs];
  const merged = await repository.run(["-c", "core.quotePath=false", ...words], call);
  const [tree = "", ...rest] = merged.out.split("\n");
  if (merged.code === 1) {
    const files = rest.slice(0, Math.max(0, rest.indexOf("")));
    return { type: "conflict", tree, files, output: rest.join("\n").trim() };
  }
  if (merged.ok) return { type: "merged", tree };
  return { type: "failed", reason: `${errorOf(merged)} (git 2.38 or newer is needed)` };
}

/** @internal */
export async function isAncestor(
  repository: Repository,
  one: string,
  other: string,
  call: GitCall,
): Promise<boolean> {
  return one === other || (await repository.run(["merge-base", "--is-ancestor", one, other], call)).ok;
}
