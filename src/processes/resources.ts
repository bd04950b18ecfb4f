/** Whoever acquires pushes the release; releases run last in, first out, and the first error is kept. */
export class Resources {
  private readonly releases: { name: string; release: () => unknown }[] = [];

  push(name: string, release: () => unknown): void {
    this.releases.push({ name, release });
  }

  /** Releases everything, even where one release fails. @throws the first error. */
  async release(): Promise<void> {
    let first: Error | undefined;
    for (let next = this.releases.pop(); next !== undefined; next = this.releases.pop()) {
      try {
        await next.release();
      } catch (error) {
        first ??= new Error(`Releasing ${next.name} failed`, { cause: error });
      }
    }
    if (first !== undefined) throw first;
  }
}
