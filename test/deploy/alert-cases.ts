/** What goes in, and what Prometheus is to make of it. */
export interface AlertCase {
  alert: string;
  /** In a person's words. */
  when: string;
  /** Samples a minute apart, in promtool's notation: `0x5 3x9` is six times 0 and then ten times 3. */
  series: Record<string, string>;
  /** When the alert is looked at. */
  at: string;
  /** Left out: it does not fire. */
  fires?: { summary: string; labels?: Record<string, string> };
}

const ORDERS = '/data/OrderChangeEvent';
const topic = `topic="${ORDERS}"`;
const labels = { topic: ORDERS };

/** A gauge of a worker or listener that is above its limit for long, for less than the alert waits, and not at all. */
function gauge(alert: string, name: string, limit: number, waitMinutes: number, summary: string): AlertCase[] {
  const series = (value: number) => ({
    [`${name}{instance="a"}`]: '0x60',
    [`${name}{instance="b"}`]: `0x4 ${value}x55`,
  });
  const above = limit + 1;
  return [
    { alert, when: 'above its limit', series: series(above), at: `${6 + waitMinutes}m`, fires: { summary } },
    { alert, when: 'not for long enough', series: series(above), at: `${4 + waitMinutes}m` },
    { alert, when: 'at its limit', series: series(limit), at: '50m' },
  ];
}

/** A counter of trouble that moves at minute 4: seen while that is in the window, and not by what was counted long before. */
function counter(alert: string, series: string, summary: string, { wait = 0, labels: given = {} } = {}): AlertCase[] {
  const fires = { summary, labels: given };
  return [
    { alert, when: 'counted anew', series: { [series]: '3x3 4x90' }, at: `${5 + wait}m`, fires },
    { alert, when: 'first seen, and again', series: { [series]: '_x3 1 2x90' }, at: `${6 + wait}m`, fires },
    { alert, when: 'counted long ago', series: { [series]: '3x3 4x90' }, at: '80m' },
  ];
}

/** A share of calls that fail: above and below what is borne. */
function share(
  alert: string,
  [bad, good]: [string, string],
  [over, under]: [number, number],
  at: string,
  fires: AlertCase['fires'],
): AlertCase[] {
  const series = (failed: number) => ({ [bad]: `0+${failed}x60`, [good]: `0+${100 - failed}x60` });
  return [
    { alert, when: `${over} of 100 fail`, series: series(over), at, ...(fires === undefined ? {} : { fires }) },
    { alert, when: `${under} of 100 fail`, series: series(under), at },
    { alert, when: 'nobody calls', series: { [bad]: '5x60', [good]: '5x60' }, at },
  ];
}

/** A process that is scraped no more. */
function gone(alert: string, series: string, summary: string, labels: Record<string, string> = {}): AlertCase[] {
  return [
    { alert, when: 'none is scraped', series: { [series]: '1x2 _x40' }, at: '14m', fires: { summary, labels } },
    {
      alert,
      when: 'one of two is scraped',
      series: { [series]: '1x2 _x40', [series.replace('{', '{instance="b",')]: '1x40' },
      at: '14m',
    },
    { alert, when: 'for a moment', series: { [series]: '1x2 _x6 1x40' }, at: '10m' },
  ];
}

/** A histogram whose samples all lie between two bounds. */
const histogram = (name: string, label: string, above: number, upTo: number, last: number) =>
  Object.fromEntries(
    [above, upTo, last, '+Inf'].map((le) => [`${name}{${label}le="${le}"}`, le === above ? '0x60' : '0+10x60']),
  );

const listener = (name: string) => `order_provisioning_listener_${name}`;
const reconnects = `${listener('reconnects_total')}{${topic},cause="silence"}`;
const sweeps = `${listener('sweeps_total')}{${topic}}`;
const lagging = (above: number, upTo: number) =>
  histogram(listener('lag_seconds_bucket'), `${topic},`, above, upTo, 86_400);
const waited = (above: number, upTo: number) =>
  histogram('temporal_activity_schedule_to_start_latency_bucket', '', above, upTo, 1_000_000);
const whmcs = (outcome: string) =>
  `order_provisioning_whmcs_call_seconds_count{operation="GetOrders",outcome="${outcome}"}`;
const salesforce = (outcome: string) =>
  `order_provisioning_salesforce_call_seconds_count{operation="query",outcome="${outcome}"}`;
const portal = (status: string) => `order_provisioning_portal_request_seconds_count{route="order",status="${status}"}`;
const cache = (event: string) => `order_provisioning_cache_events_total{cache="orders",event="${event}"}`;

