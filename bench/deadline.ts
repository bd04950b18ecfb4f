/**
 * Gives what `work` gives, or fails where it has not within `ms`: a bench that hangs says nothing of what hung.
 * @throws Error that names `what`; the work itself goes on, and ends with the process
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} was not done within ${ms / 1000} s`));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
