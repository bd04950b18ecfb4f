import { readFileSync, statSync } from 'node:fs';

/** Whose a file is, and who may do what with it. */
export interface FileAccess {
  /** The permission bits; others, such as the type, do no harm. */
  mode: number;
  uid: number;
}

const GROUP_AND_OTHERS = 0o077;
const ALL_BUT_READ_BY_GROUP = 0o037;

/**
 * What is wrong with the access to a file that holds a private key, as PostgreSQL's libpq judges it: nobody but its owner, and where
 * root owns it its group as a reader. The second is how the kubelet gives a Secret to a pod with an `fsGroup`: `root:<fsGroup>`, and
 * 0400 becomes 0440. A person's own file has no such need, and its group is often everybody.
 */
export function accessFault({ mode, uid }: FileAccess): string | undefined {
  if ((mode & (uid === 0 ? ALL_BUT_READ_BY_GROUP : GROUP_AND_OTHERS)) === 0) return undefined;
  const allowed = uid === 0 ? '600, or chmod 640,' : '600';
  return `names a file that others than its owner may read or write; run chmod ${allowed} on it`;
}

/** {@link accessFault} of the file at `path`; links are followed, as Secrets are mounted by them. Of one that is not there, nothing. */
export function privateFileFault(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : accessFault(stats);
}

/** The text of a file with a secret, unless {@link accessFault} has something to say. */
export function readPrivateFile(path: string): { text: string } | { fault: string } {
  try {
    const fault = accessFault(statSync(path));
    return fault === undefined ? { text: readFileSync(path, 'utf8') } : { fault };
  } catch (error) {
    return { fault: whyUnread(error as NodeJS.ErrnoException) };
  }
}

function whyUnread({ code = 'unknown error' }: NodeJS.ErrnoException): string {
  const uid = process.geteuid?.();
  // In a container the user is another than the one who made the file: its number is what must be let in.
  return code === 'EACCES' && uid !== undefined
    ? `names a file that the user of this process, ${uid}, may not read (EACCES)`
    : `names a file that cannot be read (${code})`;
}
