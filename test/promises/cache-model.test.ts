import fc from 'fast-check';
import type { OrderView } from '../../src/cache';
import { Rig, type Client } from '../cache/support/rig';
import { accountId, itemId, orderId } from '../cache/support/truth';

/**
 * Promise 4 as a model: clients read, Salesforce changes, events are acted upon late and out of step, reads of Salesforce
 * and scripts are held back anywhere, keys are evicted. No read that begins after an invalidation was done may return what
 * was read from Salesforce before the change that it told of.
 *
 * Each answer of Salesforce carries the time at which it was read (`totalAmount`), counted in changes.
 */

const ORDERS = [1, 2, 3];
const ACCOUNTS = [1, 2];
/** Each account has an order that never changes, so that no list is empty and each tells its time. */
const anchor = (account: number): number => 100 + account;

type Read = { kind: 'order'; n: number } | { kind: 'list'; account: number };
const nameOf = (read: Read): string => (read.kind === 'order' ? `order ${read.n}` : `list ${read.account}`);

interface PendingEvent {
  /** The order it is about. */
  n: number;
  touches: string[];
  at: number;
  invalidate: (client: Client) => Promise<void>;
}

/** The world of one run: what the model knows is in `floor` and `events`. */
class World {
  /** Changes of Salesforce so far. */
  time = 0;
  /** For each thing that can be read: the last change whose invalidation is done. */
  readonly floor = new Map<string, number>();
  readonly events: PendingEvent[] = [];
  readonly inFlight = new Set<Promise<void>>();
  readonly lanes = new Map<number, Promise<void>>();
  readonly violations: string[] = [];

  constructor(
    readonly rig: Rig,
    readonly clients: Client[],
  ) {
    const { truth } = rig;
    truth.orders.clear();
    for (const account of ACCOUNTS) truth.put(anchor(account), { accountId: accountId(account) });
    for (const n of ORDERS) truth.put(n, { accountId: accountId(1) });
    this.stampAll();
  }

  /** Salesforce's answers tell their time. */
  stampAll(): void {
    for (const order of this.rig.truth.orders.values()) order.totalAmount = this.time;
  }

  change(n: number, what: 'status' | 'item' | 'move' | 'gone', gap: boolean): void {
    const { truth } = this.rig;
    const before = truth.orders.get(orderId(n));
    this.time++;
    const from = accountOf(before);
    const created = before === undefined;
    if (what === 'gone' && !created) truth.orders.delete(orderId(n));
    else if (created) truth.put(n, { accountId: accountId(1) });
    else if (what === 'move') truth.put(n, { accountId: accountId(from === 1 ? 2 : 1) });
    const to = accountOf(truth.orders.get(orderId(n)));
    this.stampAll();
    const touches = [`order ${n}`, ...[from, to].filter((a) => a !== undefined).map((a) => `list ${a}`)];
    const named = created || what === 'move' ? to : undefined;
    this.events.push({ n, touches, at: this.time, invalidate: (client) => tell(client, n, named, what, gap) });
  }

  /**
   * Begins to act upon an event, after the earlier ones of its order, as the listener does: an order that nobody has yet
   * told to be in a list is not in it for a later event either. Resolves when it is done.
   */
  deliver(client: Client, index: number): Promise<void> {
    const about = this.events[index % Math.max(1, this.events.length)]?.n;
    const [event] = this.events.splice(
      this.events.findIndex(({ n }) => n === about),
      about === undefined ? 0 : 1,
    );
    if (event === undefined) return Promise.resolve();
    const done = (this.lanes.get(event.n) ?? Promise.resolve()).then(async () => {
      await event.invalidate(client);
      for (const name of event.touches) this.floor.set(name, Math.max(this.floor.get(name) ?? 0, event.at));
    });
    this.lanes.set(event.n, done);
    this.track(done);
    return done;
  }

  read(client: Client, read: Read): void {
    const floor = this.floor.get(nameOf(read)) ?? 0;
    this.track(
      seenTime(client, read).then((seen) => {
        if (seen !== undefined && seen < floor) this.violations.push(`${nameOf(read)}: read ${seen}, floor ${floor}`);
      }),
    );
  }

  track(work: Promise<void>): void {
    const tracked = work.finally(() => this.inFlight.delete(tracked));
    this.inFlight.add(tracked);
  }

  async settle(): Promise<void> {
    this.rig.truth.gate.open();
    for (const { gate } of this.clients) gate.open();
    await Promise.all(this.inFlight);
    if (this.violations.length > 0) throw new Error(this.violations.join('; '));
  }
}

const accountOf = (order: OrderView | undefined): number | undefined =>
  ACCOUNTS.find((account) => order?.accountId === accountId(account));

function tell(client: Client, n: number, account: number | undefined, what: string, gap: boolean): Promise<void> {
  const { orders } = client;
  if (gap) return orders.invalidateOrder(orderId(n), undefined, { gap });
  if (what === 'item' && account === undefined) return orders.invalidateOrdersOfItems([itemId(n)]);
  return account === undefined
    ? orders.invalidateOrder(orderId(n))
    : orders.invalidateOrder(orderId(n), accountId(account));
}

