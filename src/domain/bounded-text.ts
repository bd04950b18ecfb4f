/** More than any answer of a vendor; a body that goes beyond it, or has no end, is not read on. */
export const LARGEST_BODY = 32 * 1024 * 1024;

/**
 * The text of a body, or undefined where it is larger than {@link LARGEST_BODY} bytes, unpacked. Whoever gives the chunks is then told
 * to stop: leaving the loop cancels a stream.
 */
export async function boundedText(chunks: AsyncIterable<Uint8Array> | null): Promise<string | undefined> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks ?? []) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    read.push(chunk);
  }
  return Buffer.concat(read).toString('utf8');
}
