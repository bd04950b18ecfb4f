import type { CachedOrder } from '../../cache';
import type { RunStory } from '../../temporal/operator';
import { age, facts as factLines, instant, printable, type Paint } from '../output';
import type { OrderFacts, SalesforceFacts, Seen, WhmcsFacts } from './facts';
import type { NextStep } from './next-step';
import { paintPhase } from './runs';
import { silenceOf } from './silence';

type Line = readonly [string, string];

const or = (value: string | null | undefined): string => (value == null || value === '' ? '-' : printable(value));

/** The story of an order for a person: a section for each system, then what to do. `now` is epoch ms. */
export function renderStory(facts: OrderFacts, step: NextStep, paint: Paint, now: number): string {
  const sections = [
    section('Salesforce', facts.salesforce, salesforceLines, paint),
    section('Temporal', facts.temporal, (run) => temporalLines(run, paint), paint),
    section('WHMCS', facts.whmcs, whmcsLines, paint),
    section('Cache', facts.cache, (cached) => cacheLines(cached, now), paint),
  ];
  const colour = { none: 'green', wait: 'cyan', act: 'yellow' } as const;
  const commands = step.commands.map((command) => `\n  $ ${command}`).join('');
  return [
    paint('bold', `Order ${facts.orderId}`),
    ...sections,
    `${paint('bold', 'Next step')}\n  ${paint(colour[step.need], printable(step.text))}${commands}`,
  ].join('\n\n');
}

function section<T>(title: string, seen: Seen<T>, lines: (value: T) => readonly Line[], paint: Paint): string {
  const head = paint('bold', title);
  switch (seen.is) {
    case 'known':
      return `${head}\n${factLines(lines(seen.value), paint)}`;
    case 'unreachable':
      return `${head}\n  ${paint('red', printable(seen.failure.message))}. ${printable(seen.failure.advice ?? '')}`.trimEnd();
    case 'not-asked':
      return `${head}\n  ${paint('dim', `not asked: ${seen.why}`)}`;
  }
}

function salesforceLines(facts: SalesforceFacts | null): Line[] {
  if (facts === null) return [['order', 'unknown, or deleted']];
  const { order, lastError } = facts;
  return [
    ['status', printable(order.status)],
    ['activation', or(order.activationStatus)],
    ['WHMCS order', or(order.whmcsOrderId)],
    ['WHMCS client', or(order.whmcsClientId)],
    ['items', String(order.items.length)],
    ['changed', instant(order.systemModstamp)],
    ...(lastError === null ? [] : [['error', `${printable(lastError.code)} ${or(lastError.message)}`] as const]),
  ];
}

function temporalLines(run: RunStory | null, paint: Paint): Line[] {
  if (run === null) return [['run', 'none']];
  const { progress, state, startedAt, closedAt } = run;
  const ended = closedAt === null ? '' : `, ended ${instant(closedAt)}`;
  const lines: Line[] = [
    ['phase', paintPhase(progress?.phase ?? run.phase, paint)],
    ['run', `${state}, begun ${instant(startedAt)}${ended}`],
    ['workflow', run.workflowId],
  ];
  const silence = silenceOf(run);
  if (silence !== undefined) lines.push(['answer', `none: ${printable(silence.message)}`]);
  if (progress === null) return lines;
  if (progress.attempt > 1) lines.push(['attempt', String(progress.attempt)]);
  if (progress.skipped !== null) lines.push(['skipped', printable(progress.skipped)]);
  if (progress.lastError !== null) {
    lines.push(['last error', `${progress.lastError.code} ${printable(progress.lastError.message)}`]);
  }
  for (const [at, entry] of progress.history.slice(-8).entries()) {
    const note = entry.note === undefined ? '' : `  ${paint('dim', printable(entry.note))}`;
    lines.push([at === 0 ? 'history' : '', `${instant(entry.at)}  ${entry.phase}${note}`]);
  }
  return lines;
}

function whmcsLines({ marked, named }: WhmcsFacts): Line[] {
  const lines: Line[] = marked.map(({ whmcsOrderId, status, services }) => [
    `order ${whmcsOrderId}`,
    `${or(status)}; services ${services.map((service) => `${service.id} ${printable(service.status)}`).join(', ')}`,
  ]);
  if (named !== null && !marked.some(({ whmcsOrderId }) => whmcsOrderId === named.whmcsOrderId)) {
    lines.push([`order ${named.whmcsOrderId}`, `${named.status ?? 'does not exist'}; no live service with its marker`]);
  }
  return lines.length === 0 ? [['order', 'none with its marker']] : lines;
}

function cacheLines(cached: CachedOrder, now: number): Line[] {
  if (cached.state === 'not-cached') return [['view', 'not cached; the next reader reads Salesforce']];
  const read = `read ${age(now - cached.readAt)} ago`;
  if (cached.state !== 'cached') return [['view', `${cached.state}, ${read}`]];
  const { activationStatus, whmcsOrderId, status } = cached.view;
  return [
    ['view', `${cached.fresh ? 'fresh' : 'past its time'}, ${read}`],
    ['shows', `status ${printable(status)}, activation ${or(activationStatus)}, WHMCS order ${or(whmcsOrderId)}`],
  ];
}
