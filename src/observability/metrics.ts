import { collectDefaultMetrics, Registry } from 'prom-client';

export { Registry };

/** A registry with the process's own figures (memory, event loop lag, garbage collection). One per process, made by its composition root. */
export function createMetrics(process: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry, prefix: 'order_provisioning_' });
  return registry;
}
