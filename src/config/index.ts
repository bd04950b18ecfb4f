import { isLoopback } from '../domain/loopback';
import type { RedisAddress } from '../domain/redis-address';
import { Loader, type Environment } from './load';
import { readCodecKeys, type CodecKeys } from './codec-keys';
import { cacheTtls, catalog, portalAccess } from './portal';
import { salesforce } from './salesforce';
import {
  CACHE_FIELDS,
  CALL_LIMITS,
  CODEC_SERVER,
  DEPLOYMENT,
  POLICY,
  PROCESS,
  PUBSUB,
  REDIS,
  TEMPORAL,
  TRACING,
  WHMCS,
  WORKER_SIZE,
} from './variables';

export type { CodecKeys } from './codec-keys';
export { ConfigurationError, together, type Environment } from './load';

const DEFAULT_PORTS = { listener: '9464', worker: '9465', portal: '8080', 'codec-server': '8081' } as const;

const CATALOG_SUBSCRIPTIONS = [
  ['SF_PRODUCT_CDC_CHANNEL', 'SF_MANAGED_SUBSCRIPTION_PRODUCT'],
  ['SF_PRICEBOOK_ENTRY_CDC_CHANNEL', 'SF_MANAGED_SUBSCRIPTION_PRICEBOOK_ENTRY'],
] as const;

function pubsub(loader: Loader) {
  const values = loader.read(PUBSUB);
  // Of a faulty variable there is no value.
  const host = (values.SF_PUBSUB_ENDPOINT as string | undefined)?.replace(/:\d+$/, '');
  if (values.SF_PUBSUB_INSECURE && host !== undefined && !isLoopback(host)) {
    loader.fault('SF_PUBSUB_INSECURE', 'may be true only when SF_PUBSUB_ENDPOINT is a loopback address');
  }
  for (const [channel, subscription] of CATALOG_SUBSCRIPTIONS) {
    if (values[channel] === undefined && values[subscription] !== undefined) {
      loader.fault(subscription, `is set, and ${channel} is none; name the channel, or leave the subscription out`);
    }
  }
  return {
    endpoint: values.SF_PUBSUB_ENDPOINT,
    insecure: values.SF_PUBSUB_INSECURE,
    channels: {
      order: values.SF_ORDER_CDC_CHANNEL,
      orderItem: values.SF_ORDER_ITEM_CDC_CHANNEL,
      product: values.SF_PRODUCT_CDC_CHANNEL,
      pricebookEntry: values.SF_PRICEBOOK_ENTRY_CDC_CHANNEL,
      /** Set: dual mode. */
      provisionEvent: values.SF_PROVISION_EVENT_CHANNEL,
    },
    /** Set: Salesforce keeps that channel's checkpoint. */
    managedSubscriptions: {
      order: values.SF_MANAGED_SUBSCRIPTION_ORDER,
      orderItem: values.SF_MANAGED_SUBSCRIPTION_ORDER_ITEM,
      product: values.SF_MANAGED_SUBSCRIPTION_PRODUCT,
      pricebookEntry: values.SF_MANAGED_SUBSCRIPTION_PRICEBOOK_ENTRY,
      provisionEvent: values.SF_MANAGED_SUBSCRIPTION_PROVISION_EVENT,
    },
    replayFrom: values.SF_REPLAY_FROM,
    silenceLimitMs: values.SF_SILENCE_LIMIT,
  };
}

function whmcs(loader: Loader) {
  const values = loader.read(WHMCS);
  return {
    apiUrl: values.WHMCS_API_URL,
    identifier: values.WHMCS_API_IDENTIFIER,
    secret: values.WHMCS_API_SECRET,
    accessKey: values.WHMCS_API_ACCESS_KEY,
    paymentMethod: values.WHMCS_PAYMENT_METHOD,
    markerField: values.WHMCS_MARKER_FIELD,
    timeoutMs: values.WHMCS_TIMEOUT,
    quietPeriodMs: values.WHMCS_QUIET_PERIOD,
  };
}

function policy(loader: Loader) {
  const values = loader.read(POLICY);
  return {
    provisionStatuses: values.PROVISION_STATUSES,
    reprovisionWaitMs: values.REPROVISION_WAIT,
    reconcileEveryMs: values.RECONCILE_EVERY,
    stuckAfterMs: values.STUCK_AFTER,
  };
}

