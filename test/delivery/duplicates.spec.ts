import { epochMsOf, isoOf, MS_PER_DAY } from '@rapport/contracts';
import { loadDefaultRuleBook, nextReviewAtMs, type CustomerState } from '@rapport/domain';
import { differencesOf } from '@rapport/projection-engine';
import { SeededRandom } from '../../apps/cli/demo/seeded-random.js';
import { laterToken, type BatchAnswer } from '../../apps/cli/import/batch-sender.js';
import type { BatchItem } from '../../apps/cli/import/row-mapper.js';
import { openStores } from '../../apps/cli/product.js';
import { eventually, ServerFolder } from '../support/server-folder.js';

const CUSTOMERS = 40;
const START = epochMsOf('2026-01-05T09:00:00.000Z');
/** Facts of a batch window are shuffled with what lies within this many deliveries of them. */
const SHUFFLE_WITHIN = 1_000;

/** Each customer's relationship begins in order, so that the facts below move no stage, in whatever order they come. */
function beginnings(): BatchItem[] {
  return Array.from({ length: CUSTOMERS }, (_, n) => [
    {
      command: 'RegisterCustomer', customer: `customerNo:${n}`, sourceSystem: 'shop', sourceEventId: `register-${n}`, occurredAt: isoOf(START), channel: 'web',
      roles: ['customer'], displayName: `Customer ${n}`, identifiers: [{ type: 'customerNo', value: `${n}`, sourceSystem: 'shop' }],
    },
    purchase(n, 'first', START + 60_000, 1_000),
  ]).flat(); // prettier-ignore
}

function purchase(customer: number, id: string, atMs: number, amountMinor: number, seq?: number): BatchItem {
  return {
    command: 'RecordPurchase', customer: `customerNo:${customer}`, sourceSystem: 'shop', sourceEventId: `purchase-${id}`,
    occurredAt: isoOf(atMs), channel: 'web', orderId: `o-${id}`, total: { amountMinor, currency: 'EUR' },
    ...(seq === undefined ? {} : { sourceSeq: seq }),
  }; // prettier-ignore
}

/** Day of the purchases of one millisecond. */
const SAME_DAY = 2;

/**
 * Which rule decisions are made depends on what was known by then, on purpose. So nobody buys on more than three days:
 * without a rhythm of their own the rules see no silence, and all that remains are facts.
 */
const PURCHASE_DAYS = 2;

/** Facts over 60 days: purchases, touches, surveys; 200 purchases of customer 0 in one millisecond. */
function facts(random: SeededRandom): BatchItem[] {
  const items: BatchItem[] = [];
  const sameMs = START + SAME_DAY * MS_PER_DAY;
  for (let n = 0; n < 200; n++) items.push(purchase(0, `same-${n}`, sameMs, 100 + n, n));
  for (let n = 0; n < 1_500; n++) {
    const customer = random.integer(0, CUSTOMERS - 1);
    const atMs = START + random.integer(1, 60) * MS_PER_DAY + random.integer(0, 3) * 3_600_000;
    const base = {
      customer: `customerNo:${customer}`,
      sourceSystem: 'shop',
      sourceEventId: `fact-${n}`,
      occurredAt: isoOf(atMs),
    };
    items.push(
      random.weighted<BatchItem>([
        [
          purchase(
            customer,
            `p-${n}`,
            START + random.integer(1, PURCHASE_DAYS) * MS_PER_DAY + n,
            random.integer(100, 9_000),
          ),
          3,
        ],
        [
          {
            ...base,
            command: 'RecordTouchPoint',
            channel: 'email',
            direction: 'in',
            kind: 'message',
            sentiment: 10,
          },
          3,
        ],
        [
          {
            ...base,
            command: 'RecordTouchPoint',
            channel: 'callCentre',
            direction: 'out',
            kind: 'call',
            durationS: 60,
          },
          2,
        ],
        [
          {
            ...base,
            command: 'RecordSurveyResponse',
            channel: 'web',
            instrument: 'CES',
            score: random.integer(1, 7),
          },
          1,
        ],
      ]),
    );
  }
  return items.sort((a, b) =>
    String(a.occurredAt) < String(b.occurredAt) ? -1 : String(a.occurredAt) > String(b.occurredAt) ? 1 : 0,
  );
}

