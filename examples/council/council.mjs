/**
 * The whole loop in one file: a panel decides, its decision is carried out, the panel reviews the work.
 *
 *     node examples/council/council.mjs             with agents that are functions, in a second
 *     node examples/council/council.mjs --claude    with Claude Code, in this folder
 */
import { functionAgent, runCouncil } from "mai-orchestration-framework";

const isScripted = !process.argv.includes("--claude");

const says = (answer) => JSON.stringify(answer);

/** Blocks at first, is convinced in the second round, and sends the first try back. */
function speak({ taskId }) {
  const isGuard = taskId.endsWith("/securityengineer");
  if (taskId.includes("/review/")) {
    return isGuard && taskId.includes("/try-1/")
      ? says({ position: "block", content: "Not yet.", concerns: ["sessions never expire"] })
      : says({ position: "approve", content: "Done as decided." });
  }
  if (isGuard && taskId.includes("/round-1/"))
    return says({ position: "block", content: "Too risky.", concerns: ["stolen sessions"] });
  return says({
    position: "approve",
    content: "A table in the database is enough.",
    recommendations: ["Keep sessions in a table"],
  });
}

const agents = [
  functionAgent({
    id: "explore",
    capabilities: ["research", "review"],
    maxConcurrent: 3,
    run: async (task) => speak(task),
  }),
  functionAgent({
    id: "general-purpose",
    capabilities: ["implementation"],
    maxConcurrent: 2,
    run: async (task) => `Did it: ${task.description}. ${task.context.at(-1)}`,
  }),
];

const { synthesis, session, actionItems, reviews } = await runCouncil({
  topic: "Where do we keep the sessions of our users?",
  context: "A small web shop with one server.",
  roster: ["ProductManager", "TechLead", { role: "SecurityEngineer", vetoPower: true }],
  // A real panel decides and leaves it at that; scripted agents change no file.
  execute: isScripted,
  ...(isScripted ? { agents } : {}),
});

for (const { number, perspectives } of session.rounds)
  console.log(
    `Round ${number}: ${perspectives.map(({ agent, position }) => `${agent.name} ${position}`).join(", ")}`,
  );
console.log(
  `${synthesis.decision} (${synthesis.consensusLevel}, ${Math.round(synthesis.confidence * 100)}%)`,
);
for (const { task, owner, priority } of actionItems) console.log(`- ${task} (${owner}, ${priority})`);
for (const { task, verdict, tries } of reviews)
  console.log(`Review: ${task}: ${verdict} after ${tries} tries`);