function http(loader: Loader, process: keyof typeof DEFAULT_PORTS) {
  const values = loader.read(PROCESS, { HTTP_PORT: DEFAULT_PORTS[process] });
  return { http: { host: values.HTTP_HOST, port: values.HTTP_PORT }, logLevel: values.LOG_LEVEL };
}

function workerSize(loader: Loader) {
  const values = loader.read(WORKER_SIZE);
  const size = {
    maxActivities: values.WORKER_MAX_ACTIVITIES,
    maxWorkflowTasks: values.WORKER_MAX_WORKFLOW_TASKS,
    activityPollers: values.WORKER_ACTIVITY_POLLERS,
    workflowTaskPollers: values.WORKER_WORKFLOW_TASK_POLLERS,
  };
  // The SDK would take fewer without a word.
  if ((size.activityPollers ?? 0) > size.maxActivities) {
    loader.fault('WORKER_ACTIVITY_POLLERS', 'must not be more than WORKER_MAX_ACTIVITIES');
  }
  if ((size.workflowTaskPollers ?? 0) > size.maxWorkflowTasks) {
    loader.fault('WORKER_WORKFLOW_TASK_POLLERS', 'must not be more than WORKER_MAX_WORKFLOW_TASKS');
  }
  return size;
}

function deployment(loader: Loader): { name: string; buildId: string } | undefined {
  const { WORKER_DEPLOYMENT_NAME: name, WORKER_BUILD_ID: buildId } = loader.read(DEPLOYMENT);
  if (name !== undefined && buildId !== undefined) return { name, buildId };
  if (name !== undefined) loader.fault('WORKER_BUILD_ID', 'is required with WORKER_DEPLOYMENT_NAME');
  if (buildId !== undefined) loader.fault('WORKER_DEPLOYMENT_NAME', 'is required with WORKER_BUILD_ID');
  return undefined;
}

function redis(loader: Loader): { url: RedisAddress } {
  const { REDIS_URL: url, REDIS_CLUSTER_URLS: seeds } = loader.read(REDIS);
  if (seeds === undefined) return { url };
  if (loader.isSet('REDIS_URL')) loader.fault('REDIS_URL', 'and REDIS_CLUSTER_URLS are both set; use one of them');
  return { url: seeds };
}

function callLimits(loader: Loader) {
  const values = loader.read(CALL_LIMITS);
  return {
    salesforce: { maxPerSecond: values.SF_MAX_CALLS_PER_SECOND, maxConcurrent: values.SF_MAX_CONCURRENT_CALLS },
    whmcs: { maxPerSecond: values.WHMCS_MAX_CALLS_PER_SECOND, maxConcurrent: values.WHMCS_MAX_CONCURRENT_CALLS },
  };
}

/** Whether traces are sent anywhere. */
function tracing(loader: Loader): boolean {
  const values = loader.read(TRACING);
  const endpoint = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint !== undefined && !/^https?:\/\//.test(endpoint)) {
    loader.fault('OTEL_EXPORTER_OTLP_ENDPOINT', 'must begin with http:// or https://');
  }
  return endpoint !== undefined && !values.OTEL_SDK_DISABLED;
}

function temporal(loader: Loader) {
  const { TEMPORAL_TASK_QUEUE: taskQueue, TEMPORAL_CODEC_KEYS_FILE: file } = loader.read(TEMPORAL);
  return { taskQueue, codecKeys: file === undefined ? undefined : codecKeys(loader, file) };
}

/** In place of faulty ones, while the other faults are collected. */
const NO_KEYS: CodecKeys = { encryptWith: undefined, keys: new Map() };

function codecKeys(loader: Loader, file: string): CodecKeys | undefined {
  const read = readCodecKeys(file);
  if ('keys' in read) return read.keys;
  loader.fault('TEMPORAL_CODEC_KEYS_FILE', read.fault);
  return undefined;
}

