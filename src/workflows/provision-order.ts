import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import {
  cancel,
  orderChanged,
  provisioningRequested,
  reprovision,
  statusQuery,
  type CancelRequest,
  type ProvisioningRequest,
  type ProvisioningStatus,
  type ProvisionOrderInput,
} from './contract';
import { SIGNS } from './details';
import { effects } from './effects';
import { finalFailure } from './failures';
import {
  hasReasonToStop,
  hasRequest,
  onCancel,
  onOrderChanged,
  onRequest,
  onReprovision,
  takeRequest,
  type PendingRequest,
} from './inbox';
import { CacheInvalidation } from './invalidation';
import { isHistoryLong } from './history';
import { initialMemory, type Memory } from './memory';
import { orderOf } from './own-id';
import { enter, publish, show, walk, type PathOutcome } from './path';
import { remember } from './provisioning-state';
import { awaitPerson, reasonOfOrder, stop, unlessOvertaken, type StopReason } from './rest';
import { isSoldOtherwise, undoOwn } from './sold-otherwise';

/** From here on the order is paid for or at rest: a request to stop waits for the path to end. */
const STOPPABLE: readonly string[] = ['Loading', 'Activating', 'AddingOrder', 'AcceptingOrder'];

/**
 * The story of an order, from the request until both systems say the same.
 *
 * 1. Walk the path (path.ts).
 * 2. Where a signal stopped it, look why: somebody cancelled, or the order was cancelled or deleted in Salesforce.
 * 3. Where it failed for good, tell Salesforce and wait for a person.
 * 4. Close only when the inbox is empty; otherwise look again.
 */
export async function provisionOrder(input?: ProvisionOrderInput): Promise<ProvisioningStatus> {
  const memory = input?.resume ?? initialMemory(orderOf(input));
  const run = new ProvisioningRun(memory);
  run.listen();
  // Lets the signal of signal-with-start reach the inbox before the first look into it.
  await Promise.resolve();
  memory.status.trigger = memory.inbox.request?.trigger ?? memory.status.trigger;
  // A cancellation in Temporal is one more way to ask for a cancel: it never tears down what must be undone first.
  void CancellationScope.current().cancelRequested.catch(() => run.cancel({ reason: 'requested in Temporal' }));
  return CancellationScope.nonCancellable(async () => {
    await run.untilAtRest();
    return run.report();
  });
}

class ProvisioningRun {
  private walking: CancellationScope | undefined;
  /** From the first look into the inbox on; a run that goes on for another was under way before. */
  private isUnderWay: boolean;
  private readonly caches: CacheInvalidation;

  constructor(private readonly memory: Memory) {
    this.caches = new CacheInvalidation(memory);
    this.isUnderWay = memory.walking !== null || memory.waitUntil !== null;
  }

  report(): ProvisioningStatus {
    return { orderId: this.memory.orderId, ...this.memory.status };
  }

  listen(): void {
    setHandler(statusQuery, () => this.report(), { description: SIGNS.status });
    const signals = [provisioningRequested, reprovision, cancel, orderChanged] as const;
    // What was sent before this run had a worker waits in the SDK, and is handed to each handler as that is set: a cancel would come
    // after the request that followed it. Only a default handler is given all in the order of the history
    // (through the interceptor of carried.ts, which must not wait for anything).
    setDefaultSignalHandler((name, body) => this.take(name, body));
    for (const { name } of signals) {
      setHandler(defineSignal<[unknown]>(name), (body) => this.take(name, body), {
        description: SIGNS[name as keyof typeof SIGNS],
      });
    }
    setDefaultSignalHandler(undefined);
  }

  /** Puts what a signal brings into the inbox. A name that is none of ours, as a person may mistype it, does nothing. */
  private take(name: string, body: unknown): void {
    const { inbox } = this.memory;
    switch (name) {
      case provisioningRequested.name:
        onRequest(inbox, body as ProvisioningRequest | undefined, { isUnderWay: this.isUnderWay, now: Date.now() });
        this.stopWhenHistoryIsLong();
        break;
      case reprovision.name:
        onReprovision(inbox);
        this.stopWhenHistoryIsLong();
        break;
      case cancel.name:
        this.cancel(body as CancelRequest | undefined);
        break;
      case orderChanged.name:
        onOrderChanged(inbox);
        this.stopForALook();
        break;
    }
  }

  cancel(request: CancelRequest | undefined): void {
    onCancel(this.memory.inbox, request, Date.now());
    this.stopForALook();
  }

  async untilAtRest(): Promise<void> {
    const { memory } = this;
    const { inbox } = memory;
    this.caches.begin();
    let request = this.first();
    this.isUnderWay = true;
    for (;;) {
      if (request !== null) await this.provision(request);
      show(this.memory);
      if (memory.waitUntil !== null) await this.waitForPerson(memory.waitUntil);
      if (memory.waitUntil === null) {
        await condition(() => hasRequest(inbox) || (this.caches.isDone && allHandlersFinished()));
        this.forgetReasonsToStop();
        // A signal that comes with the closing makes the server refuse it, and this loop looks again.
        if (!hasRequest(inbox)) return;
      }
      if (isHistoryLong()) await this.goOnAsNew();
      request = takeRequest(inbox);
    }
  }

  /** What a run begins with: the walk that the run before it left, what its first signal asks for, or the wait that it goes on with. */
  private first(): PendingRequest | null {
    const { walking, waitUntil, inbox } = this.memory;
    if (walking !== null) return walking;
    if (waitUntil !== null) return null;
    // What is in the inbox beside a cancel came after it: it is left there, and looked at once the cancel is answered.
    const request = inbox.cancel === null ? takeRequest(inbox) : inbox.request;
    return request ?? { trigger: 'manual' };
  }

