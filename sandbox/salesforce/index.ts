import type { FastifyInstance } from 'fastify';
import { MovableClock } from './clock';
import { makeCredentials, publicKeyOf, type Credentials } from './credentials';
import { EventBus } from './events/bus';
import { Faults } from './faults/faults';
import { EventInjector } from './faults/injector';
import type { PubSubTimes } from './pubsub/context';
import { startPubSub, type PubSubServer } from './pubsub/server';
import { buildRestApp, type RestDeps } from './rest/app';
import type { OrgConfig } from './rest/org';
import { RestFaults } from './rest/faults';
import { RequestLedger } from './rest/ledger';
import { Logins } from './rest/logins';
import { Permissions } from './rest/permissions';
import { QueryLocators } from './rest/resources/locators';
import { loadSchema, type SchemaFile } from './schema/schema';
import { MemorySessions } from './store/sessions';
import { MemoryStore } from './store/store';
import type { Sessions, Store } from './store/types';

export interface SalesforceOptions {
  /** Port of login, REST and SOAP (HTTP); chosen by the system when left out. */
  httpPort?: number;
  /** Port of the Pub/Sub API (gRPC over TLS); chosen by the system when left out. */
  pubsubPort?: number;
  /** A schema file to merge over the standard one: its path, or its content. */
  schema?: string | SchemaFile;
  credentials?: Partial<Credentials>;
  /** 18 characters. */
  orgId?: string;
  clock?: MovableClock;
  /** Limits of the wire in real ms; those of Salesforce when left out. */
  times?: Partial<PubSubTimes>;
  /** How long a session lives without use, by the emulator's clock. Default 2 hours. */
  sessionLifetimeMs?: number;
  /** Where record ids begin: orgs that meet on one Temporal server must not share ids. Default 0. */
  firstRecord?: bigint;
  /** Position of the first event: give 2^60 to try replay ids that a Number cannot hold. */
  firstReplayPosition?: bigint;
  /** Adds routes to the HTTP server before it listens (the control API). */
  routes?: (app: FastifyInstance, emulator: Omit<SalesforceEmulator, 'close' | 'loginUrl'>) => void;
}

/** A running Salesforce org, in memory. */
export interface SalesforceEmulator {
  /** `http://127.0.0.1:port`; also the instance URL. */
  loginUrl: string;
  /** `127.0.0.1:port`, TLS with a self-signed certificate. */
  pubsubEndpoint: string;
  orgId: string;
  credentials: Credentials;
  /** 18-character id of the user that all logins of {@link credentials} run as. */
  integrationUserId: string;
  /** 18-character id of another user, who does what people do in the org. */
  salesUserId: string;
  store: Store;
  clock: MovableClock;
  sessions: Sessions;
  /** The event bus: topics, schemas, publishing. */
  events: EventBus;
  /** Faults of the Pub/Sub API, and events that no write would make. */
  faults: Faults;
  pubsub: PubSubServer;
  /** The HTTP side: its faults, its ledger of requests, logins, field permissions, API usage. */
  rest: Pick<RestDeps, 'faults' | 'flows' | 'ledger' | 'logins' | 'permissions' | 'usage'>;
  /** Ends everything: servers, streams, timers. */
  close(): Promise<void>;
}

/** Who the platform itself writes as. */
const AUTOMATED_PROCESS = '005000000000000AAA';
const PASSWORD_SECURITY_TOKEN = 'k3JwYb8QnT5vXz2LrHs7Dm1P';

function createUsers(store: Store, username: string): { integration: string; sales: string } {
  return store.transaction({ userId: AUTOMATED_PROCESS }, (tx) => ({
    integration: tx.create('User', {
      Username: username,
      FirstName: 'Order',
      LastName: 'Provisioning',
      Email: 'order-provisioning@orchard-hosting.example',
      Alias: 'oprov',
    }),
    sales: tx.create('User', {
      Username: 'sales@orchard-hosting.example',
      FirstName: 'Sam',
      LastName: 'Seller',
      Email: 'sales@orchard-hosting.example',
      Alias: 'sales',
    }),
  }));
}

