import { FAULT_KINDS } from './fault-kinds';

/** What `GET /control` says: every route with a command to try it. */
export function controlGuide(origin: string): object {
  const post = (path: string, body: object) =>
    `curl -s -X POST ${origin}${path} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  return {
    what: 'Control of the WHMCS emulator. The API itself is POST /includes/api.php.',
    routes: {
      'GET /control/ledger': {
        does: 'all calls and changes of state, in order; filter with kind=call|change, action=AddOrder, after=SEQ',
        try: `curl -s '${origin}/control/ledger?kind=call&action=AddOrder'`,
      },
      'DELETE /control/ledger': { does: 'forgets the past', try: `curl -s -X DELETE ${origin}/control/ledger` },
      'GET /control/orders': {
        does: 'orders with services, custom fields and invoice; filter with status=Active, field=TEXT',
        try: `curl -s '${origin}/control/orders?status=Active'`,
      },
      'GET /control/clients': { does: 'clients', try: `curl -s ${origin}/control/clients` },
      'POST /control/clients': {
        does: 'adds a client, or changes one if the id exists; everything is optional',
        try: post('/control/clients', { firstname: 'Ada', currency: 1 }),
      },
      'GET /control/products': {
        does: 'products with the ids of their custom fields',
        try: `curl -s ${origin}/control/products`,
      },
      'POST /control/products': {
        does: 'adds a product, or changes one if the id exists; only the name is needed',
        try: post('/control/products', { name: 'Object Storage', pricing: { USD: { cycles: { monthly: '5.00' } } } }),
      },
      'GET /control/faults': {
        does: 'faults that are switched on, with their hits',
        try: `curl -s ${origin}/control/faults`,
      },
      'POST /control/faults': {
        does: 'switches a fault on: kind, action (regular expression), count, skip',
        kinds: FAULT_KINDS,
        try: post('/control/faults', { kind: 'commitThenLose', action: '^AddOrder$', count: 1 }),
      },
      'POST /control/faults/ID/release': {
        does: 'lets calls go that hang, and commits late ones',
        try: `curl -s -X POST ${origin}/control/faults/1/release`,
      },
      'DELETE /control/faults': {
        does: 'removes all faults (or one: /control/faults/ID)',
        try: `curl -s -X DELETE ${origin}/control/faults`,
      },
      'GET /control/settings': {
        does: 'how answers are printed, and variants of behaviour',
        try: `curl -s ${origin}/control/settings`,
      },
      'POST /control/settings': { does: 'changes them', try: post('/control/settings', { listShape: 'mixed' }) },
      'POST /control/reset': {
        does: 'back to the first contents: no orders, no faults, empty ledger',
        try: `curl -s -X POST ${origin}/control/reset`,
      },
    },
  };
}
