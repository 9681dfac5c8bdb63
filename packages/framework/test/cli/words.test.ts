import { expect, test } from "vitest";
import { catalogue } from "../../src/cli/catalogue.ts";
import { folder, mai } from "../support/test-io.ts";

test("mai alone, help and --help list every verb", async () => {
  const cwd = folder();

  const said = await Promise.all([mai(cwd, []), mai(cwd, ["help"]), mai(cwd, ["--help"])]);

  for (const { code, out } of said) {
    expect(code).toBe(0);
    for (const { name, summary } of catalogue) expect(out).toContain(`${name.padEnd(10)} ${summary}`);
  }
});

test.each(catalogue.map((entry) => [entry.name]))(
  "mai %s --help shows usage, flags and examples, and takes --json",
  async (name) => {
    const cwd = folder();

    const { code, out } = await mai(cwd, [name, "--help"]);

    expect(code).toBe(0);
    expect(out).toContain(`Usage: mai ${name}`);
    expect(out).toContain("--json");
    expect(out).toContain("--help");
    expect(out).toContain(`  mai ${name}`);
    expect((await mai(cwd, ["help", name])).out).toBe(out);
  },
);

test.each(catalogue.map((entry) => [entry.name]))("mai %s refuses an unknown flag with 4", async (name) => {
  const { code, err } = await mai(folder(), [name, "--jsno"]);

  expect(code).toBe(4);
  expect(err).toContain("unknown flag --jsno; did you mean --json?");
  expect(err).toContain("[cli.usage]");
});

test.each([
  { args: ["statsu"], says: "did you mean `mai status`?" },
  { args: ["--verbose"], says: "unknown flag --verbose" },
  { args: ["run"], says: "something is missing: mai run PLAN" },
  { args: ["run", "a.yaml", "b.yaml"], says: '"b.yaml" is one word too many' },
  { args: ["run", "a.yaml", "--dry-run=yes"], says: "--dry-run takes no value" },
  { args: ["run", "a.yaml", "--parallel"], says: "--parallel needs a value" },
  { args: ["ps", "extra"], says: "one word too many" },
  { args: ["run", "a.yaml", "--store", "mysql://x"], says: "--store takes a file or postgres://" },
  { args: ["ps", "--store", "postgres://a:b@x/y"], says: "A password in --store" },
  { args: ["worker"], says: "--agents" },
  { args: ["worker", "--agents", "bash"], says: "--agents takes ID=N" },
  { args: ["worker", "--agents", "bash=1", "--store", "a.db"], says: "Workers share a store in Postgres" },
  { args: ["agents", "set", "bash"], says: "mai agents set ID N" },
  { args: ["prune"], says: "prune needs --older-than" },
  { args: ["prune", "--older-than", "yesterday"], says: "--older-than must be a duration" },
  { args: ["state", "erase"], says: "state can export and import" },
])("$args is refused with 4 and says what is meant", async ({ args, says }) => {
  const { code, err, out } = await mai(folder(), args);

  expect(code).toBe(4);
  expect(out).toBe("");
  expect(err).toContain(says);
});

test("with --json an error is one JSON object on stderr", async () => {
  const { code, err } = await mai(folder(), ["status", "--json"]);

  expect(code).toBe(4);
  expect(JSON.parse(err)).toMatchObject({
    error: { code: "store.not-found", hint: expect.stringContaining("mai run") },
  });
});

test("verbs that look need a store, and make none", async () => {
  const cwd = folder();

  for (const args of [
    ["ps"],
    ["status"],
    ["events"],
    ["cost"],
    ["report"],
    ["audit"],
    ["resume"],
    ["cancel"],
    ["attach"],
    ["logs", "a"],
    ["why", "a"],
  ]) {
    const { code, err } = await mai(cwd, args);
    expect(code).toBe(4);
    expect(err).toContain("There is no .mai/mai.db");
  }
});