/** 1–4 deliveries of each fact, each up to 1,000 deliveries away from its place. */
function deliveriesOf(items: readonly BatchItem[], random: SeededRandom): BatchItem[] {
  const copies = items.flatMap((item) => Array.from({ length: random.integer(1, 4) }, () => item));
  return copies
    .map((item, place) => ({ item, place: place + random.uniform() * SHUFFLE_WITHIN }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

interface Delivered {
  readonly accepted: number;
  readonly replayed: number;
  readonly token: string;
}

/** Sends batches of 1,000, three at a time, and expects every item to be taken. */
async function deliver(
  folder: ServerFolder,
  items: readonly BatchItem[],
  atOnce: number,
): Promise<Delivered> {
  const client = folder.client();
  let [accepted, replayed] = [0, 0];
  let token: string | undefined;
  const batches: BatchItem[][] = [];
  for (let at = 0; at < items.length; at += 1_000) batches.push(items.slice(at, at + 1_000));
  const next = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const answer: BatchAnswer = await client.send(batch);
      const meanwhile: BatchItem[] = [];
      for (const { index, status, problem } of answer.results) {
        if (status === 'accepted') accepted++;
        else if (status === 'replayed') replayed++;
        // Another delivery of the same fact is on its way: it is told to come again.
        else if (problem?.code === 'IN_PROGRESS') meanwhile.push(batch[index]!);
        else throw new Error(`${status}: ${JSON.stringify(problem)}`);
      }
      if (meanwhile.length > 0) batches.push(meanwhile);
      if (answer.token !== undefined) token = laterToken(token, answer.token);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  await client.close();
  return { accepted, replayed, token: token! };
}

/** Every document of every read model, without what tells the order of acceptance apart. */
async function readModelsOf(folder: ServerFolder): Promise<Map<string, unknown>> {
  const opened = await openStores({}, folder.dataDir);
  try {
    const { position } = await opened.history.head();
    const documents = new Map<string, unknown>();
    for (const { projection } of (await opened.readModels.generations()).filter(
      // Scores are made when somebody asks for them, not by events.
      ({ status, projection }) => status === 'active' && projection !== 'risk-scores',
    )) {
      const collection = await eventually(`${projection} complete to ${position}`, async () => {
        const state = await opened.readModels.activeCollection(projection);
        return state.checkpoints.every(({ through }) => through >= position) ? state.collection : undefined;
      });
      for await (const page of opened.readModels.scan(collection))
        for (const { key, document } of page)
          documents.set(`${projection} ${key}`, withoutOrderOfAcceptance(answerOf(projection, document)));
    }
    return documents;
  } finally {
    await opened.close();
  }
}

/**
 * `due-reviews` and `next-best-action` carry the state decisions are made from, which is about what was accepted when; what
 * must be the same is when the rules look at the customer next.
 */
const CARRY_A_STATE: ReadonlySet<string> = new Set(['due-reviews', 'next-best-action']);
const answerOf = (projection: string, document: object): unknown =>
  CARRY_A_STATE.has(projection) && 'state' in document
    ? nextReviewAtMs((document as { state: CustomerState }).state, loadDefaultRuleBook())
    : document;

/** Position, recording time and the mark of a late fact say when we came to know, not what happened. */
const ORDER_OF_ACCEPTANCE = new Set(['position', 'recordedAt', 'late', 'seq', 'revision']);
const withoutOrderOfAcceptance = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutOrderOfAcceptance);
  if (typeof value !== 'object' || value === null) return isToken(value) ? 'token' : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !ORDER_OF_ACCEPTANCE.has(name))
      .map(([name, inner]) => [name, withoutOrderOfAcceptance(inner)]),
  );
};
/** Personal values are encrypted with another key and nonce in each folder. */
const isToken = (value: unknown): boolean => typeof value === 'string' && value.startsWith('pv1.');

describe('Facts that come more than once and out of order', () => {
  const once = new ServerFolder('once');
  const shuffled = new ServerFolder('shuffled');
  let onceModels: Map<string, unknown>;
  let shuffledModels: Map<string, unknown>;
  const all = facts(new SeededRandom(11));
  const deliveries = deliveriesOf(all, new SeededRandom(12));
  let first: Delivered;
  let second: Delivered;

  beforeAll(async () => {
    await Promise.all([once.start(), shuffled.start()]);
    await deliver(once, beginnings(), 1);
    await deliver(shuffled, beginnings(), 1);
    first = await deliver(once, all, 1);
    second = await deliver(shuffled, deliveries, 3);
    onceModels = await readModelsOf(once);
    shuffledModels = await readModelsOf(shuffled);
  }, 60_000);
  afterAll(() => Promise.all([once.remove(), shuffled.remove()]));

  it('are recorded once each', () => {
    expect(first).toMatchObject({ accepted: all.length, replayed: 0 });
    expect(second).toMatchObject({ accepted: all.length, replayed: deliveries.length - all.length });
    expect(deliveries.length).toBeGreaterThan(all.length * 2);
  });

  it('give the same read models as one delivery in order', () => {
    const only = (here: Map<string, unknown>, there: Map<string, unknown>) =>
      [...here].filter(([key]) => !there.has(key)).slice(0, 5);
    expect({ once: only(onceModels, shuffledModels), shuffled: only(shuffledModels, onceModels) }).toEqual({
      once: [],
      shuffled: [],
    });
    const differing = [...onceModels]
      .map(([key, document]) => [key, differencesOf(document, shuffledModels.get(key), 5)] as const)
      .filter(([, places]) => places.length > 0);
    expect(differing.slice(0, 5)).toEqual([]);
  });

  it('keep 200 purchases of the same millisecond apart, in the sequence of their sender', async () => {
    const client = shuffled.client();
    const rows: { details: { orderId?: string }; occurredAt: string }[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await client.get<{ rows: typeof rows }>(
        `/v1/customers/${encodeURIComponent('shop/customerNo:0')}/history`,
        {
          from: isoOf(START + SAME_DAY * MS_PER_DAY),
          to: isoOf(START + SAME_DAY * MS_PER_DAY),
          limit: 200,
          cursor,
          after: second.token,
        },
      );
      rows.push(...page.data.rows);
      cursor = page.meta.next as string | undefined;
      if (cursor === undefined) break;
    }
    await client.close();
    const same = rows.map(({ details }) => details.orderId).filter((id) => id?.startsWith('o-same-'));
    expect(same).toEqual(Array.from({ length: 200 }, (_, n) => `o-same-${199 - n}`));
  });
});
