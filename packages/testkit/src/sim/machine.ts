/** The simulated machine: its time, its processes, the file on its disk, and what happened on it. */
import { type AgentOutcome, MemoryTable, markOf, type Table } from "mai-orchestration-engine";
import { VirtualClock } from "../virtual-clock.ts";
import { calm } from "./draw-faults.ts";
import type { Fact, Happening, ProcessFact } from "./history.ts";
import { type Random, randomOf } from "./random.ts";
import type { FaultRates, SimWorld } from "./world.ts";

/** When worlds begin, Unix milliseconds. */
const beginning = 1_750_000_000_000;
/** A process that was told to end has done so within this. */
export const longestStopMs = 5_000;

/** A process of an attempt. It lives until it ends by itself or is ended, whatever became of its worker. */
export interface Child extends ProcessFact {
  readonly mark: string;
  isAlive: boolean;
  /** Until when its process uses CPU, in virtual milliseconds since the world began. */
  busyUntilMs: number;
}

/** What an agent's program does, whoever listens. */
export interface Program {
  readonly child: Child;
  /** How it ended by itself; `null` while it lives, and when it was killed. */
  end: ProgramEnd | null;
  /** Called when it is over, however. */
  readonly listeners: Set<() => void>;
  /** Tells it to stop, which takes a while. */
  stop(): void;
}

export interface ProgramEnd {
  readonly outcome: AgentOutcome;
  readonly rejects: boolean;
  /** Whether it had been told to stop: what it said then does not count. */
  readonly wasStopped: boolean;
}

/** Rows that outlive every process that has them open. */
function memoryFile(): () => Table {
  const file = new MemoryTable();
  return () => file;
}

export class Machine {
  readonly world: SimWorld;
  readonly random: Random;
  readonly clock: VirtualClock = new VirtualClock(beginning);
  readonly history: Fact[] = [];
  /** The file on its disk, for looking at what was committed. */
  readonly file: Table;
  /** The file as one more process opens it. */
  readonly open: () => Table;
  /** Commits so far: how a process knows that another one wrote. */
  commits = 0;
  faults: FaultRates;
  /** Whether the last timer did nothing that anybody could go on from. */
  wasQuiet = false;
  readonly #children = new Set<Child>();
  /** By their marks: what programs are at, or have left when they ended by themselves. */
  readonly programs: Map<string, Program> = new Map();
  readonly #deadWorkers = new Set<string>();
  readonly #onHealed = new Set<() => void>();
  #jumpedMs = 0;
  #lastSeq = 0;
  #processes = 0;

  constructor(world: SimWorld, open: () => Table = memoryFile()) {
    this.world = world;
    this.open = open;
    this.file = open();
    this.random = randomOf(`machine ${world.seed}`);
    this.faults = world.faults;
  }

  get isHealed(): boolean {
    return this.faults === calm;
  }

  /** Virtual milliseconds since the world began. */
  get atMs(): number {
    return this.clock.now() - beginning;
  }

  /** What the wall clock shows. */
  now(): number {
    return this.clock.now() + this.#jumpedMs;
  }

  jump(ms: number): void {
    this.#jumpedMs += ms;
    this.tell({ type: "fault", what: `the clock jumps by ${ms} ms` });
  }

  after(ms: number, fire: () => void): () => void {
    return this.clock.timer(ms, fire);
  }

  tell(happening: Happening): void {
    this.history.push({ ...happening, atMs: this.atMs });
  }

  /** To be called after each commit. */
  readNewEntries(): void {
    for (const entry of this.file.journal(this.#lastSeq, undefined, Number.MAX_SAFE_INTEGER)) {
      this.#lastSeq = entry.seq;
      this.tell({ type: "entry", entry });
    }
  }

  heal(): void {
    this.faults = calm;
    this.tell({ type: "healed" });
    for (const listener of [...this.#onHealed]) listener();
    this.#onHealed.clear();
  }

  onHealed(listener: () => void): () => void {
    this.#onHealed.add(listener);
    return () => this.#onHealed.delete(listener);
  }

  startChild(fact: Omit<ProcessFact, "process">): Child {
    const child: Child = {
      ...fact,
      process: ++this.#processes,
      mark: markOf(fact),
      isAlive: true,
      busyUntilMs: 0,
    };
    this.#children.add(child);
    this.tell({ type: "process.started", ...factOf(child) });
    return child;
  }

  endChild(child: Child, how: string): void {
    if (!child.isAlive) return;
    child.isAlive = false;
    this.#children.delete(child);
    this.tell({ type: "process.ended", how, ...factOf(child) });
    const program = this.programs.get(child.mark);
    if (program?.child !== child) return;
    for (const listener of [...program.listeners]) listener();
  }

  childrenOf(mark: string): Child[] {
    return [...this.#children].filter((child) => child.mark === mark);
  }

  /** Functions die with the process that they run in. */
  workerDied(worker: string, endsWithIt: (child: Child) => boolean): void {
    this.#deadWorkers.add(worker);
    for (const child of [...this.#children]) {
      if (child.worker === worker && endsWithIt(child)) this.endChild(child, "died with its worker");
    }
  }

  isDead(worker: string): boolean {
    return this.#deadWorkers.has(worker);
  }

  get livingChildren(): number {
    return this.#children.size;
  }

  /** A word in the trace for a fault that is drawn now. */
  fault(random: Random, name: keyof FaultRates): boolean {
    const rate = this.faults[name];
    if (rate === 0 || !random.chance(rate)) return false;
    this.tell({ type: "fault", what: name });
    return true;
  }
}

function factOf({ mark: _, isAlive: __, ...fact }: Child): ProcessFact {
  return fact;
}
