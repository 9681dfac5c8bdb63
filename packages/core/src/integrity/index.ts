/** What an agent changed of that which proves its work. */
export { doubtsOf } from "./doubts.ts";
export { type FileChange, readDiff } from "./read-diff.ts";
