/** Holds a council as a process of its own, to be killed: `council-process FOLDER PHASE [RUN]`. */
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { resumeCouncil, runCouncil } from "../../src/index.ts";
import { answer, panel } from "./panel.ts";

const [folder = "", phase = "", runId] = process.argv.slice(2);
const log = (name: string, line: string): void => appendFileSync(join(folder, name), `${line}\n`);

/** Hangs in the named phase, once all that went before is durable, until somebody kills it; afterwards, not any more. */
const { agents } = panel(
  async ({ taskId }) => {
    if (runId === undefined && taskId.includes(phase)) {
      log("hangs", taskId);
      await new Promise(() => setInterval(() => undefined, 1_000));
    }
    log("ended", taskId);
    if (taskId.startsWith("council/round-1") && taskId.endsWith("techlead"))
      return answer({ position: "block", concerns: ["too early"] });
    if (taskId.startsWith("council/round"))
      return answer({ position: "approve", recommendations: ["One", "Two"] });
    if (taskId.includes("item-1/try-1/review")) return answer({ position: "block", concerns: ["again"] });
    if (taskId.includes("/review/")) return answer({ position: "approve" });
    return `did ${taskId}`;
  },
  join(folder, "paid"),
);

const place = { agents, root: folder, store: join(folder, "mai.db") };
const held =
  runId === undefined
    ? await runCouncil({ ...place, topic: "Whether", roster: ["TechLead", "PM"], execute: true, parallel: 1 })
    : await resumeCouncil({ ...place, runId });
if (existsSync(folder))
  process.stdout.write(`${JSON.stringify({ reviews: held.reviews, hold: held.synthesis.hold })}\n`);
