import { expect, test } from "vitest";
import { failureOf } from "../src/program/failure.ts";

const now = 1_800_000_000_000;

test.each([
  ["unexpected status 401 Unauthorized: no", "login"],
  ["unexpected status 403 Forbidden", "login"],
  [
    '[API Error: {"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}]',
    "login",
  ],
  ["Please set an Auth method in your settings.json", "login"],
  ["exceeded retry limit, last status: 429 Too Many Requests", "quota"],
  ["You exceeded your current quota, please check your plan", "quota"],
  ["402 Payment Required: insufficient credits", "quota"],
  ["You've hit your usage limit.", "quota"],
  ["API Error: 500 oops", "transient"],
  ['{"error":{"code":529,"message":"overloaded"}}', "transient"],
  ["terminated (cause: UND_ERR_SOCKET: other side closed)", "transient"],
  ["API Error: 400 the prompt is too long", "permanent"],
  ['{"error":{"code":404,"message":"no such model"}}', "permanent"],
])("%s is a failure of kind %s", (text, kind) => {
  expect(failureOf({ text, now })).toMatchObject({ type: "failed", kind });
});

test.each([
  ["You've hit your usage limit. Try again in 2 days 3 hours 5 minutes.", 2 * 86_400 + 3 * 3_600 + 300],
  ["quota exceeded; your quota will reset after 18h31m10s.", 18 * 3_600 + 31 * 60 + 10],
  ['{"error":{"code":429,"details":[{"retryDelay":"34.5s"}]}}', 34.5],
  ["status 429: Please retry in 7s", 7],
])("%s says when it opens again", (text, seconds) => {
  expect(failureOf({ text, now })).toMatchObject({ kind: "quota", retryAt: now + seconds * 1_000 });
});

test("a header says when it opens again, in seconds or as a date", () => {
  const text = "too many requests";
  expect(failureOf({ text, status: 429, retryAfter: "90", now })).toMatchObject({ retryAt: now + 90_000 });
  const date = "Fri, 15 Jan 2027 09:00:00 GMT";
  expect(failureOf({ text, status: 429, retryAfter: date, now })).toMatchObject({
    retryAt: Date.parse(date),
  });
});

test("a rate limit that names no time opens after a minute, a quota that is used up at nobody knows when", () => {
  expect(failureOf({ text: "slow down", status: 429, now })).toMatchObject({ retryAt: now + 60_000 });
  expect(failureOf({ text: "You've hit your usage limit.", now })).not.toHaveProperty("retryAt");
});

test("the reason is the message, not the JSON around it", () => {
  const text = '{"type":"error","error":{"message":"fake \\"400\\"","code":400}}';
  expect(failureOf({ text, now })).toMatchObject({ reason: 'fake "400"' });
});
