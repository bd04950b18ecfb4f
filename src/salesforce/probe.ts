import { ProvisioningFailure } from '../domain/failure';
import type { OrderId } from '../domain/order';
import { parseOrderId, parseRecordId } from '../domain/record-id';
import type { SalesforceFields } from './fields';
import { neededFields, type NeededField } from './needed-fields';
import type { PriceBook } from './price-book';
import { queryAll } from './query';
import { readPage, text, type Row } from './rows';
import type { SalesforceSession } from './session';
import { idLiteral, inList, literal } from './soql';

/** A field that the product needs, and what the integration user may do with it. */
export interface FieldCheck extends NeededField {
  exists: boolean;
  updateable: boolean;
}

export interface Limit {
  remaining: number;
  max: number;
}

/** What a doctor asks Salesforce. Nothing of it changes anything there. */
export interface SalesforceProbe {
  /** A login. @throws ProvisioningFailure of the catalogue. */
  connection(): Promise<{ organizationId: string; instanceUrl: string }>;
  /** API versions of the instance, newest last, e.g. `62.0`. */
  apiVersions(): Promise<string[]>;
  /** Every field of ours by describe; a field that the user may not see is as one that does not exist. */
  fields(): Promise<FieldCheck[]>;
  /** Active values of the picklist Order.Status. */
  orderStatuses(): Promise<string[]>;
  /** What is left of the org's limits for 24 hours; a limit that the org does not tell is left out. */
  limits(): Promise<{ apiRequests?: Limit; eventDeliveries?: Limit }>;
  /** Members of the change data capture channels, e.g. `ChangeEvents` (the standard one) with `OrderChangeEvent`. */
  channelMembers(): Promise<{ channel: string; entity: string }[]>;
  /** Whether a version of a flow is active; undefined where the org has no flow of this name. */
  isFlowActive(developerName: string): Promise<boolean | undefined>;
  /** Field names of an object or platform event; undefined where there is none that the user may see. */
  fieldsOf(object: string): Promise<string[] | undefined>;
  /** Active price books that the user may see. */
  priceBooks(): Promise<(PriceBook & { name: string })[]>;
  /** WHMCS product ids that active products refer to. */
  whmcsProductIds(): Promise<string[]>;
  /** Codes of the last failures of these orders; an order without one is left out. */
  errorCodes(orderIds: readonly OrderId[]): Promise<Map<OrderId, string>>;
  /** What the last failure wrote on the order; null where none did. */
  lastError(orderId: OrderId): Promise<{ code: string; message: string | null } | null>;
}

/** Key prefix of PlatformEventChannel. */
const CHANNEL_ID = /^0YL[0-9A-Za-z]{12,15}$/;

/** Of one query: it goes in the address, which Salesforce takes up to 16,384 bytes of. */
const MOST_IDS = 300;

interface DescribedField {
  name?: unknown;
  updateable?: unknown;
  picklistValues?: { value?: unknown; active?: unknown }[];
}

function limitOf(answer: unknown, name: string): Limit | undefined {
  const { Remaining: remaining, Max: max } =
    (answer as Record<string, { Remaining?: unknown; Max?: unknown } | undefined>)[name] ?? {};
  return typeof remaining === 'number' && typeof max === 'number' ? { remaining, max } : undefined;
}

