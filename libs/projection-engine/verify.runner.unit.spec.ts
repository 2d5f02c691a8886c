import { openStoreEventFeed } from '@rapport/event-feed';
import { openMemoryReadModels, type MemoryReadModelStore } from '@rapport/read-model';
import { systemScheduler } from '@rapport/runtime';
import {
  eventBuilder,
  liveDocuments,
  purchasesProjection,
  RecordedLog,
  testCustomerId,
  touchesProjection,
} from '@rapport/testing';
import { verifyReadModels, type VerifyOptions } from './verify.runner.js';

const ADA = testCustomerId('ada');

describe('Verify', () => {
  const events = eventBuilder()
    .customer('ada')
    .times(3, 'PurchaseRecorded')
    .customer('bob')
    .times(2, 'PurchaseRecorded')
    .build();
  const log = new RecordedLog(events);
  let store: MemoryReadModelStore;
  beforeEach(async () => {
    store = openMemoryReadModels();
    const feed = openStoreEventFeed(log, { scheduler: systemScheduler, pollMs: 5 });
    for (const projection of [purchasesProjection, touchesProjection])
      await liveDocuments(projection, { feed, history: log, store }, 5n);
  });
  const verify = (over: Partial<VerifyOptions> = {}) =>
    verifyReadModels({ projections: [purchasesProjection, touchesProjection], history: log, store, ...over });
  /** Replaces a stored document behind the projector's back. */
  const tamper = async (key: string, document: object | null, indexes = { totalMinor: 74_700, count: 3 }) => {
    const position = (await store.get('purchases__v1__g1', key))?.position ?? 3n;
    await store.saveMany('purchases__v1__g1', [{ key, position: position + 100n, document: null, indexes }]);
    if (document) await store.insertMany('purchases__v1__g1', [{ key, position, document, indexes }]);
  };

  it.each([1, 2, 1_000])(
    'finds nothing in read models that are the fold of the log (%p events a pass)',
    async (eventsPerPass) => {
      expect(await verify({ eventsPerPass })).toMatchObject({
        isClean: true,
        differences: [],
        collections: [
          { projection: 'purchases', documents: 2, through: 5n },
          { projection: 'touches', documents: 5 },
        ],
      });
    },
  );

  it.each([
    [
      'a changed field',
      { count: 7, totalMinor: 74_700, lastOrderId: 'o-1' },
      { path: '/count', stored: 7, expected: 3 },
    ],
    [
      'a missing field',
      { count: 3, totalMinor: 74_700 },
      { path: '/lastOrderId', stored: undefined, expected: 'o-1' },
    ],
    ['a missing document', null, { path: '', stored: undefined, expected: { count: 3 } }],
  ])('finds %s', async (_name, document, expected) => {
    await tamper(ADA, document);
    const report = await verify({ eventsPerPass: 2 });
    expect(report).toMatchObject({ isClean: false, differingDocuments: 1 });
    expect(report.differences).toMatchObject([{ projection: 'purchases', key: ADA, ...expected }]);
  });

  it('finds documents nobody made and index values that do not belong', async () => {
    await tamper('nobody', { count: 1, totalMinor: 1, lastOrderId: null });
    await tamper(ADA, { count: 3, totalMinor: 74_700, lastOrderId: 'o-1' }, { totalMinor: 1, count: 3 });
    const { differences } = await verify();
    expect(differences.map((d) => [d.key, d.path])).toEqual(
      expect.arrayContaining([
        ['nobody', ''],
        [ADA, '#index/totalMinor'],
      ]),
    );
  });

  it('checks documents that moved on since at their own position', async () => {
    const more = eventBuilder().customer('ada').times(4, 'PurchaseRecorded').build();
    const event = { ...more[3]!, position: 6n };
    const longer = new RecordedLog([...events, event]);
    const document = { count: 4, totalMinor: 99_600, lastOrderId: 'o-1' };
    await store.saveMany('purchases__v1__g1', [
      { key: ADA, position: 6n, document, indexes: { totalMinor: 99_600, count: 4 } },
    ]);
    expect((await verify({ history: longer })).isClean).toBe(true);
    await store.saveMany('purchases__v1__g1', [
      { key: ADA, position: 7n, document: { ...document, count: 5 }, indexes: { totalMinor: 0, count: 0 } },
    ]);
    expect((await verify({ history: longer })).isClean).toBe(false);
  });

  it('expects of a parked stream what came before its first parked event', async () => {
    const feed = openStoreEventFeed(log, { scheduler: systemScheduler, pollMs: 5 });
    const broken = {
      ...purchasesProjection,
      evolve: (...[document, event, key]: Parameters<typeof purchasesProjection.evolve>) => {
        if (event.revision === 1n) throw new Error('no');
        return purchasesProjection.evolve(document, event, key);
      },
    };
    const fresh = openMemoryReadModels();
    await liveDocuments(broken, { feed, history: log, store: fresh }, 5n);
    const report = await verify({ projections: [purchasesProjection], store: fresh });
    expect(report).toMatchObject({ isClean: true, collections: [{ parkedSequences: 2 }] });
  });
});
