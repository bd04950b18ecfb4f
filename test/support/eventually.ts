/**
 * Waits until `check` passes: it is called again and again until it neither throws nor rejects.
 * @returns what `check` returned.
 * @throws the last error of `check` when `timeoutMs` have gone by.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 45_000, everyMs = 20 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
