import { MovableClock } from '../../../sandbox/salesforce/clock';
import { loadSchema } from '../../../sandbox/salesforce/schema/schema';
import { seedAccounts, seedCatalog, seedDraftOrder } from '../../../sandbox/salesforce/seed';
import { SalesforceError } from '../../../sandbox/salesforce/store/errors';
import { normaliseId, widenId } from '../../../sandbox/salesforce/store/ids';
import { MemorySessions } from '../../../sandbox/salesforce/store/sessions';
import { MemoryStore } from '../../../sandbox/salesforce/store/store';
import type { Commit, FieldInput } from '../../../sandbox/salesforce/store/types';

const by = { userId: '005000000000001AAA' };

function org() {
  const clock = new MovableClock();
  clock.freeze(Date.parse('2026-03-01T10:00:00.250Z'));
  const store = new MemoryStore({ schema: loadSchema(), clock });
  const catalog = seedCatalog(store, by);
  const [accountId] = seedAccounts(store, by, 1) as [string];
  const order = seedDraftOrder(store, by, catalog, { accountId, items: [{ code: 'HOST-START' }, { code: 'MAIL' }] });
  return { clock, store, catalog, accountId, ...order };
}

function refusal(work: () => unknown): { errorCode: string; fields: string[]; message: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof SalesforceError) return error.toJSON();
    throw error;
  }
  throw new Error('was not refused');
}

describe('ids', () => {
  // Ids of the vendor's own documentation: Change Data Capture Developer Guide, "Merged Change Events".
  it.each(['0015f00002JUZPDAA5', '0015f00002JUZPXAA5', '0015f00002JUZPcAAP', '000000000000000AAA'])(
    'suffix of %s',
    (id) => {
      expect(widenId(id.slice(0, 15))).toBe(id);
      expect(normaliseId(id.slice(0, 15))).toBe(id);
      expect(normaliseId(id)).toBe(id);
    },
  );

  it('refuses a suffix that does not fit', () => expect(normaliseId('0015f00002JUZPDAAP')).toBeUndefined());

  it('gives each record an id of its object', () => {
    const { store, orderId, itemIds, accountId } = org();
    expect(orderId).toMatch(/^801[0-9A-Za-z]{15}$/);
    expect(itemIds.every((id) => id.startsWith('802'))).toBe(true);
    expect(accountId.startsWith('001')).toBe(true);
    expect(new Set([orderId, ...itemIds, accountId]).size).toBe(4);
    expect(store.get('Order', orderId.slice(0, 15))?.Id).toBe(orderId);
  });
});

