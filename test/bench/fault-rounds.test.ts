import { settled } from '../../bench/peer/fault-rounds';
import { faultsFigures } from '../../bench/peer/report';

const books = { orders: 5, lost: 5, doubled: 0, activeTwice: 0 };
const fault = { fault: 'worker killed', contestant: 'order-provisioning', struck: 5, ...books };

describe('the books after a fault', () => {
  const shop = { judge: () => books } as never;

  it('are no outcome while orders are under way: the wait ends, and says so', async () => {
    await expect(settled({ shop, atRest: () => Promise.resolve(false) }, [], 1)).resolves.toBe(false);
  });

  it('are one once nothing has been under way for a while', async () => {
    await expect(settled({ shop, atRest: () => Promise.resolve(true) }, [])).resolves.toBe(true);
  }, 30_000);

  it('are shown as counts, or as what is not known', () => {
    const cells = (atRest: boolean) => faultsFigures([{ ...fault, atRest }])[0]?.rows[0]?.slice(4);
    expect(cells(true)).toEqual([5, 0, 0]);
    expect(cells(false)).toEqual(Array(3).fill('**not at rest**'));
  });
});
