import { setTimeout as sleep } from 'node:timers/promises';
import type { Workload } from './workload';
import type { World } from './world';

/** What the portal said of an order, and when it was asked. */
interface Answer {
  orderId: string;
  /** Monotonic ms at which the question was sent. */
  asked: number;
  status: string;
  activationStatus: string | null;
  whmcsOrderId: string | null;
}

const READERS = 2;
const PAUSE_MS = 15;
const TIME_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 200;

/**
 * Customers who look at their orders all the time. An answer is stale when it was asked for after the order's run had closed as
 * Activated, which it does only when its invalidation is done, and still says something else.
 */
export class Readers {
  private readonly answers: Answer[] = [];
  /** Monotonic ms at which we knew that the run was closed. */
  private readonly closed = new Map<string, number>();
  private stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  private turn = 0;

  constructor(
    private readonly world: World,
    private readonly workload: Workload,
  ) {}

  start(): void {
    const readers = Array.from({ length: READERS }, () => this.read());
    this.running = Promise.allSettled([...readers, this.watch()]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  get served(): number {
    return this.answers.length;
  }

  stale(): string[] {
    return this.answers.flatMap((answer) => {
      const since = this.closed.get(answer.orderId);
      if (since === undefined || answer.asked <= since || answer.activationStatus === 'Activated') return [];
      return [
        `order ${answer.orderId} was still shown as ${answer.activationStatus ?? answer.status} after it was Activated`,
      ];
    });
  }

  /** Asks once. Undefined where the portal does not answer. */
  async ask(orderId: string): Promise<Answer | undefined> {
    const url = this.world.slots.url('portal');
    if (url === undefined) return undefined;
    const asked = performance.now();
    try {
      const response = await fetch(`${url}/orders/${orderId}`, { signal: AbortSignal.timeout(TIME_LIMIT_MS) });
      if (!response.ok) return undefined;
      const { status, activationStatus, whmcsOrderId } = (await response.json()) as Omit<Answer, 'orderId' | 'asked'>;
      return { orderId, asked, status, activationStatus, whmcsOrderId };
    } catch {
      return undefined;
    }
  }

  private async read(): Promise<void> {
    for (;;) {
      await this.pause(PAUSE_MS);
      const { orders } = this.workload;
      // The newest, of which the most is happening, and one after the other the rest.
      this.turn += 1;
      const next =
        this.turn % 2 === 0 ? orders.at(-1 - ((this.turn / 2) % 4)) : orders[this.turn % (orders.length || 1)];
      if (next === undefined) continue;
      const answer = await this.ask(next.id);
      if (answer !== undefined) this.answers.push(answer);
    }
  }

  private async watch(): Promise<void> {
    for (;;) {
      await this.pause(LOOK_EVERY_MS);
      const activated = await this.world
        .inTemporal(async (temporal) => {
          const query = `WorkflowType = 'provisionOrder' AND ExecutionStatus = 'Completed' AND ProvisioningPhase = 'Activated'`;
          const ids: string[] = [];
          for await (const { workflowId } of temporal.workflow.list({ query })) ids.push(workflowId);
          return ids;
        })
        .catch(() => []);
      for (const workflowId of activated) {
        const orderId = workflowId.replace('provision-order-', '');
        if (!this.closed.has(orderId)) this.closed.set(orderId, performance.now());
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.stopping.signal });
  }
}