/** The probe of `orders doctor`. */
export function createSalesforceProbe(session: SalesforceSession, fields: SalesforceFields): SalesforceProbe {
  /** Fields of an object by their names in lower case. */
  async function describe(object: string): Promise<Map<string, DescribedField>> {
    try {
      const answer = await session.call({ method: 'GET', path: `/sobjects/${object}/describe` }, `describe ${object}`);
      const described = (answer as { fields?: DescribedField[] }).fields ?? [];
      return new Map(described.map((field) => [String(field.name).toLowerCase(), field]));
    } catch (error) {
      // An object that the user may not see is answered like one that does not exist.
      if (error instanceof ProvisioningFailure && error.vendorCode === 'NOT_FOUND') return new Map();
      throw error;
    }
  }

  /** Only the Tooling API knows (Change Data Capture Developer Guide, "Obtain the Entities Selected for Change Notifications"). */
  async function tooling(soql: string, what = 'list its change data capture channels'): Promise<Row[]> {
    const path = `/tooling/query?q=${encodeURIComponent(soql)}`;
    const answer = await session.call({ method: 'GET', path }, what);
    return readPage(answer)?.records ?? [];
  }

  /** Names of the custom channels, as topics spell them, by id. */
  async function channelNames(): Promise<Map<string, string>> {
    const rows = await tooling('SELECT Id, DeveloperName, NamespacePrefix FROM PlatformEventChannel');
    return new Map(
      rows.map((row) => {
        const parts = [text(row['NamespacePrefix']), text(row['DeveloperName']), 'chn'];
        return [text(row['Id']) ?? '', parts.filter((part) => part !== null).join('__')];
      }),
    );
  }

  return {
    async connection() {
      const { organizationId, instanceUrl } = await session.login();
      return { organizationId, instanceUrl };
    },
    async apiVersions() {
      const answer = await session.call({ method: 'GET', path: '/services/data' }, 'list its API versions');
      return (Array.isArray(answer) ? (answer as { version?: unknown }[]) : []).map(({ version }) => String(version));
    },
    async fields() {
      const checks: FieldCheck[] = [];
      const described = new Map<string, Map<string, DescribedField>>();
      for (const needed of neededFields(fields)) {
        const { object } = needed;
        const known = described.get(object) ?? (await describe(object));
        described.set(object, known);
        const field = known.get(needed.field.toLowerCase());
        checks.push({ ...needed, exists: field !== undefined, updateable: field?.updateable === true });
      }
      return checks;
    },
    async orderStatuses() {
      const values = (await describe('Order')).get('status')?.picklistValues ?? [];
      return values.filter(({ active }) => active !== false).map(({ value }) => String(value));
    },
    async limits() {
      const answer = await session.call({ method: 'GET', path: '/limits' }, 'read its limits');
      const apiRequests = limitOf(answer, 'DailyApiRequests');
      // High-volume platform events and change events to Pub/Sub API and CometD clients (REST API Developer Guide, "Limits").
      const eventDeliveries = limitOf(answer, 'DailyDeliveredPlatformEvents');
      return {
        ...(apiRequests === undefined ? {} : { apiRequests }),
        ...(eventDeliveries === undefined ? {} : { eventDeliveries }),
      };
    },
    async channelMembers() {
      const members = await tooling('SELECT EventChannel, SelectedEntity FROM PlatformEventChannelMember');
      const read = members.map((row) => ({
        channel: text(row['EventChannel']) ?? '',
        entity: text(row['SelectedEntity']) ?? '',
      }));
      // The standard channel is named; a custom one is referred to by its id (same guide, "Get Custom Channels and Channel Members").
      if (!read.some(({ channel }) => CHANNEL_ID.test(channel))) return read;
      const names = await channelNames();
      return read.map(({ channel, entity }) => ({ channel: names.get(channel) ?? channel, entity }));
    },
    async isFlowActive(developerName) {
      // Tooling API, FlowDefinition: without an active version the id is null.
      const soql = `SELECT ActiveVersionId FROM FlowDefinition WHERE DeveloperName = ${literal(developerName)}`;
      const [flow] = await tooling(soql, `look at the flow ${developerName}`);
      return flow === undefined ? undefined : text(flow['ActiveVersionId']) !== null;
    },
    async fieldsOf(object) {
      const described = await describe(object);
      return described.size === 0 ? undefined : [...described.keys()];
    },
    async priceBooks() {
      const soql = 'SELECT Id, Name, IsStandard FROM Pricebook2 WHERE IsActive = true ORDER BY Id';
      const rows = await queryAll(session, soql, 'list its price books');
      return rows.map((row) => ({
        id: parseRecordId(row['Id']),
        name: text(row['Name']) ?? '',
        isStandard: row['IsStandard'] === true,
      }));
    },
    async whmcsProductIds() {
      const field = fields.product.whmcsProductId;
      const soql = `SELECT ${field} FROM Product2 WHERE IsActive = true AND ${field} != null`;
      const rows = await queryAll(session, soql, 'list products sold through WHMCS');
      return [...new Set(rows.map((row) => text(row[field])).filter((id) => id !== null))];
    },
    async errorCodes(orderIds) {
      const field = fields.order.activationErrorCode;
      const codes = new Map<OrderId, string>();
      for (let i = 0; i < orderIds.length; i += MOST_IDS) {
        const ids = inList(orderIds.slice(i, i + MOST_IDS));
        const soql = `SELECT Id, ${field} FROM Order WHERE Id IN ${ids} AND ${field} != null`;
        for (const row of await queryAll(session, soql, 'read the errors of orders')) {
          const code = text(row[field]);
          if (code !== null) codes.set(parseOrderId(row['Id']), code);
        }
      }
      return codes;
    },
    async lastError(orderId) {
      const { activationErrorCode: code, activationErrorMessage: message } = fields.order;
      const soql = `SELECT ${code}, ${message} FROM Order WHERE Id = ${idLiteral(orderId)}`;
      const [row] = await queryAll(session, soql, `read the last error of order ${orderId}`);
      const written = text(row?.[code]);
      return written === null ? null : { code: written, message: text(row?.[message]) };
    },
  };
}
