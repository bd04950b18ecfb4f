import type { z } from 'zod';
import type { Variable } from './variables';

export type Environment = Readonly<Record<string, string | undefined>>;
type Values<T extends Record<string, Variable>> = { [K in keyof T]: z.output<T[K]['schema']> };

/** A wrong environment: every fault in one message. The process exits with code 2. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly faults: readonly string[]) {
    super(
      `The environment is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}\nSee .env.example for every variable.`,
    );
  }
}

/** Both, with the faults of both in one message. @throws ConfigurationError */
export function together<A, B>(first: () => A, second: () => B): [A, B] {
  const faults: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      faults.push(...error.faults);
      return undefined;
    }
  };
  const both = [attempt(first), attempt(second)];
  if (faults.length > 0) throw new ConfigurationError(faults);
  return both as [A, B];
}

/** Collects the faults of several groups of variables, so that all are named at once. */
export class Loader {
  readonly faults: string[] = [];

  constructor(private readonly environment: Environment) {}

  /** The group's values; where one is faulty its fault is kept, and {@link finish} throws. */
  read<T extends Record<string, Variable>>(group: T, fallbacks: Partial<Record<keyof T, string>> = {}): Values<T> {
    const entries = Object.entries(group).map(([name, { schema, fallback }]) => {
      const written = this.environment[name]?.trim();
      const input = written === undefined || written === '' ? (fallbacks[name] ?? fallback) : written;
      const parsed = schema.safeParse(input);
      if (parsed.success) return [name, parsed.data];
      this.fault(name, input === undefined ? 'is required' : (parsed.error.issues[0]?.message ?? 'is not valid'));
      return [name, undefined];
    });
    return Object.fromEntries(entries) as Values<T>;
  }

  /** Whether the environment itself gives a value, so not a default. */
  isSet(name: string): boolean {
    const written = this.environment[name]?.trim();
    return written !== undefined && written !== '';
  }

  /** `message` never holds the value of a secret. */
  fault(name: string, message: string): void {
    this.faults.push(`${name} ${message}`);
  }

  /** @throws ConfigurationError that names every faulty variable. */
  finish(): void {
    if (this.faults.length > 0) throw new ConfigurationError(this.faults);
  }
}
