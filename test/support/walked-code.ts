import { Session } from 'node:inspector/promises';

/** A piece of a bundle's code, and whether it has been run. */
interface Piece {
  text: string;
  /** Of the bundle: `./src/workflows/path.ts`. */
  module: string;
}

const MODULE = /\/\*{3}\/ "(\.\/[^"]*)"\n/g;

/**
 * Watches which code of a workflow bundle is run in this process (workflows run here in `debugMode`), as V8 counts it.
 * @returns the pieces of modules below `folder` that were never run, once asked
 */
export async function watchCode(code: string, folder: string): Promise<() => Promise<Piece[]>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return async () => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    session.disconnect();
    const run = new Uint8Array(code.length);
    for (const { url, functions } of result) {
      if (!url.includes('workflow-bundle')) continue;
      // Each run of a workflow has the bundle to itself. Inner ranges speak for themselves, and come after the outer ones.
      const here = new Uint8Array(code.length);
      const ranges = functions.flatMap((each) => each.ranges);
      ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
      for (const { startOffset, endOffset, count } of ranges) here.fill(Math.min(count, 1), startOffset, endOffset);
      here.forEach((value, at) => {
        if (value === 1) run[at] = 1;
      });
    }
    return modulesOf(code, folder).flatMap(({ module, from, to }) => notRun(code, run, from, to, module));
  };
}

function modulesOf(code: string, folder: string): { module: string; from: number; to: number }[] {
  const heads = [...code.matchAll(MODULE)];
  return heads
    .map((head, at) => ({ module: head[1]!, from: head.index, to: heads[at + 1]?.index ?? code.length }))
    .filter(({ module }) => module.startsWith(folder));
}

function notRun(code: string, run: Uint8Array, from: number, to: number, module: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = from; at < to; at++) {
    if (run[at] === 1) continue;
    let end = at;
    while (end < to && run[end] === 0) end++;
    pieces.push({ module, text: code.slice(at, end).trim() });
    at = end;
  }
  return pieces;
}
