/** The load generator, in a process of its own: the same one for every server it is pointed at. */
import autocannon from 'autocannon';

interface LoadOrder {
  readonly url: string;
  readonly token: string;
  readonly seconds: number;
  readonly connections: number;
  readonly customers: number;
  /** Part of every key: runs do not meet. */
  readonly run: string;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly notOk: number;
}

const order = JSON.parse(process.argv[2]!) as LoadOrder;
let sent = 0;
const result = await autocannon({
  url: order.url,
  connections: order.connections,
  duration: order.seconds,
  requests: [
    {
      method: 'POST',
      setupRequest: (request) => {
        const n = sent++;
        request.path = `/v1/customers/bench%2FcustomerNo:${n % order.customers}/purchases`;
        request.headers = {
          authorization: `Bearer ${order.token}`,
          'content-type': 'application/json',
          'idempotency-key': `${order.run}-${n}`,
        };
        request.body = `{"orderId":"${order.run}-${n}","channel":"web","lines":[{"productId":"grinder","qty":2,"unitPrice":{"amountMinor":${1_000 + (n % 9_000)},"currency":"EUR"}}],"total":{"amountMinor":${2_000 + 2 * (n % 9_000)},"currency":"EUR"}}`;
        return request;
      },
    },
  ],
});
process.send!({
  requestsPerSecond: result['2xx'] / result.duration,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  notOk: result.non2xx + result.errors,
} satisfies LoadResult);
process.disconnect();
