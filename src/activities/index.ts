import { billingActivities } from './billing';
import type { ProvisioningActivities, ReconcileActivities } from './contract';
import { translating } from './failure';
import { cacheActivities, type OrderCacheInvalidation } from './invalidate';
import { orderActivities, type OrderDeps } from './order';
import { sweepActivities, type SweepDeps } from './sweep';
import type { WhmcsOrders } from '../whmcs/contract';

export interface ActivityDeps extends OrderDeps, SweepDeps {
  whmcs: WhmcsOrders;
  caches: OrderCacheInvalidation;
  policy: OrderDeps['policy'] & SweepDeps['policy'];
}

export type Activities = ProvisioningActivities & ReconcileActivities;

/** All activities of the worker. What they throw is translated once, here: ids and statuses only reach Temporal. */
export function createActivities(deps: ActivityDeps): Activities {
  const plain: Activities = {
    ...orderActivities(deps),
    ...billingActivities(deps),
    ...cacheActivities(deps),
    ...sweepActivities(deps),
  };
  const translated = Object.entries(plain).map(([name, effect]: [string, (input: never) => Promise<unknown>]) => [
    name,
    (input: never) => translating(() => effect(input)),
  ]);
  return Object.fromEntries(translated) as Activities;
}
