import { isoOf } from '@rapport/contracts';
import type { NewEvent, StreamEvent } from '@rapport/contracts';
import { defaultRules, isoOnDay, onDay } from '../customer/scenario.builder.js';
import { ruleBookDecider } from './rule-book.decider.js';
import type { PublishRuleBook, RuleBookState } from './rule-book.decider.js';
import { defaultRuleBookDocument } from './rule-book.loader.js';

const book = (version: string, change: (document: Record<string, unknown>) => void = () => undefined) => {
  const rules = { ...structuredClone(defaultRuleBookDocument), version } as Record<string, unknown>;
  change(rules);
  return rules;
};

class Publications {
  state: RuleBookState = ruleBookDecider.initialState();

  publish(day: number, rules: Record<string, unknown>, effectiveFrom?: string, nowDay = day) {
    const command: PublishRuleBook = {
      type: 'PublishRuleBook',
      scope: 'default',
      rules,
      ...(effectiveFrom === undefined ? {} : { effectiveFrom }),
    };
    const decision = ruleBookDecider.decide(this.state, command, {
      occurredAtMs: onDay(day),
      nowMs: onDay(nowDay),
      actor: { kind: 'employee', id: 'head-of-service' },
      channel: 'web',
      sourceSystem: 'spec',
      ruleBook: defaultRules,
      eventIdOf: (type, index) => `${type}#${index}`,
    });
    if (decision.kind === 'accepted')
      for (const event of decision.events)
        this.state = ruleBookDecider.evolve(this.state, event as NewEvent & StreamEvent);
    return decision;
  }
}

describe('Publishing a rule book', () => {
  it('records it with its author and date, and first the one that was in force until then', () => {
    const books = new Publications();
    const decision = books.publish(10, book('b-2'));
    expect(decision).toMatchObject({
      kind: 'accepted',
      events: [
        { type: 'RuleBookPublished', data: { version: 'default-1', effectiveFrom: '0001-01-01T00:00:00.000Z' } },
        {
          type: 'RuleBookPublished',
          data: { version: 'b-2', author: 'head-of-service', effectiveFrom: isoOnDay(10), rules: { version: 'b-2' } },
        },
      ],
    }); // prettier-ignore
    expect(books.publish(20, book('b-3'), isoOnDay(30))).toMatchObject({
      kind: 'accepted',
      events: [{ data: { version: 'b-3', effectiveFrom: isoOnDay(30) } }],
    });
  });

  it('refuses a wrong rule by naming its path and the reason', () => {
    const wrong = book('b-2', (document) => {
      (document['roleSets'] as { guards: Record<string, unknown> }[])[0]!.guards['G1'] = {
        sentence: 'x',
        when: { is: 'moonIsFull' },
      };
    });
    expect(new Publications().publish(0, wrong)).toMatchObject({
      kind: 'refused',
      refusal: {
        code: 'RULE_BOOK_INVALID',
        sentence: '$.roleSets[0].guards.G1.when.is: no predicate is called "moonIsFull".',
      },
    });
  });

  it('refuses a version that was used, the first one included', () => {
    const books = new Publications();
    const taken = { kind: 'refused', refusal: { code: 'RULE_BOOK_VERSION_TAKEN' } };
    expect(books.publish(0, book('default-1'))).toMatchObject(taken);
    books.publish(0, book('b-2'));
    expect(books.publish(1, book('b-2'))).toMatchObject(taken);
    expect(books.publish(1, book('default-1'))).toMatchObject(taken);
  });

  it('does not put a book before one that is in force, and may replace one that is not yet', () => {
    const books = new Publications();
    books.publish(10, book('b-2'));
    expect(books.publish(10, book('b-3'), isoOnDay(10), 20)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'RULE_BOOK_OUT_OF_ORDER', earliestAt: isoOf(onDay(10) + 1) },
    });
    expect(books.publish(14, book('b-3'), isoOnDay(15), 20).kind).toBe('accepted');
    expect(books.publish(20, book('b-4'), isoOnDay(60)).kind).toBe('accepted');
    expect(books.publish(21, book('b-5'), isoOnDay(60)).kind).toBe('accepted');
    expect(books.publish(21, book('b-6'), isoOnDay(40)).kind).toBe('accepted');
  });

  it('decides nothing that was decided before it, unless history says that it was published then', () => {
    const books = new Publications();
    expect(books.publish(20, book('b-2'), isoOnDay(18.9))).toMatchObject({
      kind: 'refused',
      refusal: { code: 'RULE_BOOK_BACKDATED', field: { pointer: '/effectiveFrom' } },
    });
    expect(books.publish(18.9, book('b-2'), isoOnDay(18.9), 20).kind).toBe('accepted');
    expect(new Publications().publish(20, book('b-2'), isoOnDay(19)).kind).toBe('accepted');
  });

  it('happens now, not in the future', () => {
    const decision = ruleBookDecider.decide(
      ruleBookDecider.initialState(),
      { type: 'PublishRuleBook', scope: 'default', rules: book('b-2') },
      {
        occurredAtMs: onDay(10),
        nowMs: onDay(9),
        actor: { kind: 'employee', id: 'x' },
        channel: 'web',
        sourceSystem: 'spec',
        ruleBook: defaultRules,
        eventIdOf: () => '',
      },
    );
    expect(decision).toMatchObject({ kind: 'refused', refusal: { code: 'OCCURRED_IN_FUTURE' } });
  });
});
