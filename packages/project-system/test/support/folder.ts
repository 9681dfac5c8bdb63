/** A folder for one test, and files of the recordings. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Is gone when the test has ended. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mai-project-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function fixturePath(name: string): string {
  return join(import.meta.dirname, "..", "fixtures", name);
}

export function fixture(name: string): string {
  return readFileSync(fixturePath(name), "utf8");
}

/** Lines of a transcript. */
export function lines(...values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

/** A use of a tool as Claude Code writes it. */
export function use(id: string, name: string, input: unknown): unknown {
  return {
    type: "assistant",
    message: { id: `msg-${id}`, content: [{ type: "tool_use", id, name, input }] },
  };
}

/** The answer to it. */
export function answer(id: string, content: unknown, toolUseResult?: unknown, isError = false): unknown {
  const block = { type: "tool_result", tool_use_id: id, content, is_error: isError };
  return { type: "user", message: { role: "user", content: [block] }, toolUseResult };
}
