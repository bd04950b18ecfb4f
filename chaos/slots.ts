import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, type ProcessName, type RunningProcess } from '../sandbox/processes';
import { PROCESSES, type Who } from './plan';

export interface SlotOptions {
  env: (name: ProcessName) => Record<string, string>;
  /** Folder of the build that runs. */
  build: string;
  /** Module that lets a signal step a process's clock. */
  clock: string;
  onLine: (slot: string, line: string) => void;
}

const RESTART_AFTER_MS = 300;

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

  url(name: string): string | undefined {
    return this.slots.get(name)?.process?.url;
  }

  /** Those of the slots that are meant and ought to have a process. */
  async those(who: Who): Promise<string[]> {
    const all = [...this.slots].filter(([, { wanted }]) => wanted).map(([name]) => name);
    switch (who) {
      case 'everyone':
        return all;
      case 'workers':
        return all.filter((name) => name.startsWith('worker'));
      case 'listeners':
        return all.filter((name) => name.startsWith('listener'));
      case 'leader':
        return this.leader();
      default:
        return all.filter((name) => name === who);
    }
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

  stepClock(name: string): void {
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
    const { env, build, clock, onLine } = this.options;
    while (slot.wanted) {
      try {
        slot.process = await startProcess(slot.name, env(slot.name), {
          build,
          until: 'alive',
          nodeArguments: ['--require', clock],
          onLine: (line) => onLine(name, line),
        });
        // Asked to go while it was starting.
        if (!isWanted(slot)) slot.process.child.kill('SIGKILL');
        onLine(name, `chaos: ${name} ${await slot.process.child.end}`);
      } catch (error) {
        onLine(name, `chaos: ${name} did not start: ${error instanceof Error ? error.message : String(error)}`);
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

  /** The listener that leads; the first of them where none says so. */
  private async leader(): Promise<string[]> {
    const listeners = await this.those('listeners');
    for (const name of listeners) {
      const answer = await answers(`${this.url(name) ?? ''}/readyz`);
      const body = (await answer?.json().catch(() => undefined)) as { role?: string } | undefined;
      if (body?.role === 'leader') return [name];
    }
    return listeners.slice(0, 1);
  }
}

function fresh(name: string): Slot {
  const process = name.split('-')[0];
  if (process !== 'listener' && process !== 'worker' && process !== 'portal') throw new Error(`${name} is no slot`);
  return { name: process, wanted: false, process: undefined, supervisor: Promise.resolve() };
}

/** Asked anew: it changes while the supervisor waits. */
function isWanted({ wanted }: Slot): boolean {
  return wanted;
}

function answers(url: string): Promise<Response | undefined> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
}
