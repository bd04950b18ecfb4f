import type { z } from 'zod';

/** A variable of the environment. Every one is in variables.ts but Temporal's own (`TEMPORAL_ADDRESS`, …), which `@temporalio/envconfig` reads. */
export interface Variable {
  schema: z.ZodType;
  /** As it would be written in the environment; undefined where there is none. */
  fallback?: string;
  /** For the reference and `.env.example`. */
  about: string;
  secret?: true;
}

export const define = <T extends Record<string, Variable>>(variables: T): T => variables;
