/** Run as a program of its own: prints how much memory reading the transcript named on the command line took at most. */
import { parseTranscriptFile } from "mai-project-system";

const before = process.resourceUsage().maxRSS;
const started = performance.now();
const transcript = await parseTranscriptFile(process.argv[2] ?? "");
const ms = performance.now() - started;
const { maxRSS } = process.resourceUsage();
// Kilobytes, as libuv gives them.
const grownBytes = (maxRSS - before) * 1024;
console.log(
  JSON.stringify({ grownBytes, ms, calls: transcript.toolCalls.length, usage: transcript.facts?.toolUsage }),
);
