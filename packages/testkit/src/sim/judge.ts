/** What must hold in every simulated world, whatever went wrong in it. One function per promise; each lists what broke it. */
import { checkCeiling } from "../check-ceiling.ts";
import {
  checkApprovals,
  checkAttempts,
  checkDependencies,
  checkEnds,
  checkFold,
  checkLocks,
  checkOpened,
  checkParallel,
  checkSequence,
  checkVerdicts,
  checkWaits,
} from "../checkers.ts";
import { judgeAcknowledged, judgeCancelled, judgeFinished, judgeTold } from "./laws/acknowledged.ts";
import { judgeAnswers } from "./laws/answers.ts";
import { judgeBudgets } from "./laws/budgets.ts";
import { judgeAlone, judgeCaps, judgeCompany } from "./laws/capacity.ts";
import { judgeDeaths, judgeDrives, judgeRepeats } from "./laws/deaths.ts";
import { judgeAdoptedTimeouts, judgeFailFast, judgeSilence, judgeTimeouts } from "./laws/limits.ts";
import { judgeLeft, judgePaid } from "./laws/paid.ts";
import { judgeVerified } from "./laws/verified.ts";
import type { Simulation } from "./simulate.ts";

/** A promise as a function: one line for each way in which a simulation broke it. @public */
export type Law = (simulation: Simulation) => readonly string[];

/** By the name of the promise. @public */
export const laws: Readonly<Record<string, Law>> = {
  "everything comes to its end": ({ stuck }) => (stuck === null ? [] : [stuck]),
  "no fault breaks an invariant": ({ history }) =>
    history.flatMap((fact) => (fact.type === "broken" ? [fact.what] : [])),
  "entries are numbered in order": ofJournal(checkSequence),
  "each attempt is claimed once, in order": ofJournal(checkAttempts),
  "a task ends once, and only a retry comes after": ofJournal(checkEnds),
  "nothing starts before its dependencies succeeded": ofJournal(checkDependencies),
  "nothing waits for what has ended": ofJournal(checkOpened),
  "nothing starts before its time": (simulation) =>
    hasJumps(simulation) ? [] : ofJournal(checkWaits)(simulation),
  "a verdict says what the journal proves": ofJournal(checkVerdicts),
  "nothing goes on without the yes that it waits for": ofJournal(checkApprovals),
  "an answer of a person counts": judgeAnswers,
  "a lock has one holder": ofJournal(checkLocks),
  "a run keeps its parallel": ofJournal(checkParallel),
  "a run keeps its ceiling": ofJournal(checkCeiling),
  "a last try is alone": judgeAlone,
  "rows are what the journal folds to": judgeFold,
  "no agent has more attempts than slots": judgeCaps,
  "no two attempts of a task live at once": judgeCompany,
  "nothing is said to be over before it is dead": judgeDeaths,
  "nothing runs twice, or after its end": judgeRepeats,
  "a drive leaves nothing running": judgeDrives,
  "what was paid for is not paid for twice": judgePaid,
  "what was left complete is settled from it": judgeLeft,
  "verified is true": judgeVerified,
  "what was acknowledged is never lost": judgeAcknowledged,
  "what was cancelled does not start": judgeCancelled,
  "a report names every task": judgeFinished,
  "only what is durable is told, and once": judgeTold,
  "budgets are kept, and used": judgeBudgets,
  "a timeout ends what is late": judgeTimeouts,
  "an adopted attempt keeps its deadline": judgeAdoptedTimeouts,
  "silence is not endless": judgeSilence,
  "fail-fast stops the rest": judgeFailFast,
};

/** Every way in which a simulation breaks a promise; none when all hold. @public */
export function judge(simulation: Simulation): readonly string[] {
  return Object.entries(laws).flatMap(([name, law]) => law(simulation).map((what) => `${name}: ${what}`));
}

type JournalLaw = typeof checkAttempts;

function ofJournal(law: JournalLaw): Law {
  return ({ history }) => law(history.flatMap((fact) => (fact.type === "entry" ? [fact.entry] : [])));
}

/** Whether the wall clock went back or forth: then times in the journal do not tell what came first. */
function hasJumps({ world }: Simulation): boolean {
  return world.actions.some((action) => action.type === "jump");
}

function judgeFold({ history, runs, tasks }: Simulation): readonly string[] {
  const journal = history.flatMap((fact) => (fact.type === "entry" ? [fact.entry] : []));
  return runs.flatMap(({ runId }) =>
    checkFold(
      journal,
      runId,
      tasks.filter((task) => task.runId === runId),
    ),
  );
}
