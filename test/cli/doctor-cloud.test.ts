import { Server, ServerCredentials, status, type sendUnaryData } from '@grpc/grpc-js';
import { Client, Connection } from '@temporalio/client';
import { examineSearchAttributes } from '../../src/cli/doctor/search-attributes';

/** Search attributes where the operator service, which lists them, is refused, as on Temporal Cloud: a server that answers only so far. */

const UNKNOWN = ['WhmcsOrderId', 'ProvisioningPhaseAt'];
let server: Server;
let client: Client;
let unknown: string[];
let refusal: status;

const raw = (buffer: Buffer) => buffer;
const unary = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: raw,
  requestDeserialize: raw,
  responseSerialize: raw,
  responseDeserialize: raw,
});

beforeAll(async () => {
  server = new Server();
  // An empty message is one whose fields all have their defaults.
  const empty = Buffer.alloc(0);
  server.addService(
    {
      info: unary('/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo'),
      count: unary('/temporal.api.workflowservice.v1.WorkflowService/CountWorkflowExecutions'),
      list: unary('/temporal.api.operatorservice.v1.OperatorService/ListSearchAttributes'),
    },
    {
      info: (_call: unknown, answer: sendUnaryData<Buffer>) => answer(null, empty),
      list: (_call: unknown, answer: sendUnaryData<Buffer>) => answer({ code: refusal, details: 'refused' }),
      count: ({ request }: { request: Buffer }, answer: sendUnaryData<Buffer>) => {
        const asked = request.toString('latin1');
        if (unknown.some((name) => asked.includes(`${name} = `))) {
          answer({ code: status.INVALID_ARGUMENT, details: 'invalid query: no such search attribute' });
        } else answer(null, empty);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  client = new Client({ connection: await Connection.connect({ address: `127.0.0.1:${port}` }) });
});
beforeEach(() => {
  unknown = [];
  refusal = status.PERMISSION_DENIED;
});
afterAll(async () => {
  await client.connection.close();
  server.forceShutdown();
});

it.each([false, true])('all that can be counted with are there; --fix %s', async (fix) => {
  const finding = expect.stringMatching(/^all may be queried/) as string;
  expect(await examineSearchAttributes(client, fix)).toMatchObject({ status: 'ok', finding });
});

it.each([false, true])('what cannot is named, with where it is made; --fix %s', async (fix) => {
  unknown = UNKNOWN;
  expect(await examineSearchAttributes(client, fix)).toMatchObject({
    status: 'fail',
    finding: `missing, or of another type: ${UNKNOWN.join(', ')}`,
    repair: expect.stringContaining('tcld') as string,
  });
});

it('a server that is away is not taken for one that refuses', async () => {
  refusal = status.INTERNAL;
  await expect(examineSearchAttributes(client, false)).rejects.toThrow('refused');
});
