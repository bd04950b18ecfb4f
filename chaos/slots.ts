import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, type ProcessName, type RunningProcess } from '../sandbox/processes';
import { LISTENERS, PROCESSES, slotsOf, type Who } from './plan';

export interface SlotOptions {
  env: (name: ProcessName) => Record<string, string>;
  /** Folder of the build that runs. */
  build: string;
  /** Module that lets a signal set a process's clock. */
  clock: string;
  /** Folder of ours for what it reads. */
  folder: string;
  /** Whether a process cannot be blamed for a start that failed, which began at this time (monotonic ms). */
  isExcused: (name: ProcessName, since: number) => boolean;
  onLine: (slot: string, line: string) => void;
}

const RESTART_AFTER_MS = 300;
const LOOK_EVERY_MS = 50;

/** Somebody else took the port that we had found free: the next start gets another. */
const PORT_TAKEN = /EADDRINUSE|Port \d+ on \S+ is in use/;

/** A process that is struck: its slot, and its id while it was. */
export interface Victim {
  slot: string;
  pid: number;
}

interface Slot {
  name: ProcessName;
  /** Whether a process ought to be in it. */
  wanted: boolean;
  process: RunningProcess | undefined;
  supervisor: Promise<void>;
}

/**
 * The processes of the product, each in a slot that is emptied and filled by faults. One that ends by itself is started again, as
 * any orchestrator does.
 */
export class Slots {
  private readonly slots = new Map<string, Slot>();
  private readonly ends: string[] = [];

  constructor(private readonly options: SlotOptions) {}

  /** @throws Error when they do not all serve in time */
  async startAll(): Promise<void> {
    PROCESSES.forEach((slot) => this.start(slot));
    for (const slot of PROCESSES) await this.untilReady(slot);
  }

  /** Begins to keep a process in the slot. What it needs may be away: it is tried again and again. */
  start(name: string): void {
    const slot = this.slots.get(name) ?? fresh(name);
    this.slots.set(name, slot);
    if (slot.wanted) return;
    slot.wanted = true;
    slot.supervisor = this.supervise(name, slot);
  }

  /**
   * Processes that ended though nobody had asked them to, or did not start though they could have, one line each. They were started
   * again, as an orchestrator does.
   */
  get unexpectedEnds(): readonly string[] {
    return this.ends;
  }

  url(name: string): string | undefined {
    return this.slots.get(name)?.process?.url;
  }

  /**
   * Those who are meant, once each of their slots has a process that serves, and one of them leads where that is asked for: what is not
   * there cannot be struck.
   * @throws the signal's reason when it comes first
   */
  async those(who: Who, signal: AbortSignal): Promise<Victim[]> {
    for (;;) {
      const victims = await this.present(who);
      if (victims !== undefined) return victims;
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  /** Those of them that run now. */
  running(who: Who): Victim[] {
    return this.inSlots(slotsOf(who));
  }

  private inSlots(slots: readonly string[]): Victim[] {
    return slots.flatMap((slot) => {
      const pid = this.slots.get(slot)?.process?.child.pid;
      return pid === undefined ? [] : [{ slot, pid }];
    });
  }

  private async present(who: Who): Promise<Victim[] | undefined> {
    const meant = who === 'leader' ? await this.leaders() : slotsOf(who);
    const victims = this.inSlots(meant);
    return victims.length > 0 && victims.length === meant.length ? victims : undefined;
  }

  /** SIGKILL: the process has no say in it. */
  async kill(name: string): Promise<void> {
    const slot = this.empty(name);
    slot?.process?.child.kill('SIGKILL');
    await slot?.supervisor;
  }

  /** SIGTERM, as a deployment does. */
  async stop(name: string): Promise<void> {
    this.thaw(name);
    const slot = this.empty(name);
    await slot?.process?.stop();
    await slot?.supervisor;
  }

  freeze(name: string): void {
    this.signal(name, 'SIGSTOP');
  }

  thaw(name: string): void {
    this.signal(name, 'SIGCONT');
  }

  /** Sets the clock of the machine, as it were: a process that is started there later has it too. 0 hours: it is right again. */
  setClock(name: string, hours: number): void {
    writeFileSync(this.clockFile(name), String(hours));
    this.signal(name, 'SIGUSR2');
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.slots.keys()].map((name) => this.kill(name)));
  }

  private signal(name: string, signal: NodeJS.Signals): void {
    this.slots.get(name)?.process?.child.kill(signal);
  }

  private empty(name: string): Slot | undefined {
    const slot = this.slots.get(name);
    if (slot !== undefined) slot.wanted = false;
    return slot;
  }

  private async supervise(name: string, slot: Slot): Promise<void> {
    const { env, build, clock, isExcused, onLine } = this.options;
    while (slot.wanted) {
      const since = performance.now();
      try {
        const environment = { ...env(slot.name), CHAOS_CLOCK_FILE: this.clockFile(name) };
        slot.process = await startProcess(slot.name, environment, {
          build,
          until: 'alive',
          nodeArguments: ['--require', clock],
          onLine: (line) => onLine(name, line),
        });
        // Asked to go while it was starting.
        if (!isWanted(slot)) slot.process.child.kill('SIGKILL');
        const end = await slot.process.child.end;
        onLine(name, `chaos: ${name} ${end}`);
        if (isWanted(slot)) this.ends.push(`${name} ${end}, and nobody had asked it to`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        onLine(name, `chaos: ${name} did not start: ${why}`);
        const isBlamed = !PORT_TAKEN.test(why) && !isExcused(slot.name, since);
        if (isWanted(slot) && isBlamed) this.ends.push(`${name} did not start: ${firstLine(why)}`);
      }
      slot.process = undefined;
      if (isWanted(slot)) await sleep(RESTART_AFTER_MS);
    }
  }

  private async untilReady(name: string): Promise<void> {
    const deadline = performance.now() + 90_000;
    while (performance.now() < deadline) {
      const url = this.url(name);
      if (url !== undefined && (await answers(`${url}/readyz`))?.ok === true) return;
      await sleep(100);
    }
    throw new Error(`${name} was not ready within 90 s`);
  }

  private clockFile(name: string): string {
    return join(this.options.folder, `${name}.clock`);
  }

  /** Which listener says that it leads; one that is frozen says nothing. */
  async leaders(): Promise<string[]> {
    for (const name of LISTENERS) {
      const answer = await answers(`${this.url(name) ?? ''}/readyz`);
      const body = (await answer?.json().catch(() => undefined)) as { role?: string } | undefined;
      if (body?.role === 'leader') return [name];
    }
    return [];
  }
}

function fresh(name: string): Slot {
  const process = name.split('-')[0];
  if (process !== 'listener' && process !== 'worker' && process !== 'portal') throw new Error(`${name} is no slot`);
  return { name: process, wanted: false, process: undefined, supervisor: Promise.resolve() };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** Asked anew: it changes while the supervisor waits. */
function isWanted({ wanted }: Slot): boolean {
  return wanted;
}

function answers(url: string): Promise<Response | undefined> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
}
