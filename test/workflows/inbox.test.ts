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
    onReprovision(inbox, { requestedBy: 'ops' });
    onRequest(inbox, { trigger: 'cdc' });
    expect(inbox.request).toEqual({ trigger: 'manual', requestedBy: 'ops' });
  });

  it('answers earlier requests with a cancel, but not later ones', () => {
    const inbox = emptyInbox();
    onRequest(inbox, { trigger: 'cdc' });
    onCancel(inbox, undefined);
    expect(inbox.request).toBeNull();
    expect(hasReasonToStop(inbox)).toBe(true);
    onReprovision(inbox, undefined);
    expect(inbox.request).toEqual({ trigger: 'manual' });
  });

  it('bounds what a person or an event may put into history', () => {
    const inbox = emptyInbox();
    onRequest(inbox, { trigger: 'platform-event', requestedBy: 'x'.repeat(10_000) });
    expect(inbox.request?.requestedBy).toHaveLength(200);
  });

  it('remembers that the order changed', () => {
    const inbox = emptyInbox();
    onOrderChanged(inbox);
    expect(hasReasonToStop(inbox)).toBe(true);
  });
});