/** When Salesforce was read for this answer; undefined for "no such order", which tells no time. */
async function seenTime({ orders }: Client, read: Read): Promise<number | undefined> {
  if (read.kind === 'order') {
    const order = (await orders.readOrder(orderId(read.n))).value;
    if (order !== undefined) expect(order.id).toBe(orderId(read.n));
    return order?.totalAmount ?? undefined;
  }
  const { value } = await orders.readAccountOrders(accountId(read.account));
  return value.find((order) => order.id === orderId(anchor(read.account)))?.totalAmount ?? undefined;
}

type Step = (world: World) => void | Promise<void>;

class Command implements fc.AsyncCommand<object, World> {
  constructor(
    private readonly name: string,
    private readonly step: Step,
  ) {}
  check = (): boolean => true;
  async run(_model: object, world: World): Promise<void> {
    await this.step(world);
  }
  toString = (): string => this.name;
}

const client = fc.nat({ max: 2 });
const anyRead: fc.Arbitrary<Read> = fc.oneof(
  fc.constantFrom(...ORDERS).map((n) => ({ kind: 'order' as const, n })),
  fc.constantFrom(...ACCOUNTS).map((account) => ({ kind: 'list' as const, account })),
);
const command = (name: string, step: Step): Command => new Command(name, step);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const commands = [
  fc
    .tuple(client, anyRead)
    .map(([c, read]) => command(`read(${c}, ${nameOf(read)})`, (w) => w.read(w.clients[c]!, read))),
  fc
    .tuple(client, anyRead)
    .map(([c, read]) => command(`read'(${c}, ${nameOf(read)})`, (w) => w.read(w.clients[c]!, read))),
  fc
    .tuple(fc.constantFrom(...ORDERS), fc.constantFrom('status', 'item', 'move', 'gone'), fc.nat({ max: 19 }))
    .map(([n, what, g]) =>
      command(`change(${n}, ${what}${g === 0 ? ', gap' : ''})`, (w) => w.change(n, what, g === 0)),
    ),
  fc
    .tuple(client, fc.nat({ max: 3 }))
    .map(([c, i]) => command(`deliver(${c}, ${i})`, (w) => void w.deliver(w.clients[c]!, i))),
  // The two halves of a race, so that a run of random commands has many: a read that is held once it has seen
  // Salesforce, and a change whose invalidation is done.
  fc.tuple(client, anyRead).map(([c, read]) =>
    command(`slowRead(${c}, ${nameOf(read)})`, async (w) => {
      w.rig.truth.gate.hold();
      w.read(w.clients[c]!, read);
      await pause(8);
    }),
  ),
  fc.tuple(client, fc.constantFrom(...ORDERS), fc.constantFrom('status', 'item', 'move', 'gone')).map(([c, n, what]) =>
    command(`changeAndTell(${c}, ${n}, ${what})`, async (w) => {
      w.change(n, what, false);
      await w.deliver(w.clients[c]!, w.events.length - 1);
    }),
  ),
  // Let what was begun come to where it is held, or to its end.
  fc.nat({ max: 4 }).map((ms) => command(`pause(${ms})`, () => pause(ms))),
  fc.constant(command('holdSource', (w) => w.rig.truth.gate.hold())),
  fc.constant(command('releaseSource', (w) => w.rig.truth.gate.releaseOne())),
  client.map((c) => command(`holdScripts(${c})`, (w) => w.clients[c]!.gate.hold())),
  client.map((c) => command(`releaseScript(${c})`, (w) => w.clients[c]!.gate.releaseOne())),
  fc
    .constantFrom(
      '{index}',
      '{index}:generation',
      ...[`order:${orderId(1)}`, `account:${accountId(1)}`].flatMap((group) => [`{${group}}`, `{${group}}~`]),
    )
    .map((key) =>
      command(`evict(${key})`, async (w) => {
        await w.rig.redis.command('DEL', w.clients[0]!.connection.prefix + key);
      }),
    ),
  fc.constant(command('settle', (w) => w.settle())),
];

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.stop());

it('never answers a read with less than the last invalidation done before it', async () => {
  const clients = [await rig.client(), await rig.client(), await rig.client()];
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { size: 'max', maxCommands: 80 }), async (run) => {
      await rig.redis.command('FLUSHALL');
      const world = new World(rig, clients);
      try {
        await fc.asyncModelRun(() => ({ model: {}, real: world }), run);
      } finally {
        await world.settle();
      }
      // Once all events are acted upon, everybody sees Salesforce as it is.
      while (world.events.length > 0) void world.deliver(clients[0]!, 0);
      await world.settle();
      for (const each of clients) {
        for (const n of ORDERS) world.read(each, { kind: 'order', n });
        for (const account of ACCOUNTS) world.read(each, { kind: 'list', account });
        for (const n of ORDERS) {
          const seen = (await each.orders.readOrder(orderId(n))).value;
          expect(seen?.accountId).toBe(rig.truth.orders.get(orderId(n))?.accountId);
        }
      }
      await world.settle();
    }),
    { numRuns: Number(process.env['CACHE_MODEL_RUNS'] ?? 150), endOnFailure: false },
  );
  expect(clients.some(({ tally }) => tally.of('fill-revoked') > 0)).toBe(true);
}, 300_000);
