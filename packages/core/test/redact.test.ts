import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactData, redactor, secretValues } from "../src/redact/index.ts";

const redact = redactor();

/** Written in parts, so that no scanner takes this file for a leak. */
const secrets: Readonly<Record<string, string>> = {
  anthropic: `sk-${"ant"}-api03-${"aB3_dE-9".repeat(11)}AA`,
  openai: `sk-${"proj"}-${"aB3dE6gH9k".repeat(8)}`,
  "openai, old": `sk-${"aB3dE6gH9kLm".repeat(4)}`,
  openrouter: `sk-${"or"}-v1-${"0a1b2c3d".repeat(8)}`,
  github: `${"ghp"}_${"aB3dE6gH9k".repeat(4).slice(0, 36)}`,
  "github, of an app": `${"ghs"}_${"aB3dE6gH9k".repeat(4).slice(0, 36)}`,
  "github, fine-grained": `${"github"}_pat_${"11ABCDEFG0".repeat(8)}`,
  gitlab: `${"glpat"}-${"aB3dE6gH9k".repeat(2)}`,
  aws: `${"AKIA"}IOSFODNN7EXAMPLE`.replace("0", "2"),
  google: `${"AIza"}Sy${"aB3dE6gH9k-".repeat(3)}`,
  slack: `${"xoxb"}-123456789012-${"aB3dE6gH9k".repeat(2)}`,
  npm: `${"npm"}_${"aB3dE6gH9k".repeat(4).slice(0, 36)}`,
  "hugging face": `${"hf"}_${"aB3dE6gH9k".repeat(4).slice(0, 34)}`,
  stripe: `${"sk"}_live_${"aB3dE6gH9k".repeat(3)}`,
  jwt: `${"eyJ"}hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${"aB3dE6gH9k".repeat(4)}`,
};

const privateKey = [
  `-----BEGIN ${"RSA"} PRIVATE KEY-----`,
  ...Array.from({ length: 12 }, (_, line) => `${line}MIIEpAIBAAKCAQEAaB3dE6gH9k/+`.padEnd(64, "q")),
  `-----END ${"RSA"} PRIVATE KEY-----`,
].join("\n");

describe("what is hidden", () => {
  test.each(Object.entries(secrets))("a secret of %s, wherever it stands", (_, secret) => {
    const texts = [
      secret,
      `key=${secret}`,
      `{"key":"${secret}","n":1}`,
      `line\n${secret}\nline`,
      JSON.stringify(`line\n${secret}\tx`),
      `\u001b[32m${secret}\u001b[0m`,
      `https://host/?key%3D${secret}&x=1`,
      `export KEY='${secret}'; run`,
    ];

    for (const text of texts) {
      const hidden = redact(text);
      expect(hidden).not.toContain(secret.slice(-12));
      expect(hidden).toHaveLength(text.length);
      expect(hidden).toBe(text.replace(secret, `[redacted]${"*".repeat(secret.length - 10)}`));
    }
  });

  test("a private key, as a file and inside of JSON", () => {
    expect(redact(`before\n${privateKey}\nafter`)).toMatch(/^before\n\[redacted\][*\n]+\nafter$/);
    expect(redact(`before\n${privateKey}\nafter`).split("\n")).toHaveLength(16);
    expect(JSON.parse(redact(JSON.stringify({ key: privateKey, next: "after" })))).toMatchObject({
      next: "after",
    });
    expect(redact(JSON.stringify(privateKey))).not.toContain("MIIE");
  });

  test("the lines of a private key that was cut", () => {
    const cut = privateKey.slice(0, 500);

    expect(redact(cut)).not.toContain("MIIE");
  });

  test("passwords of URLs and headers of requests", () => {
    expect(redact("postgres://app:hunter2x@db:5432/x")).toBe("postgres://app:********@db:5432/x");
    expect(redact("Authorization: Bearer abcdef0123456789abcdef\n")).toBe(
      "Authorization: Bearer [redacted]************\n",
    );
  });

  test("given values, as they are and as JSON writes them", () => {
    const value = 'pa"ss\\w\norD';
    const hide = redactor([value, "short"]);

    expect(hide(`a ${value} b short`)).toBe("a *******\n*** b short");
    expect(hide(JSON.stringify({ value }))).toBe('{"value":"[redacted]****"}');
  });
});

