import type { ProvisioningRequest } from '../../src/workflows/contract';
import {
  emptyInbox,
  hasReasonToStop,
  onCancel,
  onOrderChanged,
  onRequest,
  onReprovision,
  takeRequest,
} from '../../src/workflows/inbox';

const begins = { isUnderWay: false, now: 5 };
const underWay = { isUnderWay: true, now: 5 };

describe('inbox: what signals have brought', () => {
  it('takes an empty body for a person’s request, since the Web UI sends one', () => {
    const inbox = emptyInbox();
    onRequest(inbox, undefined, begins);
    expect(takeRequest(inbox)).toEqual({ trigger: 'manual' });
    expect(takeRequest(inbox)).toBeNull();
  });

  it('takes an unknown trigger for a person’s', () => {
    const inbox = emptyInbox();
    onRequest(inbox, { trigger: 'webhook' as 'cdc' }, begins);
    expect(inbox.request?.trigger).toBe('manual');
  });

  it('keeps a person’s request when an event comes after it: it may do more', () => {
    const inbox = emptyInbox();
    onReprovision(inbox);
    onRequest(inbox, { trigger: 'cdc' }, underWay);
    expect(inbox.request).toEqual({ trigger: 'manual' });
  });

  it('answers earlier requests with a cancel, but not later ones', () => {
    const inbox = emptyInbox();
    onRequest(inbox, { trigger: 'cdc' }, underWay);
    onCancel(inbox, undefined, 7);
    expect(inbox.request).toBeNull();
    expect(hasReasonToStop(inbox)).toBe(true);
    onReprovision(inbox);
    expect(inbox.request).toEqual({ trigger: 'manual' });
  });

  it.each<[string, ProvisioningRequest, boolean, unknown]>([
    ['begins a run', { trigger: 'reconcile' }, false, { trigger: 'reconcile' }],
    ['is nothing new to one that is under way', { trigger: 'reconcile' }, true, null],
    ['after a loss of events is', { trigger: 'reconcile', afterLoss: true }, true, { trigger: 'reconcile' }],
  ])('a sweep %s', (_what, body, isUnderWay, request) => {
    const inbox = emptyInbox();
    onRequest(inbox, body, { isUnderWay, now: 5 });
    expect(inbox.request).toEqual(request);
  });

  it('keeps the latest approval, whoever asks then', () => {
    const inbox = emptyInbox();
    for (const approvedAt of [5, 9, 7]) onRequest(inbox, { trigger: 'cdc', approvedAt }, underWay);
    onRequest(inbox, { trigger: 'reconcile', afterLoss: true }, underWay);
    expect(inbox.request).toEqual({ trigger: 'reconcile', approvedAt: 9 });
    onReprovision(inbox);
    expect(inbox.request).toEqual({ trigger: 'manual', approvedAt: 9 });
    const odd = emptyInbox();
    onRequest(odd, { trigger: 'cdc', approvedAt: 'soon' as unknown as number }, begins);
    expect(odd.request).toEqual({ trigger: 'cdc' });
  });

  it.each<[string, number, number | undefined, number, number]>([
    ['newer than the known one, handed over with the cancel: was made after it', 5, 3, 4, 3],
    ['newer, and from after the cancel by any clock', 5, 3, 9, 5],
    ['the known one again', 5, 3, 3, 5],
    ['older than the known one', 5, 3, 2, 5],
    ['where none was known, which may be a late one', 5, undefined, 4, 5],
    ['newer, but the cancel came earlier, at a time that is known', 2, 3, 4, 2],
  ])('an approval after a cancel, %s', (_what, at, known, approvedAt, expected) => {
    const inbox = emptyInbox();
    onRequest(inbox, { trigger: 'cdc', ...(known === undefined ? {} : { approvedAt: known }) }, underWay);
    onCancel(inbox, undefined, at);
    onRequest(inbox, { trigger: 'cdc', approvedAt }, underWay);
    expect(inbox.cancel?.at).toBe(expected);
  });

  it('bounds what a person may put into history', () => {
    const inbox = emptyInbox();
    onCancel(inbox, { reason: 'x'.repeat(10_000) }, 7);
    expect(inbox.cancel?.reason).toHaveLength(200);
  });

  it('remembers that the order changed', () => {
    const inbox = emptyInbox();
    onOrderChanged(inbox);
    expect(hasReasonToStop(inbox)).toBe(true);
  });
});
