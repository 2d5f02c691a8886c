import { randomUUID } from 'node:crypto';
import { customerStreamId, CustomersMerged } from '@rapport/contracts';
import { ApiUnderTest } from '../../apps/api/specs/api-under-test.js';
import { eventIdsOf, minuteAfter, tellLongHistory, TOUCHES } from '../../apps/api/specs/long-history.js';
import { eventually } from '../support/server-folder.js';
import { ProductOnServers } from './product-on-servers.js';

const ADA = 'shop/customerNo:1';
const AGAIN = 'till/customerNo:7';
const SOMEBODY = 'till/customerNo:8';
const SETTLED_MS = 120_000;

type Documents = Record<string, unknown>;

/** What is done on one disk is done on servers: the log on its server, read models in the document store, steps in several partitions. */
describe('Customers of 1,000 touch points each that are merged on servers', () => {
  let product: ProductOnServers;
  const ids = { ada: '', again: '' };
  let before: Record<string, Documents>;
  const at = (reference: string): string => `/v1/customers/${encodeURIComponent(reference)}`;

  /** Every document of the two in every read model; positions differ, because the steps of merges have some. */
  const documentsOfBoth = (): Promise<Record<string, Documents>> =>
    product.withStores(async ({ readModels }) => {
      const all: Record<string, Documents> = {};
      for (const { name } of product.projections) {
        const { collection } = await readModels.activeCollection(name);
        const documents: Documents = {};
        for await (const page of readModels.scan(collection))
          for (const { key, document } of page)
            if (Object.values(ids).some((id) => key === id || key.startsWith(`${id}/`)))
              documents[key] = JSON.parse(JSON.stringify(document, (field, value: unknown) => (field === 'position' ? 0 : value))) as unknown; // prettier-ignore
        // What is on file of the merges themselves is no document of a customer.
        if (name !== 'identity') all[name] = documents;
      }
      return all;
    });
  const inFunnel = async (): Promise<number> => (await product.read('/v1/funnel')).body.data.customers as number; // prettier-ignore

  beforeAll(async () => {
    product = await ProductOnServers.start('rapport_merged');
    for (const [offset, customer] of [ADA, AGAIN, SOMEBODY].entries())
      await tellLongHistory(product.api, customer, offset);
    // What fell due in the silence since happens now, so that nothing but the merge changes anything below.
    for (const customer of [ADA, AGAIN])
      await product.api.record(`${at(customer)}/preferences`, { kind: 'time', key: 'call', value: 'mornings', source: 'crm', channel: 'callCentre' }); // prettier-ignore
    await product.expectClean(SETTLED_MS);
    ids.ada = (await product.read(at(ADA))).body.data.customerId;
    ids.again = (await product.read(at(AGAIN))).body.data.customerId;
    before = await documentsOfBoth();
  }, 300_000);
  afterAll(() => product?.dispose());

  it('lose nothing and double nothing', async () => {
    const own = [...(await eventIdsOf(product.api, ids.ada)), ...(await eventIdsOf(product.api, ids.again))];
    expect(own.length).toBeGreaterThanOrEqual(2 * (TOUCHES + 20));
    const { body } = await product.api.record('/v1/identity/merges', { survivor: ADA, members: [AGAIN] });
    expect(body).toMatchObject({ customerId: ids.ada, memberIds: [ids.again] });
    await product.expectClean(SETTLED_MS);
    for (const reference of [ids.ada, ids.again, AGAIN]) {
      const { data } = (await product.read(at(reference))).body;
      expect(data).toMatchObject({ customerId: ids.ada, money: [{ currency: 'EUR', purchases: 40 }] });
    }
    const joined = await eventIdsOf(product.api, ids.again);
    expect(new Set(joined).size).toBe(joined.length);
    expect([...joined].sort()).toEqual([...own].sort());
    expect(await inFunnel()).toBe(2);
    const documents = await documentsOfBoth();
    for (const [name, ofBoth] of Object.entries(documents))
      expect({ name, left: Object.keys(ofBoth).filter((key) => key.startsWith(ids.again)) }).toEqual({ name, left: [] }); // prettier-ignore
  }, 300_000);

  it('count a late purchase of the member once', async () => {
    await product.api.record(`${at(AGAIN)}/purchases`, { orderId: 'late-1', occurredAt: minuteAfter(3), channel: 'web', total: { amountMinor: 77, currency: 'EUR' } }); // prettier-ignore
    await product.expectClean(SETTLED_MS);
    expect((await product.read(at(ids.ada))).body.data.money).toMatchObject([{ purchases: 41 }]);
  }, 200_000);

  it('are as if never merged once that is taken back, but for what was recorded meanwhile', async () => {
    await product.api.record('/v1/identity/unmerges', { survivor: ADA, reasonCode: 'twoPersons' });
    await product.expectClean(SETTLED_MS);
    expect(await inFunnel()).toBe(3);
    const after = await documentsOfBoth();
    const ofMember = (all: Record<string, Documents>) => Object.fromEntries(Object.entries(all).map(([name, documents]) => [name, Object.fromEntries(Object.entries(documents).filter(([key]) => key.startsWith(ids.again)))])); // prettier-ignore
    expect(ofMember(after)).toEqual(ofMember(before));
    const history = await eventIdsOf(product.api, ids.ada);
    expect(new Set(history).size).toBe(history.length);
    expect((await product.read(at(ids.ada))).body.data.money).toMatchObject([{ purchases: 21 }]);
  }, 300_000);

  it('are never merged altogether when nothing was recorded meanwhile', async () => {
    const untouched = await documentsOfBoth();
    await product.api.record('/v1/identity/merges', { survivor: AGAIN, members: [ADA] });
    await product.expectClean(SETTLED_MS);
    expect(await inFunnel()).toBe(2);
    await product.api.record('/v1/identity/unmerges', { survivor: AGAIN, reasonCode: 'twoPersons' });
    await product.expectClean(SETTLED_MS);
    expect(await documentsOfBoth()).toEqual(untouched);
  }, 400_000);

  it('whose process died after the decision are taken up by one of two others, once', async () => {
    const second = await ApiUnderTest.start(product.environment, product.api.root);
    try {
      const { events } = product.api.runtime;
      const streamId = `identity-${ids.ada}`;
      const known = await events.readStream(streamId);
      const [registered] = await events.readStream(customerStreamId(ids.ada), { maxCount: 1 });
      const { recordedAt: _recordedAt, customerId: _customerId, ...metadata } = registered!.metadata;
      const decision = { mergeId: 'left', survivorId: ids.ada, mergedIds: [ids.again], matchRule: 'manual' };
      await events.append({
        streamId,
        expectedRevision: known.at(-1)?.revision ?? -1n,
        events: [{ eventId: randomUUID(), type: 'CustomersMerged', schemaVersion: CustomersMerged.version, data: decision, metadata: { ...metadata, commandKey: 'k:left' } }], // prettier-ignore
      });
      await eventually('the merge is completed', async () =>
        (await events.readStream(streamId)).at(-1)?.type === 'MergeCompleted' ? true : undefined,
      );
      const steps = await Promise.all([streamId, customerStreamId(ids.ada), customerStreamId(ids.again)].map(async (stream) => (await events.readStream(stream)).filter(({ data }) => (data as { mergeId?: string }).mergeId === 'left').map(({ type }) => type))); // prettier-ignore
      expect(steps).toEqual([['CustomersMerged', 'MergeCompleted'], ['CustomerHeldForMerge', 'CustomerAbsorbed'], ['CustomerSealed']]); // prettier-ignore
      await product.expectClean(SETTLED_MS);
    } finally {
      await second.stop({ keepsRoot: true });
    }
  }, 200_000);
});