describe("what is left alone", () => {
  test.each([
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "123e4567-e89b-12d3-a456-426614174000",
    "class sk-loading-indicator-for-wide-screens and task-a1b2c3d4e5f6a7b8c9d0",
    "npm_config_registry=https://registry.example.org and npm_lifecycle_event",
    "git@github.com:owner/repository.git and ssh://git@host:22/path",
    "postgres://app:$PASSWORD@db/x and http://[::1]:8080/@scope/name",
    "Bearer of bad news: authentication-is-required-for-this",
    "look for '-----BEGIN PRIVATE KEY-----' in all of the files, and report",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    "run-mha1b2c3-a1b2c3 sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ])("%s", (text) => {
    expect(redact(text)).toBe(text);
  });

  test("digests and ids of any kind", () => {
    const digest = fc.stringMatching(/^[0-9a-f]{7,128}$/);
    fc.assert(
      fc.property(
        digest,
        fc.uuid(),
        (hex, id) => redact(`${hex} ${id} tree-${hex}`) === `${hex} ${id} tree-${hex}`,
      ),
    );
  });

  test("a text without secrets, whatever is in it", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => redact(text) === text));
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    ...Object.values(secrets),
    privateKey,
    privateKey.slice(0, 300),
    "Bearer ",
    "://u:",
    "@",
    "sk-",
    "eyJ",
    "AIza",
  ),
  fc.string({ maxLength: 12 }),
  fc.constantFrom(" ", "\n", "\\n", '"', "-----", "_", "-"),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

test("length and line breaks stay, and so does all that is not hidden", () => {
  fc.assert(
    fc.property(text, (before) => {
      const after = redact(before);

      expect(after).toHaveLength(before.length);
      for (let at = 0; at < before.length; at++) {
        if (before[at] === "\n" || before[at] === "\r") expect(after[at]).toBe(before[at]);
        else if (after[at] !== before[at]) expect("[redacted]*").toContain(after[at]);
      }
    }),
  );
});

test("every secret between others is hidden, whatever they are", () => {
  const some = fc.array(fc.constantFrom(...Object.values(secrets), privateKey), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(some, fc.constantFrom(" ", "\n", '","', "\\n", ";"), (all, between) => {
      const hidden = redact(all.join(between));
      for (const secret of all) expect(hidden).not.toContain(secret.slice(-16));
    }),
  );
});

test("a value that is given never stays, whatever is around it", () => {
  const value = fc
    .string({ minLength: 8, maxLength: 30 })
    .filter((one) => new Set(one).size > 5 && !one.includes("*"));
  fc.assert(
    fc.property(value, text, text, (secret, before, after) => {
      expect(redactor([secret])(before + secret + after)).not.toContain(secret);
      expect(redactor([secret])(JSON.stringify(before + secret + after))).not.toContain(
        JSON.stringify(secret).slice(1, -1),
      );
    }),
  );
});

// A search that goes back and forth takes minutes for these, and the test runs out of time.
test.each([
  "sk-",
  "sk-a-",
  "eyJ",
  "eyJaaaaaaaaaa.",
  "a",
  "://a:",
  "://",
  "Bearer a",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEAaB3dE6gH9kMIIEpAIBAAKCAQEA\n",
  "-----BEGIN ",
  "\\n",
  "xoxb-a",
  "ghp_",
  "[0;0;0;0",
  "aws_secret_access_key = ",
])("1 MB of %j takes a moment", (unit) => {
  const long = unit.repeat(Math.ceil(1_000_000 / unit.length));

  expect(redactor(["0123456789abcdef", "aaaaaaab"])(long)).toHaveLength(long.length);
});

test("data keeps its form, and what has no secret is the same object", () => {
  const clean = { a: ["b", { c: 1 }], d: null };

  expect(redactData(redact, clean)).toBe(clean);
  expect(redactData(redact, { a: [`k ${secrets["aws"]}`], n: 2 })).toEqual({
    a: ["k [redacted]**********"],
    n: 2,
  });
});

test("an environment's secrets are known by their names", () => {
  const found = secretValues({
    ANTHROPIC_API_KEY: "value-of-key-1",
    MY_TOKEN: "tok3n-of-mine",
    DB_PASSWORD: "correct horse 7",
    GITHUB_TOKEN_FILE: "/run/secrets/x",
    SSH_AUTH_SOCK: "/tmp/ssh-1/agent.2",
    PASSWORD: "password",
    SHORT_KEY: "abc123",
    PWD: "/home/somebody/project-1",
    PATH: "/usr/bin:/bin",
    KEYBOARD: "some-layout-42",
  });

  expect(found.sort()).toEqual(["correct horse 7", "tok3n-of-mine", "value-of-key-1"]);
});
