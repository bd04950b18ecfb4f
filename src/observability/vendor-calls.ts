import { Histogram, type Registry } from 'prom-client';
import { pastSpan } from './tracing';

/** Told of each call to a vendor: the operation, how it ended (`ok`, or what went wrong), and its seconds. */
export type OnCall = (operation: string, outcome: string, seconds: number) => void;

/** Counts, times and traces the calls to one vendor. Labels and attributes hold operations and outcomes, never ids. */
export function vendorCalls(registry: Registry, vendor: 'salesforce' | 'whmcs'): OnCall {
  const histogram = new Histogram({
    name: `order_provisioning_${vendor}_call_seconds`,
    help: `Calls to ${vendor === 'whmcs' ? 'WHMCS' : 'Salesforce'}, by operation and outcome.`,
    labelNames: ['operation', 'outcome'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return (operation, outcome, seconds) => {
    histogram.observe({ operation, outcome }, seconds);
    pastSpan(`${vendor} ${operation}`, seconds, { 'peer.service': vendor, operation, outcome }, outcome !== 'ok');
  };
}