function loading<T>(environment: Environment, read: (loader: Loader) => T): T {
  const loader = new Loader(environment);
  // Node.js itself reads it at each connection, of whatever client: no loopback exception can be made.
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED']?.trim() === '0') {
    loader.fault('NODE_TLS_REJECT_UNAUTHORIZED', 'must not be 0: it would accept anybody as Salesforce and WHMCS');
  }
  const values = read(loader);
  loader.finish();
  return values;
}

/** @throws ConfigurationError that names every missing or wrong variable of the listener. */
export const loadListenerConfig = (environment: Environment) =>
  loading(environment, (loader) => ({
    ...http(loader, 'listener'),
    salesforce: salesforce(loader),
    pubsub: pubsub(loader),
    redis: redis(loader),
    temporal: temporal(loader),
    policy: policy(loader),
    customerFacingFields: loader.read(CACHE_FIELDS).CUSTOMER_FACING_ORDER_FIELDS,
    tracing: tracing(loader),
  }));

/** @throws ConfigurationError that names every missing or wrong variable of the worker. */
export const loadWorkerConfig = (environment: Environment) =>
  loading(environment, (loader) => ({
    ...http(loader, 'worker'),
    salesforce: salesforce(loader),
    whmcs: whmcs(loader),
    limits: callLimits(loader),
    redis: redis(loader),
    temporal: temporal(loader),
    policy: policy(loader),
    size: workerSize(loader),
    deployment: deployment(loader),
    tracing: tracing(loader),
  }));

/** @throws ConfigurationError that names every missing or wrong variable of the portal. */
export const loadPortalConfig = (environment: Environment) =>
  loading(environment, (loader) => {
    const base = { ...http(loader, 'portal'), salesforce: salesforce(loader), redis: redis(loader) };
    const access = portalAccess(loader);
    const isOpen = !loader.isSet('PORTAL_TOKEN') && !loader.isSet('PORTAL_JWT_KEY');
    if (isOpen && !isLoopback(base.http.host)) {
      loader.fault('PORTAL_TOKEN', 'or PORTAL_JWT_KEY is required when HTTP_HOST is not a loopback address');
    }
    return { ...base, access, catalog: catalog(loader), cacheTtls: cacheTtls(loader) };
  });

/** @throws ConfigurationError that names every missing or wrong variable of the codec server. */
export const loadCodecServerConfig = (environment: Environment) =>
  loading(environment, (loader) => {
    const { CODEC_SERVER_ORIGINS: origins, CODEC_SERVER_TOKEN: token } = loader.read(CODEC_SERVER);
    const { TEMPORAL_CODEC_KEYS_FILE: file } = loader.read(TEMPORAL);
    if (file === undefined) loader.fault('TEMPORAL_CODEC_KEYS_FILE', 'is required');
    const keys: CodecKeys = (file === undefined ? undefined : codecKeys(loader, file)) ?? NO_KEYS;
    const base = { ...http(loader, 'codec-server'), origins, token, keys };
    if (!loader.isSet('CODEC_SERVER_TOKEN') && !isLoopback(base.http.host)) {
      loader.fault('CODEC_SERVER_TOKEN', 'is required when HTTP_HOST is not a loopback address');
    }
    return base;
  });

/** The command line asks for what its verb needs, group by group. @throws ConfigurationError */
export const loadCliConfig = {
  temporal: (environment: Environment) => loading(environment, temporal),
  salesforce: (environment: Environment) => loading(environment, salesforce),
  pubsub: (environment: Environment) => loading(environment, pubsub),
  whmcs: (environment: Environment) => loading(environment, whmcs),
  redis: (environment: Environment) => loading(environment, redis),
  catalog: (environment: Environment) => loading(environment, catalog),
  policy: (environment: Environment) => loading(environment, policy),
  /** What it takes to deal with an event as the listener does. */
  listening: (environment: Environment) =>
    loading(environment, (loader) => ({
      pubsub: pubsub(loader),
      policy: policy(loader),
      customerFacingFields: loader.read(CACHE_FIELDS).CUSTOMER_FACING_ORDER_FIELDS,
    })),
};

export type ListenerConfig = ReturnType<typeof loadListenerConfig>;
export type WorkerConfig = ReturnType<typeof loadWorkerConfig>;
export type PortalConfig = ReturnType<typeof loadPortalConfig>;
