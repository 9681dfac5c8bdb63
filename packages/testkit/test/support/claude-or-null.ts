/** Run as a program of its own: prints what `claudeOrNull` resolves to. */
import { claudeOrNull } from "mai-orchestration-testkit";

console.log(JSON.stringify(await claudeOrNull()));
