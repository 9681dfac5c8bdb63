import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import type { FakeModel, FakeStep } from "mai-orchestration-testkit";
import { script, startFakeModel } from "mai-orchestration-testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Format } from "./support/formats.ts";
import { formats } from "./support/formats.ts";

let model: FakeModel;

beforeEach(async () => {
  model = await startFakeModel();
});

afterEach(() => model.close());

function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const content = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(model.url + path, { method: "POST", headers, body: content, ...(signal ? { signal } : {}) });
}

function ask(format: Format, steps: readonly FakeStep[], stream = true): Promise<Response> {
  return post(format.path(stream), format.body([{ user: `Do it. ${script(steps)}` }], { stream }));
}

describe.each(formats)("in the wire format $name", (format) => {
  const steps: readonly FakeStep[] = [
    {
      text: "I look.",
      tools: [{ tool: "read", input: { path: "a" } }, { tool: "list" }],
      usage: { input: 12, output: 3, cacheRead: 7 },
    },
    { text: "Seen." },
  ];

  test.each([true, false])("a turn says text, calls and usage (streaming: %s)", async (stream) => {
    const answer = format.read(await (await ask(format, steps, stream)).text(), stream);

    expect(answer).toEqual({
      text: "I look.",
      calls: [
        { id: expect.any(String), name: "read", input: { path: "a" } },
        { id: expect.any(String), name: "list", input: {} },
      ],
      usage: { input: 12, output: 3, cacheRead: 7 },
      stop: format.stops.tool,
    });
    expect(new Set(answer.calls.map(({ id }) => id)).size).toBe(2);
  });

  test("the turn after the results of the calls is the next step", async () => {
    const history = [{ user: `Do it. ${script(steps)}` }, { calls: 2 }];

    const response = await post(format.path(true), format.body(history, { stream: true }));

    expect(format.read(await response.text(), true)).toMatchObject({
      text: "Seen.",
      calls: [],
      stop: format.stops.end,
    });
    expect(model.requests.at(-1)).toMatchObject({
      format: format.name,
      kind: "step",
      step: 1,
      attempt: 1,
      status: 200,
    });
  });

  test("tools, model and prompt are recorded", async () => {
    await post(format.path(true), format.body([{ user: `Do it. ${script([])}` }], { stream: true }));

    const recorded = { model: "some-model", tools: ["read"], prompt: "Do it. " };
    expect(model.requests).toEqual([expect.objectContaining(recorded)]);
  });

  test("a text of several megabytes arrives whole, also at a slow reader", async () => {
    const response = await ask(format, [{ big: 5_000_000 }]);
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(format.read(await response.text(), true).text).toBe("x".repeat(5_000_000));
  });

  test.each(["length", "refusal"] as const)("a turn may stop for %s", async (stop) => {
    const response = await ask(format, [{ text: "a", stop }]);

    expect(format.read(await response.text(), true).stop).toBe(format.stops[stop]);
  });

  test("an error has its status, a body with its message, and its headers", async () => {
    const response = await ask(format, [{ error: 529, text: "too busy", headers: { "retry-after": "7" } }]);

    expect([response.status, response.headers.get("retry-after")]).toEqual([529, "7"]);
    expect(await response.json()).toMatchObject({
      error: { type: "overloaded_error", message: "too busy", code: 529 },
    });
  });

  test("a cut drops the connection in the midst of the stream", async () => {
    const response = await ask(format, [{ text: "x", big: 200_000, cut: true }]);

    await expect(response.text()).rejects.toThrow();
  });

  test("a request for structured output without tools gets what its schema asks, and uses no step", async () => {
    const schema = {
      type: "object",
      properties: { title: { type: "string" }, count: { type: "integer" }, kind: { enum: ["a", "b"] } },
    };
    const body = format.body([{ user: script(steps) }], { stream: false, schema });

    const { text } = format.read(await (await post(format.path(false), body)).text(), false);

    expect(JSON.parse(text ?? "")).toEqual({ title: "fake", count: 0, kind: "a" });
    expect(model.requests.at(-1)).toMatchObject({ kind: "structured", step: null });
  });

  test("a request for a title is answered beside the script", async () => {
    const body = format.body([{ user: script(steps) }], { stream: true, title: true });

    const { text } = format.read(await (await post(format.path(true), body)).text(), true);

    expect(text).toBe("Fake title");
    expect(model.requests.at(-1)).toMatchObject({ kind: "title", step: null });
  });

  test("a summary for a compaction hands on the steps that are left", async () => {
    const history = [
      { user: `Do it. ${script(steps)}` },
      { calls: 2 },
      {
        user: "Do NOT call any tools. Your task is to create a detailed summary of the conversation so far.",
      },
    ];

    const response = await post(format.path(true), format.body(history, { stream: true }));
    const { text } = format.read(await response.text(), true);
    const after = await post(
      format.path(true),
      format.body([{ user: `It was so: ${text}` }], { stream: true }),
    );

    expect(text).toContain("<summary>");
    expect(format.read(await after.text(), true).text).toBe("Seen.");
  });
});

