/** What every agent program is put through, against the fake model. A case it does not have is declared with its reason. */
import { existsSync, readFileSync } from "node:fs";
import {
  agentPrograms,
  type FakeStep,
  type InstalledProgram,
  installProgram,
} from "mai-orchestration-testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { type Case, type Driver, type DriverName, drivers } from "./driver.ts";
import { record } from "./record.ts";
import { type Done, left, openScene, type Scene, until } from "./scene.ts";
import { versionsWanted } from "./versions.ts";

const done: FakeStep = { text: "All done." };
const exactly = { input: 1_234, output: 56, cacheRead: 200 };

export function describeRealAgent(name: DriverName): void {
  const driver: Driver = drivers[name];
  let program: InstalledProgram;
  beforeAll(async () => {
    const pinned = agentPrograms[driver.program];
    const version = versionsWanted()[driver.program] ?? pinned.version;
    // Without the program nothing is proven: the suite fails.
    program = await installProgram({ ...pinned, version });
  });

  const sentence = (
    title: Case,
    check: (scene: Scene, kept: (done: Done) => Done) => Promise<void>,
  ): void => {
    if (driver.cannot[title] !== undefined) return;
    test(title, async () => {
      await using scene = await openScene(driver, program);
      await check(scene, (one) => record(name, program.version, title, scene, one));
    });
  };

  describe(name, () => {
    sentence("a file is really written", async (scene, kept) => {
      const steps = [{ text: "I write.", ...driver.write(scene.path("made.txt"), "made") }, done];
      const { outcome } = kept(await scene.attempt({ steps }));
      expect(outcome).toMatchObject({ type: "answered", output: "All done." });
      expect(outcome.issues ?? []).toEqual([]);
      expect(readFileSync(scene.path("made.txt"), "utf8")).toBe("made");
    });

    sentence("a permission that is refused is an issue of the result", async (scene, kept) => {
      const steps = [driver.write(scene.path("made.txt"), "made"), done];
      const { outcome } = kept(await scene.attempt({ steps, options: { permissions: "read-only" } }));
      expect(outcome).toMatchObject({ type: "answered" });
      expect(outcome.issues).toEqual([expect.stringMatching(/^denied: /)]);
      expect(existsSync(scene.path("made.txt"))).toBe(false);
    });

    sentence("a command that is allowed runs", async (scene, kept) => {
      const steps = [driver.shell("touch yes.txt"), driver.shell("npm --version"), done];
      const { outcome } = kept(await scene.attempt({ steps, options: { allow: ["touch *"] } }));
      expect(outcome).toMatchObject({ type: "answered", issues: [expect.stringContaining("npm --version")] });
      expect(existsSync(scene.path("yes.txt"))).toBe(true);
    });

    sentence("cancelled in the midst of a tool's call, nothing is left", async (scene, kept) => {
      const command = "echo > up.txt; setsid tail -f /dev/null & tail -f /dev/null";
      const cancel = new AbortController();
      const running = scene.attempt({
        steps: [driver.shell(command), done],
        options: { permissions: "full" },
        signal: cancel.signal,
      });
      await Promise.race([until(() => existsSync(scene.path("up.txt")), "the tool at work"), running]);
      cancel.abort();
      const { outcome, mark } = kept(await running);
      expect(outcome).toMatchObject({ type: "failed", kind: "task", reason: "ended on request" });
      expect(await left(mark)).toEqual([]);
    });

    sentence("an error of the service that passes is survived", async (scene, kept) => {
      const { outcome } = kept(await scene.attempt({ steps: [{ error: 503, times: 1, ...done }] }));
      expect(outcome).toMatchObject({ type: "answered", output: "All done." });
    });

    sentence("without a login the attempt ends so", async (scene, kept) => {
      const { outcome } = kept(await scene.attempt({ steps: [{ error: 401 }] }));
      expect(outcome).toMatchObject({ type: "failed", kind: "login" });
    });

    sentence("a request that the service refuses is not worth another try", async (scene, kept) => {
      const { outcome } = kept(await scene.attempt({ steps: [{ error: 400 }] }));
      expect(outcome).toMatchObject({ type: "failed", kind: "permanent" });
    });

    sentence("usage is exact to the token", async (scene, kept) => {
      const steps = [
        { ...driver.write(scene.path("made.txt"), "made"), usage: exactly },
        { ...done, usage: exactly },
      ];
      const { outcome, used } = kept(await scene.attempt({ steps }));
      expect(outcome.usage).toMatchObject(knownOf(driver, used));
    });

    sentence("an answer as data fits its schema, or the attempt has failed", async (scene, kept) => {
      const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
      const right = kept(await scene.attempt({ steps: driver.data({ n: 3 }), outputSchema }));
      expect(right.outcome).toMatchObject({ type: "answered", structuredOutput: { n: 3 } });
      const wrong = await scene.attempt({ steps: [{ text: "Not at all data." }], outputSchema });
      expect(wrong.outcome).toMatchObject({ type: "failed", kind: "task" });
    });

    sentence("a session is continued, and its usage is that of the attempt", async (scene, kept) => {
      const steps = { attempts: [[{ text: "First." }], [{ text: "Second.", usage: exactly }]] };
      const first = await scene.attempt({ steps });
      const { sessionId = null } = first.outcome;
      const second = kept(await scene.attempt({ steps, attempt: 2, sessionId }));
      expect(sessionId).not.toBeNull();
      expect(second.outcome).toMatchObject({ type: "answered", output: "Second.", sessionId });
      expect(second.outcome.usage).toMatchObject(knownOf(driver, second.used));
    });

    sentence("a session that is gone gives way to a new one", async (scene, kept) => {
      const gone =
        driver.program === "opencode"
          ? "ses_gone0000000000000000000000"
          : "00000000-0000-4000-8000-000000000000";
      const { outcome } = kept(await scene.attempt({ steps: [done], attempt: 2, sessionId: gone }));
      expect(outcome).toMatchObject({ type: "answered", output: "All done." });
      expect(outcome.sessionId).not.toBe(gone);
    });
  });
}

function knownOf({ tokens }: Driver, used: Done["used"]): object {
  const unknown = { inputTokens: null, outputTokens: null, cacheReadTokens: null };
  if (tokens === "exact") return used;
  return tokens === "output" ? { ...unknown, outputTokens: used.outputTokens } : unknown;
}
