import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

/** The local addresses on which a process accepts connections, e.g. `127.0.0.1:9464`. As Linux shows them. */
export function listeningAddresses(pid: number): string[] {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)));
  return ['tcp', 'tcp6'].flatMap((family) =>
    readFileSync(`/proc/${pid}/net/${family}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTEN && sockets.has(inode))
      .map(([, local = '']) => addressOf(local)),
  );
}

function inodeOf(link: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
  } catch {
    // Closed meanwhile.
    return undefined;
  }
}

/** The kernel writes an IPv4 address as a little-endian number in hex. Others are given as they stand. */
function addressOf(local: string): string {
  const [host = '', port = ''] = local.split(':');
  const shown = host.length === 8 ? [...Buffer.from(host, 'hex').reverse()].join('.') : `[${host}]`;
  return `${shown}:${parseInt(port, 16)}`;
}
