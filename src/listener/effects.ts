import type { CacheDecision, Decision, ProvisioningDecision, Told } from '../domain/decision';
import type { AccountId, OrderId, OrderItemId } from '../domain/record-id';
import type { OrderWorkflows } from '../temporal/orders';
import { provisionWorkflowId } from '../workflows/contract';

/** What the listener asks of the caches. Each call may be repeated, and rejects where it could not be done. */
export interface ListenerCaches {
  invalidateOrder(orderId: OrderId, accountId?: AccountId, options?: { gap?: boolean }): Promise<void>;
  invalidateOrdersOfItems(orderItemIds: readonly OrderItemId[], options?: { gap?: boolean }): Promise<void>;
  invalidateCatalog(): Promise<void>;
  invalidateAll(): Promise<void>;
}

/** One thing to do in the outside world: durable once it resolves, harmless to repeat. */
export interface Effect {
  /** For metrics and logs. */
  name: 'request' | 'tell' | 'sweep' | 'invalidate';
  /** The order it is about, where it is about one. */
  orderId?: OrderId;
  /** The run that it starts or tells, where it does. */
  workflowId?: string;
  /** Runs that come together are one: it takes no place among the effects at once, where it could meet few of its like. */
  merges?: boolean;
  run: () => Promise<unknown>;
}

export interface EffectTargets {
  workflows: OrderWorkflows;
  caches: ListenerCaches;
}

/** Where the decision came from. */
export interface DecisionOrigin {
  topic: string;
  replayId: string;
  /** Of the change or the event in Salesforce, epoch ms, where it says. */
  committedAt?: number | undefined;
  /** Of a sweep: since when changes may have been missed, epoch ms, where that is known. */
  missedSince?: number | undefined;
}

/** What must be done for a decision. All of it; in any order, since each is judged on the order as it then is. */
export function effectsOf(decision: Decision, origin: DecisionOrigin, targets: EffectTargets): Effect[] {
  return [
    ...provisioningEffects(decision.provisioning, origin, targets.workflows),
    ...cacheEffects(decision.caches, targets.caches),
  ];
}

function provisioningEffects(
  decision: ProvisioningDecision,
  origin: DecisionOrigin,
  workflows: OrderWorkflows,
): Effect[] {
  switch (decision.kind) {
    case 'none':
      return [];
    case 'request': {
      const { trigger, gap, requestedBy, priority, correlationId } = decision;
      const approvedAt = gap === true ? undefined : origin.committedAt;
      const request = {
        trigger,
        replayId: origin.replayId,
        ...(requestedBy === undefined ? {} : { requestedBy }),
        ...(priority === undefined ? {} : { priority }),
        ...(correlationId === undefined ? {} : { correlationId }),
        ...(approvedAt === undefined ? {} : { approvedAt }),
      };
      return decision.orderIds.map((orderId) => ({
        name: 'request',
        orderId,
        workflowId: provisionWorkflowId(orderId),
        run: () => workflows.request(orderId, request),
      }));
    }
    case 'tell':
      return tellEffects(decision, workflows);
    case 'sweep':
      return [
        { name: 'sweep', run: () => workflows.sweep(sweepKey(origin), decision.reason, origin.missedSince) },
        ...(decision.tell === undefined ? [] : tellEffects(decision.tell, workflows)),
      ];
  }
}

function tellEffects({ orderIds, change }: Told, workflows: OrderWorkflows): Effect[] {
  return orderIds.map((orderId) => ({
    name: 'tell',
    orderId,
    workflowId: provisionWorkflowId(orderId),
    run: () => workflows.tell(orderId, change),
  }));
}

function cacheEffects(decision: CacheDecision, caches: ListenerCaches): Effect[] {
  const invalidate = (run: () => Promise<void>, orderId?: OrderId): Effect => ({
    name: 'invalidate',
    run,
    ...(orderId === undefined ? {} : { orderId }),
  });
  switch (decision.kind) {
    case 'none':
      return [];
    case 'orders':
      return decision.orders.map(({ orderId, accountId }) =>
        invalidate(() => caches.invalidateOrder(orderId, accountId, { gap: decision.gap }), orderId),
      );
    case 'orders-of-items': {
      const { itemIds, orderId, gap } = decision;
      const items = invalidate(() => caches.invalidateOrdersOfItems(itemIds, { gap }));
      if (orderId === undefined) return [items];
      return [items, invalidate(() => caches.invalidateOrder(orderId), orderId)];
    }
    case 'catalog':
      return [{ ...invalidate(() => caches.invalidateCatalog()), merges: true }];
    case 'all':
      return [invalidate(() => caches.invalidateAll())];
  }
}

/** The id by which the sender of a platform event knows it, where it gave one. */
export function correlationOf({ provisioning }: Decision): { correlationId?: string } {
  if (provisioning.kind !== 'request' || provisioning.correlationId === undefined) return {};
  return { correlationId: provisioning.correlationId };
}

/** The orders a decision names, for logs and traces. */
export function ordersOf({ provisioning, caches }: Decision): OrderId[] {
  const named = provisioning.kind === 'sweep' ? provisioning.tell : provisioning;
  const asked = named !== undefined && 'orderIds' in named ? named.orderIds : [];
  const touched = caches.kind === 'orders' ? caches.orders.map(({ orderId }) => orderId) : [];
  return [...new Set([...asked, ...touched])];
}

/**
 * The records a decision is about: what must be done one after another. The catalog is none: what an event did to it is
 * not told, so its invalidations have no order, and one serves all that came before it.
 */
export function lanesOf({ provisioning, caches }: Decision): string[] | 'everything' {
  if (provisioning.kind === 'sweep' || caches.kind === 'all') return 'everything';
  const lanes = new Set<string>();
  if (provisioning.kind === 'request' || provisioning.kind === 'tell') {
    for (const id of provisioning.orderIds) lanes.add(id);
  }
  if (caches.kind === 'orders') for (const { orderId } of caches.orders) lanes.add(orderId);
  if (caches.kind === 'orders-of-items') {
    for (const id of caches.itemIds) lanes.add(id);
    if (caches.orderId !== undefined) lanes.add(caches.orderId);
  }
  return [...lanes];
}

/** Names a sweep by its cause, in characters that a workflow id may hold, so that the same event begins the same sweep. */
export function sweepKey({ topic, replayId }: DecisionOrigin): string {
  return `${topic.split('/').at(-1) ?? topic}-${replayId}`.replace(/[^\w.-]/g, '-');
}
