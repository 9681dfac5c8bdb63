/** The project that a server serves: its command line, and its store. */
import type { Store } from "mai-orchestration-engine";
import {
  type CommandIo,
  findStore,
  type Output,
  openStore,
  runCommandLine,
} from "mai-orchestration-framework/cli";
import { failureOf } from "./envelope.ts";

type Values = Readonly<Record<string, unknown>>;

/** @internal */
export interface Project {
  readonly io: Pick<CommandIo, "cwd" | "env" | "self" | "now">;
  /** Runs a verb with `--json` inside this process. Resolves what it printed; rejects what it complained of. */
  verb(argv: readonly string[], stdin?: string): Promise<Values>;
  /** Opens the store for the time of `work`: others may make it, move it or remove it. Rejects `store.not-found`. */
  withStore<T>(work: (store: Store) => Promise<T>): Promise<T>;
}

/** @internal */
export function projectOf(io: Project["io"], storePath: string | null): Project {
  const inStore = storePath === null ? [] : ["--store", storePath];
  return {
    io,
    async verb(argv, stdin = "") {
      const out = memory();
      const err = memory();
      const verbIo: CommandIo = {
        ...{ cwd: io.cwd, env: io.env, self: io.self, now: io.now },
        stdout: out.output,
        stderr: err.output,
        readStdin: async () => new TextEncoder().encode(stdin),
        onSignal: () => () => undefined,
      };
      const code = await runCommandLine([...argv, ...inStore, "--json"], verbIo);
      return answerOf(code, out.text(), err.text());
    },
    async withStore(work) {
      const path = storePath ?? (await findStore(noWords, io));
      const store = await openStore(path, true);
      try {
        return await work(store);
      } finally {
        await store.close();
      }
    },
  };
}

const noWords = { args: [], has: () => false, value: () => undefined };

function answerOf(code: number, out: string, err: string): Values {
  const value = parse(out);
  if (code === 0 && value !== undefined) return value;
  const { message, ...told } = failureOf(parse(err)?.["error"] ?? (err.trim() || `mai ended with ${code}`));
  throw Object.assign(new Error(message), told);
}

function parse(text: string): Values | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function memory(): { readonly output: Output; text(): string } {
  const pieces: string[] = [];
  const decoder = new TextDecoder();
  const output: Output = {
    write: (piece) =>
      pieces.push(typeof piece === "string" ? piece : decoder.decode(piece, { stream: true })),
    drained: async () => undefined,
    ...{ isTTY: false, columns: 80, rows: 24 },
  };
  return { output, text: () => pieces.join("") };
}
