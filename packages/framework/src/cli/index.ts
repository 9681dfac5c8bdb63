/**
 * The command line as a door for our other programs: its verbs inside their process, and what the verbs themselves are
 * made of. Not for users of the library.
 */

export { thisUser } from "../execution/this-user.ts";
export { type Answered, answerApproval } from "./approval/answer-approval.ts";
export { runCommandLine } from "./command-line.ts";
export type { CommandIo, Output } from "./io.ts";
export { type Driver, driverOf } from "./run/driver-of.ts";
export { judgedTasks } from "./store/final-results.ts";
export { findRun, findTask } from "./store/find-run.ts";
export { findStore, openStore, storeFrom } from "./store/find-store.ts";
export { stateOf } from "./verbs/ps.ts";
