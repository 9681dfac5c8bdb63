import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { copyWithoutSecrets, hideSecretsInFile } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "mai-secrets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const token = `${"ghp"}_${"aB3dE6gH9k".repeat(4).slice(0, 36)}`;
const hidden = `[redacted]${"*".repeat(30)}`;

function fileOf(content: string | Uint8Array): string {
  const file = join(folder, "1.log");
  writeFileSync(file, content);
  return file;
}

async function copied(file: string, options: { from?: number; grows?: boolean; values?: string[] } = {}) {
  const parts: Uint8Array[] = [];
  const { from = 0, grows = false, values = [] } = options;
  const next = await copyWithoutSecrets(file, {
    from,
    grows,
    values,
    write: (bytes) => void parts.push(bytes),
  });
  return { text: Buffer.concat(parts).toString(), next };
}

test("secrets are hidden in place, and no byte moves", async () => {
  const before = `é one ${token}\n{"k":"${token}"}\nlast`;
  const file = fileOf(before);

  expect(await hideSecretsInFile(file, [])).toBe(2);
  expect(readFileSync(file, "utf8")).toBe(before.replaceAll(token, hidden));
  expect(await hideSecretsInFile(file, [])).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(before.replaceAll(token, hidden));
});

test("values are found although they are no ASCII", async () => {
  const file = fileOf("before pässwörd-1 after");

  await hideSecretsInFile(file, ["pässwörd-1"]);

  expect(readFileSync(file, "utf8")).toBe("before [redacted]** after");
});

test("bytes that are no text stay what they are", async () => {
  const bytes = Buffer.from([0, 255, 254, 10, 128, 129, 200, 13, 10]);
  const file = fileOf(Buffer.concat([bytes, Buffer.from(token), bytes]));

  await hideSecretsInFile(file, []);

  expect(readFileSync(file)).toEqual(Buffer.concat([bytes, Buffer.from(hidden), bytes]));
});

test("a secret is found wherever it lies in a large file", async () => {
  const around = 256 * 1024;
  for (const at of [around - 16_385, around - 16_384, around - 20, around - 1, around, 2 * around - 16_390]) {
    const before = `${"x".repeat(at - 1)} ${token} ${"y".repeat(300_000)}`;
    const file = fileOf(before);
    expect((await copied(file)).text).toBe(before.replace(token, hidden));
    expect(await hideSecretsInFile(file, [])).toBe(1);
    expect(readFileSync(file, "utf8")).toBe(before.replace(token, hidden));
  }
});

test("files with many secrets at any place keep none and nothing else changes", async () => {
  const gap = fc.integer({ min: 0, max: 120_000 });
  await fc.assert(
    fc.asyncProperty(fc.array(gap, { minLength: 1, maxLength: 8 }), async (gaps) => {
      const before = gaps.map((length) => `${"z".repeat(length)} ${token}\n`).join("");
      const file = fileOf(before);
      expect((await copied(file)).text).toBe(before.replaceAll(token, hidden));
      expect(await hideSecretsInFile(file, [])).toBe(gaps.length);
      expect(readFileSync(file, "utf8")).toBe(before.replaceAll(token, hidden));
    }),
    { numRuns: 25 },
  );
});

test("what grows is copied by whole lines, so that a secret written in two parts is hidden", async () => {
  const file = fileOf(`first\nkey ${token.slice(0, 10)}`);
  const first = await copied(file, { grows: true });
  appendFileSync(file, `${token.slice(10)}\nrest`);

  const second = await copied(file, { from: first.next ?? 0, grows: true });
  const last = await copied(file, { from: second.next ?? 0 });

  expect(first.text + second.text + last.text).toBe(`first\nkey ${hidden}\nrest`);
});

test("a file that is not there is no trouble", async () => {
  expect(await hideSecretsInFile(join(folder, "none.log"), [])).toBe(0);
  expect((await copied(join(folder, "none.log"))).next).toBeNull();
});
