import type { Delivery } from '../../src/listener/subscription';
import { DeliveryQueue } from '../../src/listener/subscription/queue';

const delivery = (lost: string): Delivery =>
  ({ kind: 'position-lost', lost, reason: '', receivedAt: 0, ack: () => undefined }) as unknown as Delivery;

describe('deliveries on their way to whoever takes them', () => {
  const begin = () => {
    const queue = new DeliveryQueue();
    const taken: string[] = [];
    const each = () => queue.each((taking) => void taken.push((taking as { lost: string }).lost));
    return { queue, taken, each };
  };

  it('wait for him, and are handed on in order, then at once', async () => {
    const { queue, taken, each } = begin();
    queue.push(delivery('1'));
    queue.push(delivery('2'));
    const over = each();
    expect(taken).toEqual(['1', '2']);
    queue.push(delivery('3'));
    expect(taken).toEqual(['1', '2', '3']);
    queue.end();
    await over;
  });

  it('are handed on also where the end came before him', async () => {
    const { queue, taken, each } = begin();
    queue.push(delivery('1'));
    queue.end();
    await each();
    expect(taken).toEqual(['1']);
  });

  it('stop at a failure, of which he is told', async () => {
    const { queue, taken, each } = begin();
    const over = each();
    queue.push(delivery('1'));
    queue.fail(new Error('somebody else owns the position'));
    queue.push(delivery('2'));
    await expect(over).rejects.toThrow('somebody else owns the position');
    expect(taken).toEqual(['1']);
  });

  it('have one taker', async () => {
    const { queue, each } = begin();
    const over = each();
    await expect(each()).rejects.toThrow(TypeError);
    queue.end();
    await over;
  });
});
