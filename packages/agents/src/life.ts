/** Whether an engine of this machine lives: a door that loads little. */

export { isWorkerDead } from "./process/worker-life.ts";
