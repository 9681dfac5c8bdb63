/** What tests of mai-orchestration-framework stand on. Suites, which need vitest, are under `/suites`. */
export type { AgentProgramName } from "./agent-programs.ts";
export { agentEnvironment, agentPrograms, fakeModelName } from "./agent-programs.ts";
export type { Caps } from "./checkers.ts";
export {
  canonicalJournal,
  checkAlone,
  checkApprovals,
  checkAttempts,
  checkCaps,
  checkDependencies,
  checkEnds,
  checkFold,
  checkJournal,
  checkLocks,
  checkOpened,
  checkParallel,
  checkSequence,
  checkVerdicts,
  checkWaits,
} from "./checkers.ts";
export type { RecordedRequest } from "./fake-model/handle.ts";
export type { FakeCondition, FakeScript, FakeStep, FakeToolCall, FakeUsage } from "./fake-model/script.ts";
export { script } from "./fake-model/script.ts";
export type { FakeModel, FakeModelOptions } from "./fake-model/server.ts";
export { startFakeModel } from "./fake-model/server.ts";
export type { InstallClaudeOptions, InstalledClaude } from "./install-claude.ts";
export { claudeEnvironment, claudeOrNull, claudeVersion, installClaude } from "./install-claude.ts";
export type { InstalledProgram, InstallOptions, ProgramPackage } from "./install-program.ts";
export { installProgram } from "./install-program.ts";
export { markedProcesses } from "./marked-processes.ts";
export type { ScriptedAgentOptions, ScriptedBehaviour } from "./scripted-agent.ts";
export { scriptedAgent } from "./scripted-agent.ts";
export type { Examination } from "./sim/examine.ts";
export { examineSeed } from "./sim/examine.ts";
export type { Random } from "./sim/random.ts";
export { randomOf } from "./sim/random.ts";
export type { Recording } from "./sim/record.ts";
export { recordSeed } from "./sim/record.ts";
export type { SimulateOptions } from "./sim/simulate.ts";
export type { FaultRates } from "./sim/world.ts";
export type { RunUntilOptions } from "./virtual-clock.ts";
export { VirtualClock } from "./virtual-clock.ts";
