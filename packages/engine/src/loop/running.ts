/** An attempt of this engine while it runs. */
import { MaiError } from "mai-orchestration-core";
import type { Agent } from "../ports/agent.ts";
import type { Claim } from "../ports/store.ts";
import type { Drive } from "./drive.ts";
import type { Secrets } from "./secrets.ts";

/** Why an attempt was told to stop. */
export type StopCause = "cancelled" | "interrupted" | "timeout" | "idle" | "lost";

export class Running {
  readonly claim: Claim;
  readonly agent: Agent;
  readonly drive: Drive;
  /** Whether another engine began it, which is dead. */
  readonly adopts: boolean;
  readonly secrets: Secrets;
  /** Set by the first stop; later ones change nothing. */
  cause: StopCause | null = null;
  /** Why it counts as stalled, when it does. */
  judgement = "";
  /** Whether another attempt worked in the same directory meanwhile. */
  shared = false;
  /** The directory it works in, once that is known. */
  workspace: string | null = null;
  /** Whether its processes may still be told to stop: not once its outcome is on the way to the store. */
  stoppable = true;
  /** Called by the first stop. */
  onStop: (() => void) | null = null;
  #controller: AbortController | null = null;

  constructor(claim: Claim, agent: Agent, drive: Drive, adopts: boolean, secrets: Secrets) {
    this.claim = claim;
    this.agent = agent;
    this.drive = drive;
    this.adopts = adopts;
    this.secrets = secrets;
  }

  /** Made when first asked for: most functions never look at it. */
  get signal(): AbortSignal {
    this.#controller ??= this.#newController();
    return this.#controller.signal;
  }

  stop(cause: StopCause): void {
    if (this.cause !== null || !this.stoppable) return;
    this.cause = cause;
    this.#controller?.abort(stopReason(cause));
    this.onStop?.();
  }

  #newController(): AbortController {
    const controller = new AbortController();
    if (this.cause !== null) controller.abort(stopReason(this.cause));
    return controller;
  }
}

function stopReason(cause: StopCause): MaiError {
  return new MaiError("run.stopped", `The attempt was stopped: ${cause}`);
}