describe('a write', () => {
  const refusals: [string, FieldInput, string, string[]][] = [
    ['an unknown field', { Colour__c: 'red' }, 'INVALID_FIELD', []],
    ['a field of the server', { OrderNumber: '1' }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['OrderNumber']],
    ['an audit field', { CreatedDate: '2026-01-01' }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['CreatedDate']],
    ['null for a required field', { AccountId: null }, 'REQUIRED_FIELD_MISSING', ['AccountId']],
    ['a long text', { WHMCS_Order_ID__c: 'x'.repeat(21) }, 'STRING_TOO_LONG', ['WHMCS_Order_ID__c']],
    ['a wrong status', { Status: 'Aproved' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', ['Status']],
    ['a text that is no id', { AccountId: 'acme' }, 'MALFORMED_ID', ['AccountId']],
    ['an id of another object', { AccountId: '801000000000001AAA' }, 'FIELD_INTEGRITY_EXCEPTION', ['AccountId']],
    ['an id of no record', { AccountId: '001000000000001AAA' }, 'INVALID_CROSS_REFERENCE_KEY', ['AccountId']],
    ['a date that is none', { EffectiveDate: 'tomorrow' }, 'JSON_PARSER_ERROR', []],
    ['an object for a text', { Name: { first: 'x' } }, 'JSON_PARSER_ERROR', []],
  ];

  it.each(refusals)('refuses %s and changes nothing', (_, fields, errorCode, names) => {
    const { store, orderId } = org();
    const before = store.get('Order', orderId);
    const commits = store.commits;
    const answer = refusal(() => store.transaction(by, (tx) => tx.update('Order', orderId, fields)));
    expect(answer.errorCode).toBe(errorCode);
    expect(answer.fields).toEqual(names);
    expect(store.get('Order', orderId)).toBe(before);
    expect(store.commits).toBe(commits);
  });

  it('names every required field that is missing', () => {
    const { store } = org();
    const answer = refusal(() => store.transaction(by, (tx) => tx.create('Order', {})));
    expect(answer).toMatchObject({ errorCode: 'REQUIRED_FIELD_MISSING', fields: ['AccountId', 'EffectiveDate'] });
  });

  it('finds names of fields without regard to case, and stores an empty text as null', () => {
    const { store, orderId } = org();
    store.transaction(by, (tx) => tx.update('order', orderId, { DESCRIPTION: ' x ', poNumber: '' }));
    expect(store.get('Order', orderId)).toMatchObject({ Description: 'x', PoNumber: null });
  });

  it('fills in defaults, audit fields in whole seconds, numbers and sums', () => {
    const { store, orderId, itemIds } = org();
    expect(store.get('Order', orderId)).toMatchObject({
      Status: 'Draft',
      IsReductionOrder: false,
      OrderNumber: '00000100',
      CreatedDate: '2026-03-01T10:00:00.000+0000',
      SystemModstamp: '2026-03-01T10:00:00.000+0000',
      CreatedById: by.userId,
      TotalAmount: 29.95,
    });
    store.transaction(by, (tx) => tx.update('OrderItem', itemIds[0]!, { Quantity: 2 }));
    expect(store.get('OrderItem', itemIds[0]!)).toMatchObject({ TotalPrice: 19.9 });
    expect(store.get('Order', orderId)).toMatchObject({ TotalAmount: 39.9 });
  });

  it('refuses an item of another price book', () => {
    const { store, orderId } = org();
    const other = seedCatalog(store, by);
    const answer = refusal(() =>
      store.transaction(by, (tx) =>
        tx.create('OrderItem', {
          OrderId: orderId,
          PricebookEntryId: other.products[0]!.pricebookEntryId,
          Quantity: 1,
          UnitPrice: 1,
        }),
      ),
    );
    expect(answer.errorCode).toBe('FIELD_INTEGRITY_EXCEPTION');
  });

  it('refuses a second user of the same name', () => {
    const { store } = org();
    const user = { Username: 'a@b.example', LastName: 'A', Email: 'a@b.example' };
    store.transaction(by, (tx) => tx.create('User', user));
    expect(refusal(() => store.transaction(by, (tx) => tx.create('User', user))).errorCode).toBe('DUPLICATE_VALUE');
  });
});

describe('a transaction', () => {
  it('rolls all back when an error leaves it', () => {
    const { store, orderId, accountId } = org();
    expect(() =>
      store.transaction(by, (tx) => {
        tx.update('Order', orderId, { Status: 'Approved' });
        tx.delete('OrderItem', store.rows('OrderItem')[0]!.Id);
        tx.create('Account', { Name: 'x' });
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(store.get('Order', orderId)?.['Status']).toBe('Draft');
    expect(store.rows('OrderItem')).toHaveLength(2);
    expect(store.rows('Account').map((row) => row.Id)).toEqual([accountId]);
  });

  it('goes on after a refusal that was caught', () => {
    const { store, orderId } = org();
    store.transaction(by, (tx) => {
      tx.update('Order', orderId, { PoNumber: '7' });
      expect(refusal(() => tx.update('Order', orderId, { Status: 'x' })).errorCode).toMatch(/PICKLIST/);
    });
    expect(store.get('Order', orderId)).toMatchObject({ PoNumber: '7', Status: 'Draft' });
  });

  it('tells of each record once, from its first to its last state', () => {
    const { store, orderId } = org();
    const commits: Commit[] = [];
    store.onCommit((commit) => commits.push(commit));
    store.transaction(by, (tx) => {
      tx.update('Order', orderId, { Status: 'Pending Approval' });
      tx.update('Order', orderId, { Status: 'Approved' });
      tx.delete('Account', tx.create('Account', { Name: 'gone at once' }));
    });
    expect(commits).toHaveLength(1);
    expect(commits[0]!.changes).toMatchObject([
      { id: orderId, type: 'UPDATE', before: { Status: 'Draft' }, after: { Status: 'Approved' } },
    ]);
  });
});

describe('the recycle bin', () => {
  it('takes the items with their order and gives them back', () => {
    const { store, orderId, itemIds } = org();
    store.transaction(by, (tx) => tx.delete('Order', orderId));
    expect(store.get('Order', orderId)).toBeUndefined();
    expect(store.rows('OrderItem')).toHaveLength(0);
    expect(store.get('OrderItem', itemIds[0]!, { includeDeleted: true })).toMatchObject({ IsDeleted: true });
    const update = () => store.transaction(by, (tx) => tx.update('Order', orderId, { PoNumber: '1' }));
    expect(refusal(update).errorCode).toBe('ENTITY_IS_DELETED');
    store.transaction(by, (tx) => tx.undelete('Order', orderId));
    expect(store.rows('OrderItem').map((row) => row.Id)).toEqual(itemIds);
  });

  it('refuses an account that has orders', () => {
    const { store, accountId } = org();
    expect(refusal(() => store.transaction(by, (tx) => tx.delete('Account', accountId))).errorCode).toBe(
      'DELETE_FAILED',
    );
  });
});

describe('the schema', () => {
  it('takes a second file with an object and a field of an old one', () => {
    const schema = loadSchema({
      objects: {
        Visit__c: { keyPrefix: 'a01', cdc: true, fields: [{ name: 'Note__c', type: 'string', length: 10 }] },
        Order: { keyPrefix: '801', cdc: true, fields: [{ name: 'Rush__c', type: 'boolean' }] },
      },
    });
    const store = new MemoryStore({ schema, clock: new MovableClock() });
    const id = store.transaction(by, (tx) => tx.create('Visit__c', { Note__c: 'hello' }));
    expect(id.startsWith('a01')).toBe(true);
    expect(schema.object('Order')?.field('Rush__c')).toBeDefined();
    expect(schema.object('Order')?.field('Status')).toBeDefined();
  });

  it('names what is wrong in a file', () => {
    const broken = {
      objects: {
        Visit__c: { keyPrefix: 'a01', fields: [{ name: 'X__c', type: 'reference' as const, referenceTo: ['Nope'] }] },
      },
    };
    expect(() => loadSchema(broken)).toThrow('Visit__c.X__c refers to Nope');
    expect(() => loadSchema({ objects: { X: { keyPrefix: 'toolong', fields: [] } } })).toThrow(/keyPrefix/);
  });
});

describe('sessions', () => {
  it('expire without use, by the clock', () => {
    const clock = new MovableClock();
    const sessions = new MemorySessions('00DQy0000001aBcMAI', clock, 1000);
    const { accessToken } = sessions.open({ userId: by.userId, username: 'x' });
    expect(accessToken).toMatch(/^00DQy0000001aBc!/);
    clock.advance(900);
    expect(sessions.validate(accessToken)).toMatchObject({ userId: by.userId });
    clock.advance(900);
    expect(sessions.validate(accessToken)).toMatchObject({ userId: by.userId });
    clock.advance(1001);
    expect(sessions.validate(accessToken)).toBe('expired');
    expect(sessions.validate('nonsense')).toBe('unknown');
  });
});
