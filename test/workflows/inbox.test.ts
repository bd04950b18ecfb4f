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
    onRequest(inbox, undefined);
    expect(takeRequest(inbox)).toEqual({ trigger: 'manual' });
    expect(takeRequest(inbox)).toBeNull();
  });

  it('takes an unknown trigger for a person’s', () => {
    const inbox = emptyInbox();
    onRequest(inbox, { trigger: 'webhook' as 'cdc' });
    expect(inbox.request?.trigger).toBe('manual');
  });

  it('keeps a person’s request when an event comes after it: it may do more', () => {
    const inbox = emptyInbox();
    onReprovision(inbox);
    onRequest(inbox, { trigger: 'cdc' });
    expect(inbox.request).toEqual({ trigger: 'manual' });
  });

  it('answers earlier requests with a cancel, but not later ones', () => {
    const inbox = emptyInbox();
    onRequest(inbox, { trigger: 'cdc' });
    onCancel(inbox, undefined);
    expect(inbox.request).toBeNull();
    expect(hasReasonToStop(inbox)).toBe(true);
    onReprovision(inbox);
    expect(inbox.request).toEqual({ trigger: 'manual' });
  });

  it('bounds what a person may put into history', () => {
    const inbox = emptyInbox();
    onCancel(inbox, { reason: 'x'.repeat(10_000) });
    expect(inbox.cancel?.reason).toHaveLength(200);
  });

  it('remembers that the order changed', () => {
    const inbox = emptyInbox();
    onOrderChanged(inbox);
    expect(hasReasonToStop(inbox)).toBe(true);
  });
});
