import { Progress } from '../../chaos/progress';

const never = new AbortController().signal;

describe('waiting for what happens', () => {
  it('ends when it has happened often enough', async () => {
    const progress = new Progress();
    const second = progress.reached('approved', 2, never);
    const third = progress.moreApproved(3, never);
    expect(progress.wantsApprovals).toBe(true);
    progress.count('approved');
    progress.count('approved');
    await second;
    progress.count('approved');
    await third;
    expect(progress.wantsApprovals).toBe(false);
  });

  it('fails for a barrier that never came, and ends for a healing, when the last order is approved', async () => {
    const progress = new Progress();
    progress.count('approved');
    const barrier = progress.reached('approved', 5, never);
    const healing = progress.moreApproved(5, never);
    progress.finishApprovals();
    await healing;
    await expect(barrier).rejects.toThrow('only 1 orders were approved');
  });

  it('goes on for what may come after the last approval, until the round is over', async () => {
    const progress = new Progress();
    const over = new AbortController();
    progress.finishApprovals();
    const first = progress.reached('activated', 1, over.signal);
    const second = progress.reached('activated', 2, over.signal);
    progress.count('activated');
    await first;
    over.abort(new Error('over'));
    await expect(second).rejects.toThrow('over');
  });
});
