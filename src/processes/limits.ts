import { Histogram, type Registry } from 'prom-client';
import type { WorkerConfig } from '../config';
import { createVendorLimit, type Admit, type VendorLimitOptions } from '../limits/vendor-limit';
import type { Logger } from '../observability/logger';
import { rarely } from '../observability/rarely';
import { lastingRedis } from './redis';
import type { Resources } from './resources';

export interface VendorLimits {
  salesforce?: Admit;
  whmcs?: Admit;
}

/** A call that takes longer has been given up by then, ms. */
const LEASE_SLACK_MS = 10_000;
const SALESFORCE_CALL_MS = 30_000;

/** The limits of calls that the environment asks for; without any, no connection is made and nothing is asked of Redis. */
export function openLimits(
  { limits, redis: { url }, whmcs }: Pick<WorkerConfig, 'limits' | 'redis' | 'whmcs'>,
  { metrics, logger, resources }: { metrics: Registry; logger: Logger; resources: Resources },
): VendorLimits {
  const isSet = (limit: { maxPerSecond?: unknown; maxConcurrent?: unknown }): boolean =>
    limit.maxPerSecond !== undefined || limit.maxConcurrent !== undefined;
  if (!isSet(limits.salesforce) && !isSet(limits.whmcs)) return {};

  const onAlone = rarely((vendor: string, err: unknown) => {
    logger.warn({ vendor, err }, 'no Redis for the call limits: each worker keeps to them by itself');
  });
  const redis = lastingRedis(url, () => undefined);
  void redis.connect().catch(() => undefined);
  resources.push('Redis of the call limits', () => redis.destroy());

  const waits = new Histogram({
    name: 'order_provisioning_call_limit_wait_seconds',
    help: 'Wait of a call for its turn under SF_MAX_… and WHMCS_MAX_…, by vendor and outcome: admitted, refused',
    labelNames: ['vendor', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [metrics],
  });
  const open = (vendor: VendorLimitOptions['vendor'], callMs: number): Admit =>
    createVendorLimit({
      vendor,
      ...limits[vendor],
      redis: redis.commands,
      leaseMs: callMs + LEASE_SLACK_MS,
      onTurn: (outcome, seconds) => waits.observe({ vendor, outcome }, seconds),
      // Every call would tell of a Redis that is away.
      onAlone: (error) => onAlone(vendor, error),
    });
  return {
    ...(isSet(limits.salesforce) ? { salesforce: open('salesforce', SALESFORCE_CALL_MS) } : {}),
    ...(isSet(limits.whmcs) ? { whmcs: open('whmcs', whmcs.timeoutMs) } : {}),
  };
}
