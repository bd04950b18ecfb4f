import * as fc from 'fast-check';
import { PHASES } from '../../src/workflows/contract';
import { initialStatus, transition } from '../../src/workflows/provisioning-state';

const AT = new Date('2026-01-02T00:00:00Z');

describe('the phases of a run', () => {
  it('lead from Loading to Activated', () => {
    const status = initialStatus('cdc', AT);
    for (const phase of ['Activating', 'AddingOrder', 'AcceptingOrder', 'WritingBack', 'Activated'] as const) {
      transition(status, phase, AT);
    }
    expect(status.history.map(({ phase }) => phase)).toEqual([
      'Loading',
      'Activating',
      'AddingOrder',
      'AcceptingOrder',
      'WritingBack',
      'Activated',
    ]);
  });

  it.each([
    ['Loading', 'AddingOrder'],
    ['Loading', 'AcceptingOrder'],
    ['Activating', 'Activated'],
    ['WritingBack', 'Cancelled'],
    ['WritingBack', 'Loading'],
    ['Activated', 'AddingOrder'],
    ['Activated', 'Cancelled'],
    ['Skipped', 'Activated'],
  ] as const)('never lead from %s to %s', (from, to) => {
    const status = { ...initialStatus('cdc', AT), phase: from };
    expect(() => transition(status, to, AT)).toThrow(`cannot go from ${from} to ${to}`);
  });

  it('keep a bounded history, the latest last, however long the walk', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PHASES), { maxLength: 500 }), (wanted) => {
        const status = initialStatus('cdc', AT);
        for (const phase of wanted) {
          try {
            transition(status, phase, AT);
          } catch {
            continue;
          }
        }
        expect(status.history.length).toBeLessThanOrEqual(50);
        expect(status.history.at(-1)?.phase).toBe(status.phase);
      }),
    );
  });
});
