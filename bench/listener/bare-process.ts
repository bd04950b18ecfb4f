import { Client, Connection } from '@temporalio/client';
import PubSubApiClient from 'salesforce-pubsub-api-client';
import { parseOrderId } from '../../src/domain/order';
import { provisioningRun } from '../../src/temporal/orders';
import { PROVISION_ORDER, provisioningRequested } from '../../src/workflows/contract';
import { answerRequests } from '../forked';
import { orderNumber } from './order-number';
import type { OrgAddress } from './org-process';

/**
 * What is physically there: the Pub/Sub client with an empty callback, and a loop that calls the Temporal client. It checks
 * nothing, keeps no place, tries nothing again, and writes no log.
 */
export type BareRequest =
  /** Subscribes from the earliest event; the client asks for more by itself. */
  | { ask: 'subscribe'; topic: string; org: OrgAddress }
  /** So many events are to come; each that approves an order will start a run, `concurrency` at once; 0: nothing is looked at. */
  | { ask: 'expect'; events: number; concurrency: number }
  /** Answered once they have come, and the runs are started. */
  | { ask: 'await' }
  | { ask: 'connect'; temporal: string }
  /** How much processor time it has had, µs. */
  | { ask: 'cpu' }
  /** Starts the runs of so many orders, `concurrency` at once. */
  | { ask: 'start'; firstOrder: number; orders: number; concurrency: number };

/** How many runs it started. */
export type BareAnswer = number;

const TASK_QUEUE = 'order-provisioning';
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };
function ignore(): void {
  // On purpose.
}

let temporal: Client | undefined;
let toCome = 0;
let onLast: (() => void) | undefined;
/** Undefined while nothing is to be done with an event. */
let loop: Loop | undefined;

async function handle(request: BareRequest): Promise<BareAnswer> {
  switch (request.ask) {
    case 'subscribe':
      await subscribe(request);
      return 0;
    case 'connect':
      temporal = new Client({ connection: await Connection.connect({ address: request.temporal }) });
      return 0;
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return user + system;
    }
    case 'expect':
      toCome = request.events;
      loop = request.concurrency === 0 ? undefined : new Loop(request.concurrency);
      return 0;
    case 'await':
      if (toCome > 0) await new Promise<void>((resolve) => (onLast = resolve));
      return (await loop?.done()) ?? 0;
    case 'start': {
      const { firstOrder, orders, concurrency } = request;
      const own = new Loop(concurrency);
      for (let n = 0; n < orders; n++) own.add(orderNumber(firstOrder + n));
      return own.done();
    }
  }
}

async function subscribe({ topic, org }: BareRequest & { ask: 'subscribe' }): Promise<void> {
  const client = new PubSubApiClient(
    {
      authType: 'user-supplied',
      pubSubEndpoint: org.pubsubEndpoint,
      rejectUnauthorizedSsl: false,
      accessToken: org.accessToken,
      // It insists on https, and only passes the text on.
      instanceUrl: org.loginUrl.replace(/^http:/, 'https:'),
      organizationId: org.orgId,
    },
    silent,
  );
  await client.connect();
  client.subscribeFromEarliestEvent(topic, (_info: unknown, type: string, data?: unknown) => {
    if (type !== 'event') return;
    if (loop !== undefined) startWhereApproved(data, loop);
    if (--toCome === 0) onLast?.();
  });
}

interface ChangeEvent {
  payload: { Status: string | null; ChangeEventHeader: { recordIds: string[] } };
}

function startWhereApproved(data: unknown, starting: Loop): void {
  const { payload } = data as ChangeEvent;
  if (payload.Status === 'Approved') for (const id of payload.ChangeEventHeader.recordIds) starting.add(id);
}

/** Starts runs as the product does, at most `concurrency` at once. */
class Loop {
  readonly #line: string[] = [];
  #next = 0;
  #running = 0;
  #started = 0;
  #failure: Error | undefined;
  #onIdle: (() => void) | undefined;

  constructor(private readonly concurrency: number) {}

  add(id: string): void {
    this.#line.push(id);
    if (this.#running < this.concurrency) void this.#work();
  }

  /** Resolves with how many were started, once all are. */
  async done(): Promise<number> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (this.#failure !== undefined) throw this.#failure;
    return this.#started;
  }

  async #work(): Promise<void> {
    this.#running++;
    try {
      for (let id = this.#line[this.#next++]; id !== undefined; id = this.#line[this.#next++]) {
        await start(id);
        this.#started++;
      }
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
    this.#next = Math.min(this.#next, this.#line.length);
    if (--this.#running === 0) this.#onIdle?.();
  }
}

async function start(id: string): Promise<void> {
  if (temporal === undefined) throw new Error('Temporal is not connected');
  // Told apart from those of the listener by their trigger.
  const trigger = 'manual' as const;
  await temporal.workflow.signalWithStart(PROVISION_ORDER, {
    ...provisioningRun(parseOrderId(id), trigger, TASK_QUEUE),
    signal: provisioningRequested,
    signalArgs: [{ trigger }],
  });
}

answerRequests(handle);
