import type { ApiDeps, Resource } from '../api';

const OLDEST = 60;
const NEWEST = 65;

/** `/services/data`, which needs no session. */
export function versions(): { label: string; url: string; version: string }[] {
  return Array.from({ length: NEWEST - OLDEST + 1 }, (_, i) => {
    const version = `${OLDEST + i}.0`;
    return { label: `API ${version}`, url: `/services/data/v${version}`, version };
  });
}

/** The Limits resource, as far as this product's traffic counts. */
function limits({ usage }: ApiDeps) {
  const left = Math.max(0, usage.allocation - usage.used);
  return {
    DailyApiRequests: { Max: usage.allocation, Remaining: left },
    DailyDeliveredPlatformEvents: {
      Max: usage.delivered.allocation,
      Remaining: Math.max(0, usage.delivered.allocation - usage.delivered.used()),
    },
    HourlyPublishedPlatformEvents: { Max: 250_000, Remaining: 250_000 },
    MonthlyPlatformEventsUsageEntitlement: { Max: 0, Remaining: 0 },
    DataStorageMB: { Max: 5_000, Remaining: 4_900 },
  };
}

export const serviceResources: Resource[] = [
  {
    method: 'GET',
    path: /^$/,
    handle: ({ apiVersion, origin, session }) => {
      const base = `/services/data/v${apiVersion}`;
      const names = ['sobjects', 'query', 'queryAll', 'composite', 'limits', 'tooling'];
      const identity = `${origin}/id/${session.orgId}/${session.userId}`;
      return { status: 200, body: { identity, ...Object.fromEntries(names.map((name) => [name, `${base}/${name}`])) } };
    },
  },
  { method: 'GET', path: /^\/limits$/, handle: (_call, deps) => ({ status: 200, body: limits(deps) }) },
];