export const ALERT_CASES: AlertCase[] = [
  ...gauge('OrdersWaitForAPerson', 'order_provisioning_orders_waiting_for_person', 0, 15, '1 orders wait for a person'),
  ...gauge(
    'WaitForAPersonEnds',
    'order_provisioning_orders_wait_ending',
    0,
    15,
    '1 orders have waited so long that their runs are about to be abandoned',
  ),
  ...gauge(
    'OrdersStuck',
    'order_provisioning_orders_stuck',
    0,
    15,
    '1 orders are under way for longer than STUCK_AFTER',
  ),
  ...gauge(
    'RunsBrokenOff',
    'order_provisioning_orders_broken_off',
    0,
    1,
    '1 runs of orders were terminated, failed or timed out within the last 24 hours',
  ),
  {
    alert: 'OrdersNotCounted',
    when: 'no worker counts them',
    series: {
      'order_provisioning_orders_count_age_seconds{instance="a"}': '301x20',
      'order_provisioning_orders_count_age_seconds{instance="b"}': '400x20',
    },
    at: '3m',
    fires: { summary: 'Orders have not been counted for 301 s; the alerts above see nothing meanwhile' },
  },
  {
    alert: 'OrdersNotCounted',
    when: 'one worker counts them',
    series: {
      'order_provisioning_orders_count_age_seconds{instance="a"}': '10x20',
      'order_provisioning_orders_count_age_seconds{instance="b"}': '400x20',
    },
    at: '15m',
  },
  ...counter(
    'WorkflowTasksFail',
    'temporal_workflow_task_execution_failed_total{workflow_type="provisionOrder"}',
    'The code of provisionOrder fails; its runs stand still',
    { wait: 5, labels: { workflow_type: 'provisionOrder' } },
  ),

  {
    alert: 'StreamDown',
    when: 'no listener has a stream',
    series: {
      [`${listener('topic_live')}{instance="a",${topic}}`]: '1x4 0x20',
      [`${listener('topic_live')}{instance="b",${topic}}`]: '0x24',
    },
    at: '11m',
    fires: { summary: `No listener has a live stream of ${ORDERS}`, labels },
  },
  {
    alert: 'StreamDown',
    when: 'the other has taken over',
    series: {
      [`${listener('topic_live')}{instance="a",${topic}}`]: '1x4 0x20',
      [`${listener('topic_live')}{instance="b",${topic}}`]: '0x5 1x20',
    },
    at: '20m',
  },
  {
    alert: 'StreamsFallSilent',
    when: 'twice',
    series: { [reconnects]: '5x19 6 7x20' },
    at: '22m',
    fires: { summary: `Streams of ${ORDERS} are accepted and then say nothing, not even a keepalive`, labels },
  },
  {
    alert: 'StreamsFallSilent',
    when: 'once, which is extrapolated to more than one',
    series: { [reconnects]: '5x19 6x20' },
    at: '22m30s',
  },
  ...gone('ListenersGone', `${listener('lease_held')}{${topic}}`, 'No listener is scraped'),
  {
    alert: 'EventsLag',
    when: 'effects take minutes',
    series: lagging(60, 300),
    at: '25m',
    fires: { summary: `Events of ${ORDERS} take 288 s until their effects are durable`, labels },
  },
  { alert: 'EventsLag', when: 'effects take less than a minute', series: lagging(30, 60), at: '25m' },
  ...gauge('EventsHeld', listener('backlog_age_seconds'), 300, 1, 'An event of  has waited 301 s for its effects'),
  {
    alert: 'CheckpointOld',
    when: 'events are in hand',
    series: {
      [`${listener('checkpoint_age_seconds')}{${topic}}`]: '1000x20',
      [`${listener('in_flight')}{${topic}}`]: '3x20',
    },
    at: '7m',
    fires: { summary: `The checkpoint of ${ORDERS} is 1000 s old, and events are in hand`, labels },
  },
  {
    alert: 'CheckpointOld',
    when: 'nothing has happened since',
    series: {
      [`${listener('checkpoint_age_seconds')}{${topic}}`]: '1000x20',
      [`${listener('in_flight')}{${topic}}`]: '0x20',
    },
    at: '15m',
  },
  ...gauge('DeadLetters', listener('dead_letters'), 0, 1, '1 events could not be acted upon and are kept'),
  {
    alert: 'EventsWereLost',
    when: 'three times in an hour',
    series: { [sweeps]: '5x69 6 7 8x20' },
    at: '73m',
    fires: { summary: `${ORDERS} made sweeps necessary again and again`, labels },
  },
  {
    alert: 'EventsWereLost',
    when: 'twice, which is extrapolated to more than two',
    series: { [sweeps]: '5x69 6 7x20' },
    at: '73m30s',
  },

  ...counter(
    'WhmcsRefusesCredentials',
    whmcs('WHMCS_CREDENTIALS_REFUSED'),
    'WHMCS answers 403; no order can be provisioned',
  ),
  ...['WHMCS_UNREACHABLE', 'WHMCS_MAINTENANCE', 'WHMCS_AMBIGUOUS'].flatMap((outcome) =>
    share('WhmcsDown', [whmcs(outcome), whmcs('ok')], [51, 49], '25m', {
      summary: 'More than half of the calls to WHMCS fail',
    }),
  ),
  ...counter('SalesforceRefusesCredentials', salesforce('SF_CREDENTIALS_REFUSED'), 'Salesforce refuses the login'),
  ...counter('SalesforceLimitReached', salesforce('SF_RATE_LIMITED'), "The org's API requests are used up"),

  ...gone('WorkersGone', 'order_provisioning_orders_count_age_seconds{}', 'No worker is scraped'),
  {
    alert: 'WorkersTooFew',
    when: 'activities wait for long',
    series: waited(10_000, 100_000),
    at: '25m',
    fires: { summary: 'Activities wait 95500 ms for a worker' },
  },
  { alert: 'WorkersTooFew', when: 'activities wait less', series: waited(5_000, 10_000), at: '25m' },

  ...share('PortalFails', [portal('503'), portal('200')], [6, 4], '20m', {
    summary: 'More than one in twenty reads of the portal fails',
  }),
  {
    alert: 'PortalFails',
    when: 'orders are asked for that are not there',
    series: { [portal('404')]: '0+60x40', [portal('200')]: '0+40x40' },
    at: '20m',
  },
  ...gone('PortalGone', 'order_provisioning_process_resident_memory_bytes{process="portal"}', 'No portal is scraped', {
    process: 'portal',
  }),
  ...share('CacheBypassed', [cache('bypass'), cache('hit')], [21, 19], '25m', {
    summary: 'Reads of orders go to Salesforce, around the cache',
    labels: { cache: 'orders' },
  }),
  ...counter('CacheOversized', cache('oversized'), 'Values of orders are too large to be cached', {
    labels: { cache: 'orders' },
  }).map((one) => (one.at === '80m' ? { ...one, at: '70m' } : one)),
];
