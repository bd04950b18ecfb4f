import { Histogram, type Registry } from 'prom-client';

/** Told of each answer to a read. `route` is the pattern, e.g. `/orders/:orderId`. */
export type OnAnswer = (route: string, status: number, seconds: number) => void;

/** Counts and times the portal's answers. Labels hold routes and statuses, never ids. Once for each registry. */
export function registerPortalMetrics(registry: Registry): OnAnswer {
  const histogram = new Histogram({
    name: 'order_provisioning_portal_request_seconds',
    help: 'Answers of the portal, by route and HTTP status.',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return (route, status, seconds) => histogram.observe({ route, status }, seconds);
}
