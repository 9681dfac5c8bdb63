/** A command that only looks should start fast, and most of that time goes into loading files. */
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { parseSource } from "../scripts/architecture/source-file.ts";
import { repositoryRoot, workspacePackages } from "../scripts/lib/repository.ts";

test("mai status loads no room that it does not need", () => {
  const loaded = loadedWith(
    "packages/framework/src/cli/main.ts",
    "packages/framework/src/cli/verbs/status.ts",
    "packages/store-sqlite/src/index.ts",
  );

  const rooms = new Set([...loaded].map((path) => posix.dirname(path).replace(/^packages\//, "")));

  expect([...rooms].sort()).toEqual([
    "core/src",
    "core/src/lifecycle",
    "engine/src",
    "engine/src/store",
    "framework/src/cli",
    "framework/src/cli/store",
    "framework/src/cli/text",
    "framework/src/cli/verbs",
    "framework/src/cli/watch",
    "framework/src/store",
    "store-sqlite/src",
  ]);
  expect(loaded).not.toContain("packages/engine/src/index.ts");
});

test("a hook that a session waits for loads no rules, no engine and no transcripts", () => {
  const loaded = loadedWith(
    "packages/framework/src/cli/main.ts",
    "packages/framework/src/cli/verbs/hook.ts",
    "packages/agents/src/life.ts",
  );

  const packages = new Map<string, number>();
  for (const path of loaded) {
    const name = path.split("/")[1] ?? "";
    packages.set(name, (packages.get(name) ?? 0) + 1);
  }

  expect([...packages.keys()].sort()).toEqual([
    ...["agents", "core", "framework", "project-system", "store-sqlite"],
  ]);
  expect(loaded).not.toContain("packages/core/src/index.ts");
  expect(loaded.size).toBeLessThan(45);
});

/** Every source of ours that is loaded with these, what is imported late aside. */
function loadedWith(...paths: readonly string[]): ReadonlySet<string> {
  const loaded = new Set(paths);
  // A set may grow while it is walked.
  for (const path of loaded) {
    const { imports } = parseSource(path, readFileSync(join(repositoryRoot, path), "utf8"));
    for (const { specifier, typeOnly, late } of imports) {
      const target = typeOnly || late ? undefined : pathOf(path, specifier);
      if (target !== undefined) loaded.add(target);
    }
  }
  return loaded;
}

function pathOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  const owner = workspacePackages().find(({ doors }) => doors.includes(specifier));
  if (owner === undefined) return undefined;
  const room = posix.join("packages", owner.folder, "src", specifier.slice(owner.name.length));
  return existsSync(join(repositoryRoot, `${room}.ts`)) ? `${room}.ts` : posix.join(room, "index.ts");
}
