/** What writes CLAUDE.local.md: the original's entry point `mai-project-system/writers`. */

export type { LocalMdBlockOptions } from "./local-md/local-md.ts";
export {
  buildLocalMdOptions,
  generateResumeInstructions,
  localMdExists,
  readLocalMd,
  writeLocalMd,
} from "./local-md/local-md.ts";
export type { LocalMdOptions } from "./local-md/local-md-options.ts";
export type {
  StateBlockContent,
  StateBlockOptions,
  StateBlockRead,
  StateBlockWritten,
} from "./local-md/state-block.ts";
export { readStateBlock, removeStateBlock, writeStateBlock } from "./local-md/state-block.ts";
