import { generateKeyPairSync } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { Connection } from 'jsforce';
import { MovableClock } from '../../../sandbox/salesforce/clock';
import { buildRestApp, type RestDeps } from '../../../sandbox/salesforce/rest/app';
import { RestFaults } from '../../../sandbox/salesforce/rest/faults';
import { RequestLedger } from '../../../sandbox/salesforce/rest/ledger';
import { Logins } from '../../../sandbox/salesforce/rest/logins';
import { Permissions } from '../../../sandbox/salesforce/rest/permissions';
import { QueryLocators } from '../../../sandbox/salesforce/rest/resources/locators';
import { loadSchema } from '../../../sandbox/salesforce/schema/schema';
import { MemorySessions } from '../../../sandbox/salesforce/store/sessions';
import { MemoryStore } from '../../../sandbox/salesforce/store/store';
import type { Commit, FieldInput } from '../../../sandbox/salesforce/store/types';

export const CLIENT = { clientId: '3MVGtest-consumer-key', clientSecret: 'test-consumer-secret' };
export const USER = { username: 'integration@example.com', password: 'p&ss<word>', securityToken: 'tok3n' };
export const ADMIN = '005000000000001AAC';
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
export const PRIVATE_KEY = keys.privateKey;

/** An org's REST side listening on a free port, with its parts at hand. */
export class RestOrg {
  readonly clock = new MovableClock();
  readonly store = new MemoryStore({ schema: loadSchema(), clock: this.clock });
  readonly sessions = new MemorySessions('00DQy0000000001MAA', this.clock);
  readonly logins = new Logins(this.sessions);
  readonly faults = new RestFaults();
  readonly permissions = new Permissions();
  readonly ledger = new RequestLedger();
  readonly commits: Commit[] = [];
  readonly published: { event: string; fields: FieldInput; client: string | undefined }[] = [];
  readonly userId: string;
  readonly deps: RestDeps;
  readonly app: FastifyInstance;
  url = '';

  constructor() {
    this.userId = this.store.transaction({ userId: ADMIN }, (tx) =>
      tx.create('User', { Username: USER.username, LastName: 'Integration', Email: USER.username }),
    );
    this.deps = {
      org: {
        orgId: '00DQy0000000001MAA',
        users: [{ id: this.userId, ...USER }],
        connectedApps: [{ ...CLIENT, runAsUsername: USER.username, publicKeys: [keys.publicKey] }],
      },
      store: this.store,
      clock: this.clock,
      sessions: this.sessions,
      logins: this.logins,
      faults: this.faults,
      permissions: this.permissions,
      ledger: this.ledger,
      locators: new QueryLocators(),
      usage: { used: 0, allocation: 100_000, delivered: { used: () => 0, allocation: 50_000 } },
      flows: new Map(),
      publish: (event, fields, meta) => {
        this.published.push({ event, fields, client: meta.clientName });
        return '6f3c0a52-0000-4000-8000-000000000000';
      },
      managedSubscriptions: () => [
        {
          id: '18xQy0000000001IAA',
          developerName: 'Order_Provisioning',
          label: 'Order provisioning',
          topicName: '/data/OrderChangeEvent',
          defaultReplay: 'EARLIEST',
          errorRecoveryReplay: 'EARLIEST',
          state: 'RUN',
        },
      ],
    };
    this.store.onCommit((commit) => this.commits.push(commit));
    this.app = buildRestApp(this.deps);
  }

  static async start(): Promise<RestOrg> {
    const org = new RestOrg();
    org.url = await org.app.listen({ host: '127.0.0.1', port: 0 });
    return org;
  }

  /** A connection with a session of the integration user. */
  connect(options: { clientName?: string } = {}): Connection {
    const session = this.sessions.open({ userId: this.userId, username: USER.username });
    return new Connection({
      instanceUrl: this.url,
      accessToken: session.accessToken,
      version: '62.0',
      ...(options.clientName === undefined ? {} : { callOptions: { client: options.clientName } }),
      maxRequest: 50,
    });
  }

  /** Writes past the API, as a trigger or another system would. @returns the id */
  create(object: string, fields: FieldInput): string {
    return this.store.transaction({ userId: this.userId }, (tx) => tx.create(object, fields));
  }

  /** A catalog of one product, an account, and an order of `items` lines. */
  seedOrder(fields: FieldInput = {}, items = 1): { accountId: string; orderId: string; itemIds: string[] } {
    const accountId = this.create('Account', { Name: 'Acme', WHMCS_Client_ID__c: '7' });
    const product = this.create('Product2', { Name: 'Hosting', WHMCS_Product_ID__c: '11', IsActive: true });
    const book = this.create('Pricebook2', { Name: 'Standard', IsActive: true });
    const entry = this.create('PricebookEntry', {
      Pricebook2Id: book,
      Product2Id: product,
      UnitPrice: 10,
      IsActive: true,
    });
    const orderId = this.create('Order', {
      AccountId: accountId,
      Pricebook2Id: book,
      Status: 'Draft',
      EffectiveDate: '2026-11-01',
      ...fields,
    });
    const itemIds = this.store.transaction({ userId: this.userId }, (tx) =>
      Array.from({ length: items }, () =>
        tx.create('OrderItem', { OrderId: orderId, PricebookEntryId: entry, Quantity: 1, UnitPrice: 10 }),
      ),
    );
    return { accountId, orderId, itemIds };
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}