describe("the fake model", () => {
  const [anthropic] = formats as [Format];

  test("an error with times is given that often to a prompt, then the rest of the step is done", async () => {
    const steps = [{ error: 500, times: 2, text: "Recovered." }];
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await ask(anthropic, steps)).status);

    expect(statuses).toEqual([500, 500, 200]);
  });

  test("an error while the first attempt lasts is not met by the second", async () => {
    const steps = script([{ error: 529, whileAttempt: 1, text: "Fine." }]);
    const asked = async (prompt: string): Promise<number> =>
      (await post("/v1/messages", anthropic.body([{ user: prompt }], { stream: true }))).status;

    expect([await asked(steps), await asked(steps), await asked(`${steps}\nAttempt 2`)]).toEqual([
      529, 529, 200,
    ]);
  });

  test("a delay passes before the first byte, and parallel conversations do not wait for it", async () => {
    const started = performance.now();
    const order: string[] = [];
    const slow = ask(anthropic, [{ delayMs: 1_000, text: "slow" }]).then(() => order.push("slow"));
    await ask(anthropic, [{ text: "quick" }]).then(() => order.push("quick"));
    await slow;

    expect(order).toEqual(["quick", "slow"]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(999);
  });

  test("a hang sends headers and nothing more, and close ends it", async () => {
    const response = await ask(anthropic, [{ hang: true }]);
    const body = response.text();
    body.catch(() => {});
    const first = await Promise.race([
      body,
      new Promise((resolve) => setTimeout(resolve, 100, "still open")),
    ]);

    expect([response.status, first]).toEqual([200, "still open"]);
    await model.close();
    await expect(body).rejects.toThrow();
  });

  test("close ends a delay and frees the port, and may be called twice", async () => {
    const waiting = ask(anthropic, [{ delayMs: 60_000 }]);
    waiting.catch(() => {});
    await expect.poll(() => model.requests.length).toBe(1);

    await Promise.all([model.close(), model.close()]);

    await expect(waiting).rejects.toThrow();
    const again = await startFakeModel({ port: Number(new URL(model.url).port) });
    await again.close();
  });

  test("a client that goes away during a delay leaves the server well", async () => {
    const controller = new AbortController();
    const gone = ask(anthropic, [{ delayMs: 60_000 }]);
    const left = post(
      "/v1/messages",
      anthropic.body([{ user: script([{ hang: true }]) }], { stream: true }),
      controller.signal,
    );
    gone.catch(() => {});
    await left;
    controller.abort();

    expect((await ask(anthropic, [{ text: "well" }])).status).toBe(200);
  });

  test("a script that is none gets a status that no client retries, and its reason", async () => {
    const body = anthropic.body([{ user: '<<FAKE [{"txet":"a"}] FAKE>>' }], { stream: true });
    const response = await post("/v1/messages", body);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("unknown field txet");
    expect(model.requests).toEqual([expect.objectContaining({ kind: "bad-script", status: 400 })]);
  });

  test("a prompt without a script is answered so", async () => {
    const body = anthropic.body([{ user: "hello" }], { stream: false });
    const answer = anthropic.read(await (await post("/v1/messages", body)).text(), false);

    expect(answer.text).toBe("This prompt carries no script.");
  });

  test.each([
    ["POST", "/v1/messages/count_tokens", 200, "input_tokens"],
    ["POST", "/v1beta/models/m:countTokens", 200, "totalTokens"],
    ["GET", "/v1/models", 200, "fake-model"],
    ["GET", "/v1/responses", 404, "not_found_error"],
    ["POST", "/elsewhere", 404, "not_found_error"],
  ])("%s %s is answered %i", async (method, path, status, part) => {
    const response = await fetch(model.url + path, { method, ...(method === "POST" ? { body: "{}" } : {}) });

    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(part)]);
    expect(model.requests).toEqual([expect.objectContaining({ kind: "other", method, path, status })]);
  });

  test("a body that is no JSON is answered 400, one that is too large 413", async () => {
    await model.close();
    model = await startFakeModel({ maxRequestBytes: 1_000 });

    expect((await post("/v1/messages", "{")).status).toBe(400);
    expect((await post("/v1/messages", "x".repeat(1_001))).status).toBe(413);
  });

  test("the record is bounded", async () => {
    await model.close();
    model = await startFakeModel({ maxRecorded: 2 });
    for (const text of ["a", "b", "c"]) await ask(anthropic, [{ text }]);

    expect(model.requests).toHaveLength(2);
  });

  test("nothing but the loopback address is listened on", async () => {
    const { hostname, port } = new URL(model.url);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal);

    expect(hostname).toBe("127.0.0.1");
    for (const { address } of others) expect(await connects(address, Number(port))).toBe(false);
  });
});

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const end = (connected: boolean) => (): void => {
      socket.destroy();
      resolve(connected);
    };
    socket.on("connect", end(true)).on("error", end(false)).on("timeout", end(false));
  });
}