/**
 * Starts an org: store, event bus, Pub/Sub API, and the REST, OAuth and SOAP endpoints.
 * @throws Error when a port is taken or the schema file is not sound
 */
export async function startSalesforce(options: SalesforceOptions = {}): Promise<SalesforceEmulator> {
  const clock = options.clock ?? new MovableClock();
  const orgId = options.orgId ?? '00DQy0000001aBcMAI';
  const schema = options.schema === undefined ? loadSchema() : loadSchema(options.schema);
  const { firstRecord } = options;
  const store = new MemoryStore({ schema, clock, ...(firstRecord === undefined ? {} : { firstRecord }) });
  const sessions = new MemorySessions(orgId, clock, options.sessionLifetimeMs);
  const { firstReplayPosition } = options;
  const events = new EventBus({
    schema,
    clock,
    currentRow: (object, id) => store.get(object, id, { includeDeleted: true }),
    ...(firstReplayPosition === undefined ? {} : { firstPosition: firstReplayPosition }),
  });
  store.onCommit((commit) => events.commit(commit));
  const faults = new Faults(new EventInjector(events, schema, clock));
  const credentials = await makeCredentials(options.credentials);
  const users = createUsers(store, credentials.username);
  const pubsub = await startPubSub({
    bus: events,
    schema,
    sessions,
    clock,
    faults,
    orgId,
    port: options.pubsubPort ?? 0,
    times: options.times ?? {},
  });
  const rest: RestDeps = {
    store,
    clock,
    sessions,
    faults: new RestFaults(),
    permissions: new Permissions(),
    locators: new QueryLocators(),
    ledger: new RequestLedger(),
    logins: new Logins(sessions),
    org: orgOf(orgId, credentials, users),
    usage: {
      used: 0,
      allocation: 100_000,
      delivered: {
        used: () => Object.values(pubsub.stats().eventsDelivered).reduce((sum, count) => sum + count, 0),
        allocation: 50_000,
      },
    },
    flows: new Map([['Order_Fulfilment_Request_on_Approval', true]]),
    publish: (event, fields, meta) => events.publishPlatformEvent(event, fields, meta.userId).id,
    managedSubscriptions: () =>
      pubsub.managed.list().map(({ Id, DeveloperName, Metadata }) => ({
        id: Id,
        developerName: DeveloperName,
        ...Metadata,
      })),
  };
  const parts = {
    pubsubEndpoint: pubsub.endpoint,
    orgId,
    credentials,
    integrationUserId: users.integration,
    salesUserId: users.sales,
    store,
    clock,
    sessions,
    events,
    faults,
    pubsub,
    rest,
  };
  const app = buildRestApp(rest);
  try {
    options.routes?.(app, parts);
    const loginUrl = await app.listen({ host: '127.0.0.1', port: options.httpPort ?? 0 });
    return {
      ...parts,
      loginUrl,
      async close() {
        await app.close();
        await pubsub.close();
      },
    };
  } catch (error) {
    await app.close();
    await pubsub.close();
    const { code, message } = error as { code?: string; message?: string };
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new Error(`The Salesforce emulator cannot listen on port ${options.httpPort ?? 0}: ${message ?? code}`, {
      cause: error,
    });
  }
}

function orgOf(orgId: string, credentials: Credentials, users: { integration: string }): OrgConfig {
  return {
    orgId,
    users: [
      {
        id: users.integration,
        username: credentials.username,
        password: credentials.password,
        securityToken: PASSWORD_SECURITY_TOKEN,
        name: 'Order Provisioning',
        email: 'order-provisioning@orchard-hosting.example',
      },
    ],
    connectedApps: [
      {
        clientId: credentials.clientId,
        clientSecret: credentials.clientSecret,
        runAsUsername: credentials.username,
        publicKeys: [publicKeyOf(credentials)],
      },
    ],
  };
}
