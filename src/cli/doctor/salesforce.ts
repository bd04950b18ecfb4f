import { topicAccess } from '../../listener/subscription';
import type { Limit } from '../../salesforce/probe';
import { DEFAULT_API_VERSION } from '../../salesforce/session';
import type { Cli } from '../cli';
import { topicNames } from '../topic-names';
import { changeCapture } from './change-capture';
import { fail, ok, skipped, warn, type Check, type CheckGroup, type Finding } from './check';
import { DEPLOY_EVENT, DEPLOY_FIELDS } from './deploy';
import { PUBLISHING_FLOW, publishingFlow } from './flow';
import { orderStatuses } from './order-statuses';
import { priceBook } from './price-book';
import { reachPubsub } from './pubsub';
import { unlessRefused, untold } from './setup-rights';
import { topicsHeard } from './topics';

export function salesforceChecks(cli: Cli): CheckGroup {
  const login: Check = {
    name: 'login',
    async run() {
      const { organizationId, instanceUrl } = await cli.salesforce().probe.connection();
      return ok(`org ${organizationId} at ${new URL(instanceUrl).host}`);
    },
  };
  return {
    system: 'salesforce',
    gate: login,
    checks: [
      { name: 'API version', run: () => apiVersion(cli) },
      { name: 'fields', run: () => fields(cli) },
      { name: 'order statuses', run: () => statuses(cli) },
      { name: 'change data capture', run: () => capture(cli) },
      { name: 'platform event', run: () => platformEvent(cli) },
      { name: 'flow', run: () => flow(cli) },
      { name: 'price book', run: () => soldFrom(cli) },
      { name: 'Pub/Sub API', run: () => reachPubsub(cli.config.pubsub(cli.environment)) },
      { name: 'topics', run: () => topics(cli) },
      { name: 'API limits', run: () => limitLeft(cli, 'apiRequests') },
      { name: 'event limits', run: () => limitLeft(cli, 'eventDeliveries') },
    ],
  };
}

async function apiVersion(cli: Cli): Promise<Finding> {
  const versions = await cli.salesforce().probe.apiVersions();
  if (versions.includes(DEFAULT_API_VERSION)) return ok(`${DEFAULT_API_VERSION} of ${versions.at(-1) ?? 'none'}`);
  return fail(
    `the org does not offer API version ${DEFAULT_API_VERSION}`,
    'Update order-provisioning to a release that uses an API version of the org.',
  );
}

async function fields(cli: Cli): Promise<Finding> {
  const checks = await cli.salesforce().probe.fields();
  const named = (some: typeof checks) => some.map(({ object, field }) => `${object}.${field}`).join(', ');
  const missing = checks.filter(({ exists }) => !exists);
  if (missing.length > 0) {
    return fail(
      `missing, or hidden from the integration user: ${named(missing)}`,
      `${DEPLOY_FIELDS}; or name the org’s own fields in SF_FIELDS_FILE.`,
    );
  }
  const closed = checks.filter(({ written, updateable }) => written && !updateable);
  if (closed.length > 0) return fail(`not writable: ${named(closed)}`, `${DEPLOY_FIELDS}.`);
  const written = checks.filter((check) => check.written).length;
  return ok(`${checks.length} fields are there, ${written} of them writable`);
}

async function statuses(cli: Cli): Promise<Finding> {
  const { provisionStatuses } = cli.config.policy(cli.environment);
  return orderStatuses(provisionStatuses, await cli.salesforce().probe.orderStatuses());
}

async function capture(cli: Cli): Promise<Finding> {
  const { channels } = cli.config.pubsub(cli.environment);
  const question = async () => changeCapture(channels, await cli.salesforce().probe.channelMembers());
  return unlessRefused(question, 'which objects are captured', 'Change Data Capture');
}

async function topics(cli: Cli): Promise<Finding> {
  const pubsub = cli.config.pubsub(cli.environment);
  const session = await cli.salesforce().session.login();
  return topicsHeard(pubsub.channels, await topicAccess(pubsub, session, topicNames(pubsub.channels)));
}

const NOT_DUAL = skipped('not used: without SF_PROVISION_EVENT_CHANNEL, CDC provisions');

async function platformEvent(cli: Cli): Promise<Finding> {
  const { provisionEvent } = cli.config.pubsub(cli.environment).channels;
  if (provisionEvent === undefined) return NOT_DUAL;
  const name = /^\/event\/(\w+__e)$/.exec(provisionEvent)?.[1];
  if (name === undefined) {
    return fail(
      `SF_PROVISION_EVENT_CHANNEL is ${provisionEvent}, which names no platform event`,
      'Set it to /event/Order_Fulfilment_Requested__e.',
    );
  }
  const known = await cli.salesforce().probe.fieldsOf(name);
  if (known === undefined)
    return fail(`${name} does not exist, or is hidden from the integration user`, `${DEPLOY_EVENT}.`);
  const { orderId, ...others } = cli.salesforce().fields.fulfilmentRequest;
  const missing = [orderId, ...Object.values(others)].filter((field) => !known.includes(field.toLowerCase()));
  const repair = `${DEPLOY_EVENT}; or name the event’s own fields in SF_FIELDS_FILE.`;
  if (missing.includes(orderId)) return fail(`${name} has no ${orderId}`, repair);
  if (missing.length > 0) return warn(`${name} has no ${missing.join(', ')}`, repair);
  return ok(`${name} has its ${1 + Object.keys(others).length} fields`);
}

async function flow(cli: Cli): Promise<Finding> {
  if (cli.config.pubsub(cli.environment).channels.provisionEvent === undefined) return NOT_DUAL;
  const question = async () => publishingFlow(await cli.salesforce().probe.isFlowActive(PUBLISHING_FLOW));
  return unlessRefused(question, `whether the flow ${PUBLISHING_FLOW} is active`, 'Flows');
}

async function soldFrom(cli: Cli): Promise<Finding> {
  const { priceBookId } = cli.config.catalog(cli.environment);
  return priceBook(await cli.salesforce().probe.priceBooks(), priceBookId);
}

/** The page of Setup, and what draws on each limit. */
const LIMITS = {
  apiRequests: {
    what: 'API requests',
    setup: 'Company Information',
    repair: 'See Setup, Company Information, for what uses them; an order takes three.',
  },
  // Every subscriber of the org draws on them; without any left the streams stand still.
  eventDeliveries: {
    what: 'event deliveries',
    setup: 'Platform Events, Event Allocation Usage',
    repair:
      'See Setup, Platform Events, for who subscribes; an order takes about three. Two active listeners would take double.',
  },
} as const;

async function limitLeft(cli: Cli, name: keyof typeof LIMITS): Promise<Finding> {
  const { what, setup, repair } = LIMITS[name];
  const question = async () => {
    const limit = (await cli.salesforce().probe.limits())[name];
    return limit === undefined ? untold(`the limit of ${what}`, setup) : left(limit, what, repair);
  };
  return unlessRefused(question, `the limit of ${what}`, setup);
}

/** Whether enough is left of a limit for 24 hours. Pure. */
export function left({ remaining, max }: Limit, what: string, repair: string): Finding {
  const finding = `${remaining} of ${max} ${what} are left for these 24 hours`;
  if (remaining < max * 0.02) return fail(finding, repair);
  return remaining < max * 0.2 ? warn(finding, repair) : ok(finding);
}
