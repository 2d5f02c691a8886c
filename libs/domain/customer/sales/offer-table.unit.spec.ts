import { OFFER_KINDS, STAGES } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';
import type { CustomerCommandOf, CustomerRequest } from '../customer.commands.js';
import {
  Scenario,
  call,
  complaint,
  consent,
  euro,
  nps,
  offer,
  purchase,
  register,
  repair,
} from '../scenario.builder.js';
import type { OfferKind } from './sales.state.js';

const review = { type: 'ReviewRelationship' } as const;
const machine = purchase({
  lines: [{ productId: 'em-1', qty: 1, unitPrice: euro(100), productFamily: 'machines', productTier: 1 }],
});
const trait = (name: 'trust' | 'commitment'): CustomerRequest => ({
  type: 'RecordRelationTrait',
  trait: name,
  side: 'customer',
  score: 80,
  method: 'survey',
});

/** Somebody who agreed to marketing, at each stage on day 100 or later; who bought a machine, or nothing at all. */
const at = (stage: Stage, hasBought: boolean): Scenario => {
  const begun = new Scenario().given(0, register(), consent());
  if (stage === 'contact' && !hasBought) return begun;
  if (hasBought) begun.given(1, machine);
  else begun.given(1, call()).given(2, call());
  switch (stage) {
    case 'contact':
      // Bought once, and then silent for long.
      return begun.given(200, review);
    case 'involvement':
      return begun.given(50, call());
    case 'intimacy':
      return begun
        .given(50, trait('trust'), trait('commitment'), { type: 'StartCoCreation', projectId: 'p', role: 'coDesigner' }, nps(9))
        .given(100, review); // prettier-ignore
    case 'deterioration':
      return begun.given(50, complaint('c-1', 2)).given(60, review);
    case 'repair':
      return begun
        .given(50, complaint('c-1', 2))
        .given(60, review)
        .given(61, repair('r-1', ['c-1'], 400));
    case 'dissolution':
      return begun.given(50, { type: 'RecordGoodbye', reasonCode: 'customerLeft' });
    default:
      return stage satisfies never;
  }
};

const commandFor = (kind: OfferKind): CustomerCommandOf<'OfferProduct'> => {
  switch (kind) {
    case 'firstSale':
    case 'crossSell':
      return offer({ productId: 'grinder' });
    case 'upSell':
      return offer({ productId: 'em-2' });
    case 'retain':
    case 'winBack':
      return offer({ purpose: kind });
    default:
      return kind satisfies never;
  }
};

const ALLOWED: Readonly<Record<Stage, readonly OfferKind[]>> = {
  contact: ['firstSale'],
  involvement: ['firstSale', 'upSell', 'crossSell', 'retain'],
  intimacy: ['firstSale', 'upSell', 'crossSell', 'retain'],
  deterioration: ['retain'],
  repair: ['retain'],
  dissolution: ['winBack'],
};
const CODES: Readonly<Record<OfferKind, string>> = {
  firstSale: 'STAGE_FORBIDS_FIRST_SALE',
  upSell: 'STAGE_FORBIDS_UP_SELL',
  crossSell: 'STAGE_FORBIDS_CROSS_SELL',
  retain: 'STAGE_FORBIDS_RETENTION',
  winBack: 'STAGE_FORBIDS_INITIATIVE',
};

describe('What may be sold where', () => {
  const day = 300;
  const cells = STAGES.flatMap((stage) => OFFER_KINDS.map((kind) => [stage, kind] as const));
  /** The story on the day of the offer, still at its stage. */
  const storyFor = (stage: Stage, kind: OfferKind): { story: Scenario; onDay: number } => {
    const story = at(stage, kind !== 'firstSale');
    const onDay = {
      contact: 201,
      involvement: 55,
      intimacy: 101,
      deterioration: 62,
      repair: 62,
      dissolution: day,
    }[stage];
    return { story, onDay: stage === 'contact' && kind === 'firstSale' ? 10 : onDay };
  };

  it.each(cells)('at %s: %s', (stage, kind) => {
    const { story, onDay } = storyFor(stage, kind);
    expect(story.stage).toBe(stage);
    const decision = story.when(onDay, commandFor(kind));
    if (ALLOWED[stage].includes(kind)) {
      expect(decision.kind).toBe('accepted');
      expect(story.lastOf('OfferMade').data).toMatchObject({ kind, stage });
    } else {
      expect(decision).toMatchObject({
        kind: 'refused',
        refusal: { code: CODES[kind], ruleBookVersion: 'default-1' },
      });
      expect(story.lastOf('OfferSuppressed').data).toMatchObject({ kind, suppressedBy: ['stage'] });
    }
  });

  it.each(cells)('at %s is open to the customer’s own wish: %s', (stage, kind) => {
    const { story, onDay } = storyFor(stage, kind);
    expect(story.when(onDay, { ...commandFor(kind), initiative: 'customer' }).kind).toBe('accepted');
  });
});
