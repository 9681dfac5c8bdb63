/** What a caller wants done. First in the line: plan -> task -> ready -> attempt -> checks -> result. */
import { copyData } from "./copy-data.ts";
import type { CouncilSettings } from "./council.ts";
import type { Deliver } from "./delivery.ts";
import type { OutputSchema } from "./output-schema.ts";

/** What kind of work a task is; an agent's capabilities are a list of these. @public */
export type TaskType = "implementation" | "test" | "review" | "research";

/** Every type of task, for checking and for agents that do all of them. @public */
export const taskTypes: readonly TaskType[] = ["implementation", "test", "review", "research"];

/**
 * How soon a task is served among others that are ready; a low one is not
 * starved for ever.
 *
 * @defaultValue "normal"
 * @public
 */
export type TaskPriority = "high" | "normal" | "low";

/** Every priority, the most urgent first. @public */
export const taskPriorities: readonly TaskPriority[] = ["high", "normal", "low"];

/** A command that the engine runs, after the agent is done, to verify a success criterion. @public */
export interface Check {
  /** Run by `sh -c` in the task's directory; exit code 0 passes. */
  command: string;
  /** Milliseconds one run of the check may take. @defaultValue 600_000 */
  timeout?: number;
  /**
   * Whether a failure is compared with what the task started from: if the check fails there as well it does not fail
   * the task, which then ends unverified. Only with `isolation: "worktree"`.
   * @defaultValue false
   */
  baseline?: boolean;
}

/** Where a task works: with others in the root of the run, or in a work tree of its own. @public */
export type Isolation = "none" | "worktree";

/** Every isolation. @public */
export const isolations: readonly Isolation[] = ["none", "worktree"];

/** When a task waits for a person: before its first attempt, or once an attempt has passed its checks. @public */
export type ApprovalStage = "before" | "after";

/** Both stages. @public */
export const approvalStages: readonly ApprovalStage[] = ["before", "after"];

/** How often, and how soon, a task is tried again. @public */
export interface RetryOptions {
  /**
   * Attempts that may end with an answer (failure, timeout, failed check).
   * @defaultValue 1 for commands and functions, 2 for agents with a model
   */
  maxAttempts?: number;
  /** Attempts that may die with their engine before the task gets one last try alone. @defaultValue 3 */
  maxLost?: number;
  /** Milliseconds before the second attempt; doubles with each further one, up to an hour. @defaultValue 1_000 */
  backoff?: number;
}

/**
 * One unit of work: what is wanted, how success is recognised, and who may do
 * it. Never changed after it is queued. The first eight fields are the
 * original package's; everything after `timeout` is an addition.
 *
 * @public
 */
export interface FarmTask {
  taskId: string;
  type: TaskType;
  description: string;
  /** Handed to the agent as written: not opened, need not exist, grants nothing. */
  context: string[];
  constraints: string[];
  successCriteria: string;
  /** @defaultValue "normal" */
  priority?: TaskPriority;
  /** Milliseconds one attempt may take, its checks not counted. @defaultValue no limit */
  timeout?: number;

  /** Ids of tasks of the same run that must succeed first. */
  dependsOn?: string[];
  /** A shell command that does the task; such a task goes only to agents of backend `command`. */
  command?: string;
  /** Checks that the engine runs on what the agent left. Without any, a success stays `unverified`. */
  verify?: Check[];
  /** The id of the only agent that may do this task. */
  agent?: string;
  retry?: RetryOptions;
  /** Milliseconds an attempt may stay silent before it is ended as timed out. @defaultValue no limit */
  idleTimeout?: number;
  /** Expected milliseconds. Steers the order of ready tasks and nothing else. */
  estimate?: number;
  /** Variables added to the environment of the attempt and of its checks. */
  env?: Record<string, string>;
  /** Where the attempt works, relative to the root of the run. @defaultValue the root */
  cwd?: string;
  /** Tasks that name the same lock never run at the same time. */
  locks?: string[];
  /** What the machine of a worker must have, by the worker's own tags: `gpu`. */
  requires?: string[];
  /**
   * JSON Schema (draft 2020-12) of what the answer must hold. An answer that does not fit fails the attempt; one that
   * does stands in the result as `structuredOutput`.
   */
  outputSchema?: OutputSchema;
  /**
   * `worktree`: on a branch of its own, `mai/RUN/TASK`, in a work tree below `.mai`; where the root is no git
   * repository, in a copy. It starts from what the isolated tasks it depends on left.
   * @defaultValue "none"
   */
  isolation?: Isolation;
  /** The git revision that an isolated task starts from, as it is when the run starts. @defaultValue `HEAD` */
  base?: string;
  /** Shell commands that make a fresh work tree ready, run in its root before the first attempt. */
  setup?: string[];
  /** Folders of the root that git ignores, such as `node_modules`, whose entries are linked into the work tree. */
  link?: string[];
  /** Whether tests, checks and the configuration of CI may be changed without a doubt about the result. */
  allowTestChanges?: boolean;
  /**
   * Has a person say yes or no. `before`: nothing starts without a yes, and a no ends the task as blocked. `after`: a no
   * fails the attempt, and its note is what the next one is told. Who waits holds no slot.
   * @defaultValue nobody is asked
   */
  approval?: ApprovalStage;
  /**
   * What is done with the verified work of an isolated task at the end of its run: left on its branch, written as a
   * patch, merged into `target` once the merged tree passes the checks, or offered as a pull request.
   * @defaultValue "branch"
   */
  deliver?: Deliver;
  /** The branch that `deliver` is about. @defaultValue the one that is checked out when the run starts */
  target?: string;
  /** The id of the decision that this task carries out; its result and the report name it too. */
  decision?: string;
  /** A panel decides what `description` asks; see docs/decisions/0008 of the project. */
  council?: CouncilSettings;
}

/** What {@link createFarmTask} takes beside the required three: every optional field of a task. @public */
export type FarmTaskOptions = Partial<Omit<FarmTask, "taskId" | "type" | "description" | "successCriteria">>;

/** A copy of the task that shares no list and no object with it. @public */
export function copyTask(task: FarmTask): FarmTask {
  const copy: FarmTask = { ...task, context: [...task.context], constraints: [...task.constraints] };
  if (task.dependsOn !== undefined) copy.dependsOn = [...task.dependsOn];
  if (task.locks !== undefined) copy.locks = [...task.locks];
  if (task.requires !== undefined) copy.requires = [...task.requires];
  if (task.verify !== undefined) copy.verify = task.verify.map((check) => ({ ...check }));
  if (task.retry !== undefined) copy.retry = { ...task.retry };
  if (task.env !== undefined) copy.env = { ...task.env };
  if (task.outputSchema !== undefined) copy.outputSchema = copyData(task.outputSchema);
  if (task.setup !== undefined) copy.setup = [...task.setup];
  if (task.link !== undefined) copy.link = [...task.link];
  if (task.council !== undefined) copy.council = structuredCopy(task.council);
  return copy;
}

/** Of plain data. */
function structuredCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
