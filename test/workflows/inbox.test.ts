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

describe('inbox: what signals have brought', () => {
  it('takes an empty body for a person’s request, since the Web UI sends one', () => {
    const inbox = emptyInbox();
    onRequest(inbox, undefined, false);
    expect(takeRequest(inbox)).toEqual({ trigger: 'manual' });
    expect(takeRequest(inbox)).toBeNull();
  });

  it('takes an unknown trigger for a person’s', () => {
    const inbox = emptyInbox();
    onRequest(inbox, { trigger: 'webhook' as 'cdc' }, false);
    expect(inbox.request?.trigger).toBe('manual');
  });

  it('keeps a person’s request when an event comes after it: it may do more', () => {
    const inbox = emptyInbox();
    onReprovision(inbox);
    onRequest(inbox, { trigger: 'cdc' }, true);
    expect(inbox.request).toEqual({ trigger: 'manual' });
  });

  it('answers earlier requests with a cancel, but not later ones', () => {
    const inbox = emptyInbox();
    onRequest(inbox, { trigger: 'cdc' }, true);
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
    onRequest(inbox, body, isUnderWay);
    expect(inbox.request).toEqual(request);
  });

  it('keeps the latest approval, whoever asks then', () => {
    const inbox = emptyInbox();
    for (const approvedAt of [5, 9, 7]) onRequest(inbox, { trigger: 'cdc', approvedAt }, true);
    onRequest(inbox, { trigger: 'reconcile', afterLoss: true }, true);
    expect(inbox.request).toEqual({ trigger: 'reconcile', approvedAt: 9 });
    onReprovision(inbox);
    expect(inbox.request).toEqual({ trigger: 'manual', approvedAt: 9 });
    const odd = emptyInbox();
    onRequest(odd, { trigger: 'cdc', approvedAt: 'soon' as unknown as number }, false);
    expect(odd.request).toEqual({ trigger: 'cdc' });
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
