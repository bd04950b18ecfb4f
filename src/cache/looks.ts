import type { CacheConnection } from './connection';
import { generationOf, type Generation } from './dependency-index';
import { keysOfIndex } from './keys';

/**
 * What a reader makes of what Redis held: the generation, and the lines of the group's entries. Called where the answer comes
 * in, and one function for all readers: each promise and each function more is felt by a hit.
 */
export type Judge<Reader, Look> = (
  reader: Reader,
  generation: Generation | undefined,
  lines: string | null,
) => Look | Promise<Look>;

/** Redis does nothing else while it answers a command, so one of many keys must not be too long. */
const MOST_AT_ONCE = 100;

interface Asked<Reader, Look> {
  key: string;
  reader: Reader;
  resolve: (judged: Look | Promise<Look>) => void;
  reject: (error: unknown) => void;
}

/**
 * Looks at groups and the generation. On a single node all who look in one turn of the event loop share an MGET, which is
 * queued after all of them have called, so that nobody is given what was there before he came: a command costs a process
 * more than a key does. In a cluster the keys live on several nodes, and the generation alone is shared.
 */
export class Looks<Reader, Look> {
  readonly #generationKey: string;
  #turn: Asked<Reader, Look>[] = [];
  /** Commands that are not answered yet. */
  #underWay = 0;
  #next: Promise<Generation | undefined> | undefined;
  /** The generation changes far less often than it is read. */
  #last: { text: string | null; generation: Generation | undefined } = { text: null, generation: undefined };

  constructor(
    private readonly connection: CacheConnection,
    private readonly judge: Judge<Reader, Look>,
  ) {
    [, this.#generationKey] = keysOfIndex(connection.prefix);
  }

  /** As of a moment after this call. @throws CacheUnavailableError */
  look(key: string, reader: Reader): Promise<Look> {
    return this.connection.isCluster ? this.#apart(key, reader) : this.#together(key, reader);
  }

  /** The same for a group that depends on no generation and is so large that others should not wait until it has been received. */
  async alone(key: string, reader: Reader): Promise<Look> {
    return this.judge(reader, undefined, await this.#get(key));
  }

  #together(key: string, reader: Reader): Promise<Look> {
    return new Promise((resolve, reject) => {
      if (this.#turn.length === 0) this.#sendSoon();
      this.#turn.push({ key, reader, resolve, reject });
      if (this.#turn.length === MOST_AT_ONCE) this.#send();
    });
  }

  /**
   * Whoever is alone is not kept: he and those who come from the same callback go. Where others are under way, as in a portal that has much to
   * do, it is worth to hear first who else comes in this turn.
   */
  #sendSoon(): void {
    if (this.#underWay === 0) process.nextTick(() => this.#send());
    else setImmediate(() => this.#send());
  }

  #send(): void {
    const asked = this.#turn;
    if (asked.length === 0) return;
    this.#turn = [];
    this.#underWay++;
    const command = ['MGET', this.#generationKey];
    for (const { key } of asked) if (key !== command.at(-1)) command.push(key);
    this.connection.read(this.#generationKey, command).then(
      (reply) => {
        this.#underWay--;
        this.#tell(asked, command, reply as (string | null)[]);
      },
      (error: unknown) => {
        this.#underWay--;
        for (const { reject } of asked) reject(error);
      },
    );
  }

  #tell(asked: readonly Asked<Reader, Look>[], command: readonly string[], replies: readonly (string | null)[]): void {
    const generation = this.#parsed(replies[0] ?? null);
    let place = 1;
    for (const { key, reader, resolve, reject } of asked) {
      if (command[place + 1] !== key) place++;
      try {
        resolve(this.judge(reader, generation, replies[place] ?? null));
      } catch (error) {
        reject(error);
      }
    }
  }

  async #apart(key: string, reader: Reader): Promise<Look> {
    const generation = this.#sharedGeneration();
    const lines = await this.#get(key);
    return this.judge(reader, await generation, lines);
  }

  #sharedGeneration(): Promise<Generation | undefined> {
    if (this.#next === undefined) {
      this.#next = new Promise((resolve) => process.nextTick(resolve)).then(async () => {
        this.#next = undefined;
        return this.#parsed(await this.#get(this.#generationKey));
      });
      // Whoever fails before he comes to await it leaves nobody to hear it.
      this.#next.catch(() => undefined);
    }
    return this.#next;
  }

  #get(key: string): Promise<string | null> {
    return this.connection.read(key, ['GET', key]) as Promise<string | null>;
  }

  #parsed(text: string | null): Generation | undefined {
    if (text !== this.#last.text) this.#last = { text, generation: generationOf(text) };
    return this.#last.generation;
  }
}
