import { setTimeout as sleep } from 'node:timers/promises';
import { held, nameOfThing, pathOf, told, type Thing } from './shown';
import { TOPICS } from './topics';
import type { Truth } from './truth';
import type { Workload } from './workload';
import type { World } from './world';

/** What the portal said, or the status with which it refused. */
type Told = { text: string; activationStatus: string | null | undefined };
type Refused = { refusal: number };
type Answer = Told | Refused;

const READERS = 2;
const PAUSE_MS = 15;
const TIME_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 200;
/** A read of Salesforce that hangs, or that waits for its turn, ends within that. */
const LAST_ANSWER_WITHIN_MS = 60_000;

/**
 * Customers who look at their orders, their lists and the catalog all the time. An answer is stale when it shows what had been
 * overtaken, as far as anybody could know, before it was asked for ({@link Truth}); or when its order's run had closed as Activated, which it
 * does only when its invalidation is done, and it still says something else.
 */
export class Readers {
  /** Each fault that was found, and in how many answers. */
  private readonly faults = new Map<string, number>();
  /** Monotonic ms at which we knew that the run was closed. */
  private readonly closed = new Map<string, number>();
  private stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  private turn = 0;
  private answers = 0;

  constructor(
    private readonly world: World,
    private readonly workload: Workload,
    private readonly truth: Truth,
    private readonly lastAnswerWithinMs = LAST_ANSWER_WITHIN_MS,
  ) {}

  start(): void {
    const readers = Array.from({ length: READERS }, () => this.repeat(PAUSE_MS, () => this.read()));
    const watch = [() => this.watchRuns(), () => this.watchCheckpoints()];
    this.running = Promise.allSettled([...readers, ...watch.map((look) => this.repeat(LOOK_EVERY_MS, look))]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  get served(): number {
    return this.answers;
  }

  /** One line for each thing that was told wrongly while the round went on. */
  wrong(): string[] {
    return [...this.faults].map(([fault, times]) => `${fault} (${times} answers)`);
  }

  /** What the portal says now that is not what Salesforce holds. */
  async wrongNow(): Promise<{ stale: string[]; unanswered: string[] }> {
    const { store } = this.world.salesforce;
    const lists = [...new Set(this.workload.orders.map(({ id }) => String(store.get('Order', id)?.['AccountId'])))];
    const things: Thing[] = [
      ...this.workload.orders.map(({ id }) => ({ order: id })),
      ...lists.map((listOf) => ({ listOf })),
      'catalog',
    ];
    const stale: string[] = [];
    const unanswered: string[] = [];
    const until = performance.now() + this.lastAnswerWithinMs;
    for (const thing of things) {
      let answer = await this.ask(thing);
      while (!isTold(answer) && !isWrongRefusal(answer) && performance.now() < until) {
        await sleep(LOOK_EVERY_MS);
        answer = await this.ask(thing);
      }
      if (!isTold(answer))
        unanswered.push(`the portal does not tell ${nameOfThing(thing)}: ${answer?.refusal ?? 'no answer'}`);
      else if (answer.text !== held(store, thing))
        stale.push(`the portal says of ${nameOfThing(thing)}: ${answer.text}; Salesforce: ${held(store, thing)}`);
    }
    return { stale, unanswered };
  }

  /** Asks once. Undefined where the portal does not answer. */
  private async ask(thing: Thing): Promise<Answer | undefined> {
    const url = this.world.slots.url('portal');
    if (url === undefined) return undefined;
    try {
      const response = await fetch(`${url}${pathOf(thing)}`, { signal: AbortSignal.timeout(TIME_LIMIT_MS) });
      const body: unknown = await response.json();
      if (!response.ok) return { refusal: response.status };
      return { text: told(thing, body), activationStatus: (body as { activationStatus?: string }).activationStatus };
    } catch {
      return undefined;
    }
  }

  private async read(): Promise<void> {
    this.turn += 1;
    const thing = this.next(this.turn);
    if (thing === undefined) return;
    const asked = performance.now();
    const answer = await this.ask(thing);
    if (answer === undefined) return;
    if (!isTold(answer)) {
      // It may be that Salesforce cannot be read; not that what is there is not, or that the question is wrong.
      if (isWrongRefusal(answer)) this.count(`the portal answered ${answer.refusal} for ${nameOfThing(thing)}`);
      return;
    }
    this.answers += 1;
    if (this.truth.isStale(thing, answer.text, asked))
      this.count(`${nameOfThing(thing)} was still shown as ${answer.text} after that was overtaken`);
    const closed = thing !== 'catalog' && 'order' in thing ? this.closed.get(thing.order) : undefined;
    if (closed !== undefined && asked > closed && answer.activationStatus !== 'Activated')
      this.count(`${nameOfThing(thing)} was still shown as ${answer.activationStatus} after it was Activated`);
  }

  /** The newest orders, of which the most is happening; one after the other the rest; now and then a list, and the catalog. */
  private next(turn: number): Thing | undefined {
    const { orders } = this.workload;
    if (turn % 8 === 0) return 'catalog';
    const order = turn % 2 === 0 ? orders.at(-1 - ((turn / 2) % 4)) : orders[turn % (orders.length || 1)];
    if (order === undefined) return undefined;
    return turn % 8 === 4 ? { listOf: this.workload.accountOf(order) } : { order: order.id };
  }

  private count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  private async watchRuns(): Promise<void> {
    const query = `WorkflowType = 'provisionOrder' AND ExecutionStatus = 'Completed' AND ProvisioningPhase = 'Activated'`;
    await this.world.inTemporal(async (temporal) => {
      for await (const { workflowId } of temporal.workflow.list({ query })) {
        const orderId = workflowId.replace('provision-order-', '');
        if (!this.closed.has(orderId)) this.closed.set(orderId, performance.now());
      }
    });
  }

  private async watchCheckpoints(): Promise<void> {
    for (const topic of Object.values(TOPICS)) {
      const position = await this.world.checkpoint(topic);
      if (position !== undefined) this.truth.passed(topic, position);
    }
  }

  /** Does it again and again until the readers are stopped; what cannot be done now may be done next time. */
  private async repeat(everyMs: number, work: () => Promise<void>): Promise<never> {
    for (;;) {
      await sleep(everyMs, undefined, { signal: this.stopping.signal });
      await work().catch(() => undefined);
    }
  }
}

function isTold(answer: Answer | undefined): answer is Told {
  return answer !== undefined && 'text' in answer;
}

function isWrongRefusal(answer: Answer | undefined): answer is Refused {
  return answer !== undefined && 'refusal' in answer && answer.refusal < 500;
}