  private async goOnAsNew(): Promise<never> {
    const { memory } = this;
    this.caches.handOver();
    return continueAsNew<typeof provisionOrder>({ orderId: memory.orderId, resume: memory });
  }

  private async provision(request: PendingRequest): Promise<void> {
    const { memory } = this;
    memory.waitUntil = null;
    if (memory.walking === null) memory.tries = null;
    memory.walking = request;
    let outcome: PathOutcome | 'stopped';
    do {
      if (isHistoryLong()) await this.goOnAsNew();
      outcome = await this.walkUnlessStopped(request);
    } while (outcome === 'stopped' && !(await this.stopIfMeant()));
    memory.walking = null;
    if (outcome !== 'stopped') await this.settle(outcome);
  }

  private async walkUnlessStopped(request: PendingRequest): Promise<PathOutcome | 'stopped'> {
    const { memory } = this;
    if (hasReasonToStop(memory.inbox)) return 'stopped';
    const walking = new CancellationScope({ cancellable: true });
    this.walking = walking;
    try {
      return await walking.run(async () => {
        const outcome = walk(memory, request);
        show(this.memory);
        return await outcome;
      });
    } catch (error) {
      if (isCancellation(error)) return 'stopped';
      throw error;
    } finally {
      this.walking = undefined;
    }
  }

  private stopForALook(): void {
    if (STOPPABLE.includes(this.memory.status.phase)) this.walking?.cancel();
  }

  /** However many signals come while the path is walked: it is left where that is safe, and another run goes on. */
  private stopWhenHistoryIsLong(): void {
    if (isHistoryLong()) this.stopForALook();
  }

  /** The path was stopped, or a signal came while the run waits. @returns whether the run has come to rest because of it. */
  private async stopIfMeant(): Promise<boolean> {
    let reason: StopReason | undefined;
    try {
      reason = await this.reasonToStop();
    } catch (error) {
      // Whether the order is wanted cannot be read: a person must know, and what this run holds is not let go.
      await awaitPerson(this.memory, finalFailure(error));
      return true;
    }
    if (reason === undefined) return false;
    this.memory.waitUntil = null;
    await stop(this.memory, 'Cancelled', reason);
    return true;
  }

  private async reasonToStop(): Promise<StopReason | undefined> {
    const { inbox, orderId } = this.memory;
    const { changed } = inbox;
    inbox.changed = false;
    if (changed && inbox.cancel === null) {
      const isAsked = (): boolean => inbox.cancel !== null;
      const order = await unlessOvertaken(isAsked, () => effects.isStillWanted({ orderId }));
      if (order !== undefined && !order.wanted) {
        return reasonOfOrder(order.reason, order.exists, order.changedAt);
      }
    }
    const asked = inbox.cancel;
    inbox.cancel = null;
    if (asked === null) return undefined;
    return { note: `Cancelled: ${asked.reason}`, exists: true, at: asked.at, isAsked: true };
  }

  private async settle(outcome: PathOutcome): Promise<void> {
    const { memory } = this;
    switch (outcome.kind) {
      case 'activated':
        return;
      case 'failed':
        return awaitPerson(memory, outcome.error);
      case 'skipped':
        return this.settleSkipped(outcome);
    }
  }

  /** Guards said no. What an earlier walk of this run left Pending in WHMCS is undone before it is forgotten. */
  private async settleSkipped(outcome: PathOutcome & { kind: 'skipped' }): Promise<void> {
    const { code, reason, whmcsOrderId, changedAt } = outcome;
    const { memory } = this;
    const { history } = memory.status;
    if (isSoldOtherwise(memory, code, whmcsOrderId) && !(await undoOwn(memory, whmcsOrderId))) return;
    if (memory.mayHaveAdded && (code === 'NOT_FOUND' || code === 'STATUS')) {
      await stop(memory, 'Cancelled', reasonOfOrder(reason, code !== 'NOT_FOUND', changedAt));
    } else if (code === 'CANCELLED' && history.some(({ phase }) => phase === 'Cancelled')) {
      enter(memory, 'Cancelled', `looked again: ${reason}`);
      publish(memory);
    } else if (history.some(({ phase }) => phase === 'Activated')) {
      enter(memory, 'Activated', `looked again: ${reason}`);
      publish(memory);
    } else {
      memory.status.skipped = reason;
      enter(memory, 'Skipped', code);
      publish(memory);
    }
  }

  private async waitForPerson(waitUntil: number): Promise<void> {
    const { memory } = this;
    const { inbox } = memory;
    // Sweeps that are nothing to this run make its history longer all the same.
    const called = (): boolean => hasRequest(inbox) || hasReasonToStop(inbox) || isHistoryLong();
    const somebody = await condition(called, Math.max(1, waitUntil - Date.now()), {
      summary: 'Waits for a person: reprovision, a new approval, or cancel',
    });
    if (!somebody) {
      memory.waitUntil = null;
      await stop(memory, 'Abandoned', reasonOfOrder('Nobody came', true));
    } else if (hasReasonToStop(inbox)) {
      await this.stopIfMeant();
    }
  }

  /** The run rests: what asked it to stop is answered, and said so. */
  private forgetReasonsToStop(): void {
    const { inbox, status } = this.memory;
    if (inbox.cancel !== null) {
      const late =
        status.phase === 'Activated' ? 'too late to cancel, WHMCS has accepted the order' : 'nothing left to cancel';
      remember(status, new Date(), `${late}: ${inbox.cancel.reason}`);
    }
    inbox.cancel = null;
    inbox.changed = false;
    show(this.memory);
  }
}
