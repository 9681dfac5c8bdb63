/** Saying what is wrong: a door for programs that must answer quickly, and so should load little. */

export * from "./error.ts";
export { invariant } from "./invariant.ts";
export * from "./nearest.ts";
