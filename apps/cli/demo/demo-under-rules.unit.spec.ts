import { epochMsOf, eventIdFor, isoOf, STAGES, type Channel, type RecordedEvent } from '@rapport/contracts';
import {
  customerDecider,
  loadDefaultRuleBook,
  stageOf,
  type CustomerRequest,
  type CustomerState,
} from '@rapport/domain';
import { customerLife, demoCustomerRef } from './customer-life.js';
import { demoProducts } from './demo-catalogue.js';
import { closingReviews } from './demo-stream.js';

const frame = {
  seed: 1,
  fromMs: epochMsOf('2022-01-01T00:00:00Z'),
  untilMs: epochMsOf('2024-12-31T00:00:00Z'),
};
const ruleBook = loadDefaultRuleBook();
const catalogue = new Map(demoProducts(frame.fromMs).map((product) => [product.productId, product]));
const CUSTOMERS = 500;

/** Lives one customer of the demo under the rules, without any server. */
function liveUnderRules(index: number): { state: CustomerState; refused: string[]; stages: Set<string> } {
  const streamId = `customer-${index}`;
  let state = customerDecider.initialState();
  let revision = -1n;
  const refused: string[] = [];
  const stages = new Set<string>();
  const review = closingReviews(index + 1, frame)[index]!;
  for (const { atMs, item } of [...customerLife(index, frame), review]) {
    const { command, customer: _, sourceSystem, sourceEventId, occurredAt, channel, ...fields } = item;
    const offered = command === 'OfferProduct' || command === 'StartWinBack' ? { channel } : {};
    const eventIdOf = (type: string, n: number): string => eventIdFor(streamId, sourceEventId, type, n);
    const decision = customerDecider.decide(
      state,
      { type: command, ...fields, ...offered } as unknown as CustomerRequest,
      {
        occurredAtMs: atMs,
        nowMs: frame.untilMs,
        actor: { kind: 'system', id: 'demo' },
        channel: channel as Channel,
        sourceSystem,
        ruleBook,
        references: { products: catalogue },
        eventIdOf,
      },
    );
    if (decision.kind === 'refused' && command !== 'ReviewRelationship')
      refused.push(`${command} ${decision.refusal.code}`);
    const counts = new Map<string, number>();
    for (const event of decision.events ?? []) {
      const n = counts.get(event.type) ?? 0;
      counts.set(event.type, n + 1);
      revision += 1n;
      const recorded = {
        ...event,
        eventId: eventIdOf(event.type, n),
        schemaVersion: 1,
        streamId,
        revision,
        position: revision + 1n,
        metadata: {
          customerId: String(index), occurredAt: event.occurredAt ?? occurredAt, recordedAt: isoOf(frame.untilMs), sourceSystem, channel,
          actor: { kind: 'system', id: 'demo' }, correlationId: 'c', causationId: 'c', commandKey: sourceEventId,
        },
      } as unknown as RecordedEvent; // prettier-ignore
      state = customerDecider.evolve(state, recorded);
      stages.add(stageOf(state));
    }
  }
  return { state, refused, stages };
}

describe('The customers of the demo, under the default rule book', () => {
  const lives = Array.from({ length: CUSTOMERS }, (_, index) => liveUnderRules(index));
  const countBy = (values: readonly string[]): Record<string, number> =>
    values.reduce<Record<string, number>>((sum, value) => ({ ...sum, [value]: (sum[value] ?? 0) + 1 }), {});

  it('end in all six stages', () => {
    const ends = countBy(lives.map(({ state }) => stageOf(state)));
    if (process.env['RAPPORT_SHOW_DEMO'] === '1')
      console.log(ends, countBy(lives.flatMap(({ refused }) => refused)));
    for (const stage of STAGES)
      expect({ stage, enough: (ends[stage] ?? 0) >= CUSTOMERS / 100 }).toEqual({ stage, enough: true });
  });

  it('are refused only what the demo wants to see refused', () => {
    const codes = new Set(lives.flatMap(({ refused }) => refused));
    expect([...codes].filter((code) => !/^(OfferProduct|RecordOfferAnswer|MoveStage) /.test(code))).toEqual(
      [],
    );
    expect(codes.size).toBeGreaterThan(0);
  });

  it('are won back and repaired', () => {
    expect(
      lives.filter(({ stages, state }) => stages.has('repair') && stageOf(state) !== 'repair').length,
    ).toBeGreaterThan(5);
    expect(
      lives.filter(
        ({ stages, state }) =>
          stages.has('dissolution') && ['contact', 'involvement', 'intimacy'].includes(stageOf(state)),
      ).length,
    ).toBeGreaterThan(2);
  });

  it('are addressed by their own numbers', () => {
    expect(demoCustomerRef(0)).toBe('customerNo:C00001');
  });
});
