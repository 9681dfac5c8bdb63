/** The attempts that run on this engine: started, followed to their outcome, told to stop. */
import { demandOf, type FarmTask, messageOf } from "mai-orchestration-core";
import type { Agent } from "../ports/agent.ts";
import type { Claim, ClaimRef, Outcome } from "../ports/store.ts";
import type { NoPlace, Place, Workplace } from "../ports/workplace.ts";
import { type AttemptPorts, runAttempt } from "./attempt.ts";
import type { Drive } from "./drive.ts";
import { feedbackOf } from "./feedback.ts";
import { markOf } from "./mark.ts";
import { Running, type StopCause } from "./running.ts";
import { redactOutcome, type Secrets } from "./secrets.ts";
import { stopOutcome } from "./stop-outcome.ts";

/** What the attempts need of their engine. */
export interface AttemptsPorts {
  readonly workplace: Workplace;
  readonly attempt: AttemptPorts;
  secretsFor(agent: Agent, task: FarmTask): Secrets;
  /** The attempt's processes are gone and its slot is free. */
  onFinished(running: Running, outcome: Outcome): void;
}

export class Attempts {
  readonly #ports: AttemptsPorts;
  readonly #running = new Set<Running>();
  /** The one attempt beside which nothing may start. */
  #alone: Running | null = null;

  constructor(ports: AttemptsPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Whether an attempt runs beside which nothing may start. */
  get isClosed(): boolean {
    return this.#alone !== null;
  }

  claims(): Claim[] {
    return [...this.#running].map((running) => running.claim);
  }

  /** @param adopts - whether another engine began it, which is dead */
  start(claim: Claim, agent: Agent, drive: Drive, adopts: boolean): Running {
    const running = new Running(claim, agent, drive, adopts, this.#ports.secretsFor(agent, claim.task.spec));
    this.#running.add(running);
    drive.running++;
    if (demandOf(claim.task.spec, claim.task.losses).alone) this.#alone = running;
    return running;
  }

  /** Runs it to its outcome, which goes to `onFinished`. */
  async follow(running: Running): Promise<void> {
    let outcome: Outcome;
    try {
      outcome = await this.#run(running);
    } catch (error) {
      outcome = brokenOutcome(running, error);
    }
    this.#leave(running);
    this.#ports.onFinished(running, redactOutcome(running.secrets.redact, outcome));
  }

  async #run(running: Running): Promise<Outcome> {
    const place = await prepare(this.#ports.workplace, running);
    const stopped = stopOutcome(running, null);
    if (stopped === null && !("kind" in place)) {
      this.#noteSharing(running, place.workspace);
      const outcome = await runAttempt(this.#ports.attempt, running, place);
      await this.#hideSecrets(running, place);
      return outcome;
    }
    // What was to be adopted may still be at work: nothing is said of it before it is dead.
    if (running.adopts) await this.#ports.attempt.reap(running.claim);
    return stopped ?? noPlaceOutcome(place as NoPlace);
  }

  /** Before the outcome is known to anybody. A disk that refuses costs the attempt nothing; it is told. */
  async #hideSecrets({ claim, secrets }: Running, { outputFile }: Place): Promise<void> {
    const { workplace, attempt } = this.#ports;
    if (outputFile === "" || workplace.hideSecrets === undefined) return;
    try {
      await workplace.hideSecrets(outputFile, secrets.values);
    } catch (error) {
      const message = `secrets in ${outputFile} could not be hidden: ${messageOf(error)}`;
      await attempt.append(claim, { type: "progress", progress: null, message, sessionId: null });
    }
  }

  stop(claim: ClaimRef, cause: StopCause): void {
    for (const running of this.#running) {
      const { runId, taskId, attempt } = running.claim;
      if (taskId === claim.taskId && runId === claim.runId && attempt === claim.attempt) running.stop(cause);
    }
  }

  stopAll(cause: StopCause): void {
    for (const running of this.#running) running.stop(cause);
  }

  #leave(running: Running): void {
    running.stoppable = false;
    this.#running.delete(running);
    running.drive.running--;
    if (this.#alone === running) this.#alone = null;
  }

  /** Marks all that work in one directory at the same time; a function is no writer there. */
  #noteSharing(running: Running, workspace: string): void {
    if (running.agent.backend === "function") return;
    running.workspace = workspace;
    for (const other of this.#running) {
      if (other === running || other.workspace !== workspace) continue;
      other.shared = true;
      running.shared = true;
    }
  }
}

/** The places of an attempt, or why there are none: a full disk fails attempts, not the engine. */
async function prepare(workplace: Workplace, running: Running): Promise<Place | NoPlace> {
  const { claim, agent, drive } = running;
  try {
    return await workplace.prepare({
      root: drive.options.root,
      claim,
      task: claim.task.spec,
      backend: agent.backend,
      mark: markOf(claim),
      get signal() {
        return running.signal;
      },
    });
  } catch (error) {
    return { reason: messageOf(error), kind: "permanent", output: "" };
  }
}

function noPlaceOutcome({ reason: why, kind, output }: NoPlace): Outcome {
  const reason = `its place to work could not be made: ${why}`;
  return { type: "failed", reason, kind, answer: null, feedback: feedbackOf(reason, output), retryAt: null };
}

/**
 * An attempt rejects when the store does, which has told it to stop by then, or
 * when somebody broke a contract: that costs this task and no other.
 */
function brokenOutcome({ cause }: Running, error: unknown): Outcome {
  const reason = messageOf(error);
  if (cause !== null) return { type: "interrupted", reason };
  return { type: "failed", reason, kind: "permanent", answer: null, feedback: null, retryAt: null };
}
