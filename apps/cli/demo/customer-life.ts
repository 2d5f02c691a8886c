import { isoDateOfDay, isoOf, MS_PER_DAY, dayNumberOf } from '@rapport/contracts';
import type { BatchItem } from '../import/row-mapper.js';
import {
  ACCOUNT_MANAGERS, BEANS, CATALOGUE, COMPANY_WORDS, COMPLAINT_REASONS, COUNTRIES, COURSES, FIRST_NAMES, GRINDERS, HANDLERS, LAST_NAMES, MACHINES, type Product, SERVICE,
} from './demo-names.table.js'; // prettier-ignore
import { SeededRandom } from './seeded-random.js';

/** What kind of life a customer of the demo leads; the shares add up to 1. */
export const PERSONAS = [
  ['prospect', 0.13],
  ['oneTimer', 0.14],
  ['regular', 0.26],
  ['loyal', 0.17],
  ['account', 0.07],
  ['repaired', 0.08],
  ['unhappy', 0.06],
  ['gone', 0.06],
  ['wonBack', 0.03],
] as const;
export type Persona = (typeof PERSONAS)[number][0];

export interface LifeFrame {
  readonly seed: number;
  /** Business time the demo covers, epoch ms. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A command of the demo with its business time and whose it is, for sorting. */
export interface DemoItem {
  readonly atMs: number;
  readonly customer: string;
  readonly item: BatchItem;
}

const EUR = (amountMinor: number): { amountMinor: number; currency: string } => ({
  amountMinor,
  currency: 'EUR',
});
const SOURCE = 'demo';

/** The whole life of customer number `index`, in business-time order. Pure: the same frame gives the same life. */
export function customerLife(index: number, frame: LifeFrame): readonly DemoItem[] {
  const life = new Life(index, frame);
  life.live();
  return life.items();
}

/** Reference by which the demo addresses customer number `index`. */
export const demoCustomerRef = (index: number): string => `customerNo:${customerNo(index)}`;
const customerNo = (index: number): string => `C${(index + 1).toString().padStart(5, '0')}`;

class Life {
  private readonly random: SeededRandom;
  private readonly recorded: DemoItem[] = [];
  private readonly ref: string;
  private readonly persona: Persona;
  /** Taste for spending: multiplies every amount. */
  private readonly spendFactor: number;
  private readonly held: Product[] = [];
  private counter = 0;

  constructor(
    private readonly index: number,
    private readonly frame: LifeFrame,
  ) {
    this.random = new SeededRandom(frame.seed, index);
    this.ref = demoCustomerRef(index);
    this.persona = this.random.weighted(PERSONAS);
    this.spendFactor = this.random.gamma(3, 1);
  }

  items(): readonly DemoItem[] {
    // Stable: commands of the same instant keep the order in which they were made.
    return this.recorded
      .map((each, order) => ({ each, order }))
      .sort((a, b) => a.each.atMs - b.each.atMs || a.order - b.order)
      .map(({ each }) => each);
  }

  live(): void {
    switch (this.persona) {
      case 'prospect':
        return this.liveAsProspect();
      case 'oneTimer':
        return this.liveAsOneTimer();
      case 'regular':
        return this.liveAsRegular();
      case 'loyal':
        return this.liveAsLoyal();
      case 'account':
        return this.liveAsAccount();
      case 'repaired':
        return this.liveAsRepaired();
      case 'unhappy':
        return this.liveAsUnhappy();
      case 'gone':
        return this.liveAsGone();
      case 'wonBack':
        return this.liveAsWonBack();
    }
  }

  // Lives

  private liveAsProspect(): void {
    const start = this.arrival(0.25, 1);
    this.register(start, 'consumer');
    // A single inbound contact, then letters of ours: interest, but no relationship yet.
    this.touch(start + this.days(0.1, 5), { direction: 'in', kind: 'pageView' });
    for (let at = start + this.days(20, 60); at < start + this.days(80, 200); at += this.days(30, 70))
      this.touch(at, { direction: 'out', kind: 'message' });
    if (this.random.chance(0.4)) this.offer(start + this.days(10, 40), BEANS[0]!);
    if (this.random.chance(0.15)) this.asksForIntimacyTooEarly(start + this.days(50, 80));
  }

  private liveAsOneTimer(): void {
    const start = this.arrival(0.3, 0.97);
    this.register(start, 'consumer');
    this.touch(start + this.days(0.1, 2), { direction: 'in', kind: 'pageView' });
    this.buy(start + this.days(2, 6), this.random.pick(CATALOGUE));
    if (this.random.chance(0.3)) this.survey(start + this.days(12, 20), 'CSAT', this.random.integer(3, 5));
    if (this.random.chance(0.3)) this.offer(start + this.days(20, 50), this.random.pick(GRINDERS));
  }

  private liveAsRegular(): void {
    const start = this.arrival(0, 0.9);
    this.register(start, 'consumer');
    const end = this.buyAgainAndAgain(start + this.days(1, 10), {
      meanGapDays: this.random.gamma(2, 55),
      dropout: 0.04 + this.random.uniform() * 0.12,
    });
    this.contactsBetween(start, end, 90);
    if (this.random.chance(0.3)) this.survey(start + this.days(100, 200), 'NPS', this.random.integer(7, 9));
    if (this.random.chance(0.5)) this.offer(start + this.days(120, 260), this.random.pick(MACHINES));
    if (this.random.chance(0.12)) this.smallQuestion(start + this.days(40, 300));
    if (this.random.chance(0.06)) this.returnSomething();
  }

  private liveAsLoyal(): void {
    const start = this.arrival(0, 0.6);
    this.register(start, 'consumer');
    const end = this.buyAgainAndAgain(start + this.days(1, 8), {
      meanGapDays: this.random.gamma(4, 28),
      dropout: 0.008,
    });
    this.contactsBetween(start, end, 45);
    this.survey(start + this.days(100, 130), 'NPS', this.random.integer(9, 10));
    if (this.random.chance(0.5)) this.survey(start + this.days(400, 480), 'CSAT', 5);
    if (this.random.chance(0.45))
      this.add(start + this.days(150, 300), 'RecordReferral', 'web', {
        referralId: this.id('ref'),
        converted: this.random.chance(0.5),
      });
    if (this.random.chance(0.2))
      this.add(start + this.days(200, 400), 'RecordAdvocacy', 'social', { kind: 'review' });
    this.profile(start + this.days(30, 60));
    if (this.random.chance(0.6))
      this.offer(start + this.days(220, 320), this.random.pick(GRINDERS), 'accepted');
    if (this.random.chance(0.4))
      this.offer(start + this.days(340, 420), COURSES[0]!, this.random.pick(['accepted', 'declined']));
  }

  private liveAsAccount(): void {
    const start = this.arrival(0, 0.6);
    this.register(start, this.random.chance(0.3) ? 'corporation' : 'smallBusiness');
    const manager = this.random.pick(ACCOUNT_MANAGERS);
    this.add(start + this.days(1, 3), 'AssignAccountManager', 'fieldSales', {
      managerId: manager, fromDate: this.dateOf(start + this.days(1, 3)), basis: 'manual',
    }); // prettier-ignore
    const opportunityId = this.id('op');
    const yearly = Math.round(this.spendFactor * 480_000);
    this.touch(start + this.days(4, 9), { direction: 'in', kind: 'meeting', durationS: 3_600 }, 'fieldSales');
    this.add(start + this.days(10, 14), 'OpenOpportunity', 'fieldSales', {
      opportunityId, kind: 'new', initiative: 'customer', expected: EUR(yearly), probabilityPct: 50,
    }); // prettier-ignore
    const signedAt = start + this.days(30, 45);
    const contractId = this.id('k');
    this.add(signedAt, 'WinOpportunity', 'fieldSales', { opportunityId, amount: EUR(yearly), contractId });
    this.contract(signedAt, contractId, yearly);
    const leaves = this.random.chance(0.18);
    const end = leaves ? signedAt + this.days(380, 700) : this.frame.untilMs;
    this.contactsBetween(signedAt, end, 30, 'fieldSales');
    this.buyAgainAndAgain(signedAt + this.days(5, 20), {
      meanGapDays: 24,
      dropout: 0,
      until: end,
      large: true,
    });
    for (let year = 1; signedAt + year * 365 * MS_PER_DAY < end; year++)
      this.add(signedAt + (year * 365 - 30) * MS_PER_DAY, 'RenewContract', 'fieldSales', {
        contractId, newEndDate: this.dateOf(signedAt + (year + 1) * 365 * MS_PER_DAY),
      }); // prettier-ignore
    this.survey(signedAt + this.days(150, 220), 'CSAT', this.random.integer(4, 5));
    if (this.random.chance(0.5)) {
      this.trait(signedAt + this.days(160, 200), 'trust', this.random.integer(70, 95));
      this.trait(signedAt + this.days(160, 200), 'commitment', this.random.integer(70, 95));
    }
    if (this.random.chance(0.25)) {
      this.add(signedAt + this.days(200, 260), 'StartCoCreation', 'fieldSales', {
        projectId: this.id('prj'),
        role: 'coDesigner',
      });
      this.add(signedAt + this.days(262, 270), 'SetNeedLevel', 'fieldSales', {
        level: 6,
        reason: 'develops a blend with us',
      });
    }
    this.invoices(signedAt, end, Math.round(yearly / 4), this.random.chance(0.12));
    if (leaves)
      this.add(end, 'CancelContract', 'fieldSales', {
        contractId, effectiveDate: this.dateOf(end + 30 * MS_PER_DAY), reasonCode: 'cheaperElsewhere', byCustomer: true,
      }); // prettier-ignore
  }

  /** Complains, is heard too late, gets a repair plan and, mostly, comes back; some are being repaired at the end. */
  private liveAsRepaired(): void {
    const running = this.random.chance(0.3);
    const start = running ? this.arrival(0.3, 0.75) : this.arrival(0, 0.55);
    this.register(start, 'consumer');
    const complainsAt = running
      ? this.frame.untilMs - this.days(24, 40)
      : Math.max(start + this.days(120, 300), start + this.days(60, 90));
    const gap = this.random.gamma(3, 32);
    this.buyAgainAndAgain(start + this.days(1, 6), {
      meanGapDays: gap,
      dropout: 0,
      until: complainsAt - this.days(1, 3),
    });
    const caseId = this.complain(complainsAt, 2);
    this.add(complainsAt + this.days(0.2, 1), 'AcknowledgeCase', 'callCentre', {
      caseId,
      handlerId: this.random.pick(HANDLERS),
    });
    const repairId = this.id('r');
    const repairsAt = complainsAt + this.days(12, 18);
    // Selling into an open complaint is refused.
    this.offer(complainsAt + this.days(5, 8), this.random.pick(GRINDERS));
    this.add(repairsAt, 'StartRepair', 'callCentre', {
      repairId, ownerId: this.random.pick(ACCOUNT_MANAGERS), caseIds: [caseId], contactAttempts: [],
      plan: 'call, replace what was wrong, compensate', dueAt: isoOf(repairsAt + 40 * MS_PER_DAY),
    }); // prettier-ignore
    this.touch(
      repairsAt + this.days(0.1, 1),
      { direction: 'out', kind: 'call', durationS: 420 },
      'callCentre',
    );
    if (running) return;
    const resolvedAt = repairsAt + this.days(5, 12);
    this.add(resolvedAt, 'ReplyToCase', 'email', { caseId, handlerId: this.random.pick(HANDLERS) });
    this.add(resolvedAt + this.days(0.1, 1), 'ResolveCase', 'callCentre', {
      caseId, resolutionCode: 'replaced', compensation: EUR(1_500), effort: this.random.integer(2, 4),
    }); // prettier-ignore
    this.add(resolvedAt + this.days(1.5, 2), 'RecordServiceCost', 'callCentre', {
      amount: EUR(2_400),
      activity: 'complaint',
      caseId,
    });
    const failed = this.random.chance(0.18);
    if (failed) {
      this.add(resolvedAt + this.days(2.1, 4), 'ReopenCase', 'callCentre', {
        caseId,
        reasonCode: 'notSolved',
      });
      this.add(resolvedAt + this.days(5, 8), 'ConcludeRepair', 'callCentre', {
        repairId,
        outcome: 'failed',
        reasonCode: 'rejected',
      });
      this.add(resolvedAt + this.days(20, 60), 'RecordGoodbye', 'callCentre', { reasonCode: 'customerLeft' });
      return;
    }
    this.add(resolvedAt + this.days(2.1, 5), 'AcceptResolution', 'email', {
      caseId,
      satisfaction: this.random.integer(4, 5),
    });
    this.add(resolvedAt + this.days(5.5, 7), 'ConcludeRepair', 'callCentre', {
      repairId,
      outcome: 'recovered',
      reasonCode: 'resolutionAccepted',
    });
    this.add(resolvedAt + this.days(8, 9), 'CloseCase', 'callCentre', { caseId });
    const end = this.buyAgainAndAgain(resolvedAt + this.days(10, 25), { meanGapDays: gap, dropout: 0.05 });
    this.contactsBetween(resolvedAt + this.days(10, 20), end, 80);
    if (this.random.chance(0.5))
      this.survey(resolvedAt + this.days(60, 90), 'CSAT', this.random.integer(4, 5));
  }

  /** A good customer until shortly before the end: now dissatisfied, and nobody has acted yet. */
  private liveAsUnhappy(): void {
    const start = this.arrival(0, 0.7);
    this.register(start, this.random.chance(0.2) ? 'smallBusiness' : 'consumer');
    const turnsAt = this.frame.untilMs - this.days(12, 55);
    this.buyAgainAndAgain(start + this.days(1, 6), {
      meanGapDays: this.random.gamma(4, 26),
      dropout: 0,
      until: turnsAt,
    });
    this.contactsBetween(start, turnsAt, 70);
    if (this.random.chance(0.4)) this.survey(start + this.days(100, 130), 'NPS', this.random.integer(8, 10));
    const way = this.random.weighted([['complaint', 5], ['twoComplaints', 2], ['detractor', 3], ['promise', 1]] as const); // prettier-ignore
    if (way === 'detractor') this.survey(turnsAt, 'NPS', this.random.integer(0, 4));
    else if (way === 'promise') {
      const promiseId = this.id('p');
      this.add(turnsAt, 'MakePromise', 'callCentre', {
        promiseId,
        by: 'firm',
        what: 'delivery',
        dueAt: isoOf(turnsAt + 3 * MS_PER_DAY),
      });
      this.add(turnsAt + this.days(3, 4) - MS_PER_DAY / 24, 'BreakPromise', 'callCentre', { promiseId });
    } else {
      this.complain(turnsAt, 2);
      if (way === 'twoComplaints') this.complain(turnsAt + this.days(2, 6), 3);
    }
    this.offer(turnsAt + this.days(7, 9), this.random.pick(MACHINES));
  }

  private liveAsGone(): void {
    const start = this.arrival(0, 0.6);
    this.register(start, 'consumer');
    const end = this.buyAgainAndAgain(start + this.days(1, 10), {
      meanGapDays: this.random.gamma(2, 40), dropout: 0.1, until: Math.min(start + this.days(150, 500), this.frame.untilMs - this.days(30, 90)),
    }); // prettier-ignore
    this.contactsBetween(start, end, 100);
    if (this.random.chance(0.5)) this.survey(end + this.days(2, 8), 'NPS', this.random.integer(1, 6));
    if (this.random.chance(0.3))
      this.add(end + this.days(9, 12), 'RevokeConsent', 'email', {
        purpose: 'marketing',
        channelScope: 'any',
      });
    this.add(end + this.days(13, 40), 'RecordGoodbye', 'callCentre', {
      reasonCode: this.random.weighted([
        ['customerLeft', 9],
        ['liquidation', 1],
      ] as const),
    });
    // The firm may not sell to somebody who has left.
    if (this.random.chance(0.4)) this.offer(end + this.days(45, 60), this.random.pick(BEANS));
  }

  private liveAsWonBack(): void {
    const start = this.arrival(0, 0.35);
    this.register(start, 'consumer');
    this.add(start + this.days(0.2, 1), 'GrantConsent', 'web', {
      purpose: 'marketing', channelScope: 'email', legalBasis: 'consent', textVersion: '2022-01',
    }); // prettier-ignore
    const gap = this.random.gamma(3, 34);
    const left = this.buyAgainAndAgain(start + this.days(2, 8), {
      meanGapDays: gap,
      dropout: 0,
      until: start + this.days(150, 260),
    });
    this.add(left + this.days(5, 20), 'RecordGoodbye', 'callCentre', { reasonCode: 'customerLeft' });
    const winBackId = this.id('w');
    const calledAt = left + this.days(70, 160);
    this.add(calledAt, 'StartWinBack', 'email', {
      winBackId,
      channel: 'email',
      reason: 'new roast that was asked for',
    });
    const returnsAt = calledAt + this.days(4, 25);
    const end = this.buyAgainAndAgain(returnsAt, { meanGapDays: gap, dropout: 0.06 });
    this.contactsBetween(returnsAt, end, 70);
  }

  // Deeds

  private register(atMs: number, groupCode: 'consumer' | 'smallBusiness' | 'corporation'): void {
    const first = this.random.pick(FIRST_NAMES);
    const last = this.random.pick(LAST_NAMES);
    const plain = `${first}.${last}`
      .toLowerCase()
      .normalize('NFD')
      .replace(/[^a-z.]/g, '');
    const displayName =
      groupCode === 'consumer' ? `${first} ${last}` : `${this.random.pick(COMPANY_WORDS)} ${last}`;
    this.add(
      atMs,
      'RegisterCustomer',
      this.random.weighted([
        ['web', 6],
        ['branch', 2],
        ['mobileApp', 3],
        ['fieldSales', 1],
      ] as const),
      {
        roles: ['customer'],
        displayName,
        identifiers: [
          { type: 'customerNo', value: customerNo(this.index), sourceSystem: SOURCE },
          {
            type: 'email',
            value: `${plain}.${this.index + 1}@example.com`,
            verified: this.random.chance(0.8),
          },
        ],
        groupCode,
        country: this.random.weighted(COUNTRIES),
      },
    );
    if (this.random.chance(0.7))
      this.add(atMs + 60_000, 'GrantConsent', 'web', {
        purpose: 'marketing', channelScope: 'any', legalBasis: 'consent', textVersion: '2022-01',
      }); // prettier-ignore
  }

  /** Buys until tired (after each purchase with probability `dropout`) or `until`; answers the last purchase's time. */
  private buyAgainAndAgain(
    fromMs: number,
    habit: {
      readonly meanGapDays: number;
      readonly dropout: number;
      readonly until?: number;
      readonly large?: boolean;
    },
  ): number {
    const until = Math.min(habit.until ?? this.frame.untilMs, this.frame.untilMs);
    let last = fromMs;
    for (
      let at = fromMs;
      at < until;
      at += Math.max(1, this.random.exponential(habit.meanGapDays)) * MS_PER_DAY
    ) {
      const product = this.random.chance(0.82) ? this.random.pick(BEANS) : this.random.pick(CATALOGUE);
      this.buy(at, product, habit.large === true);
      last = at;
      if (this.random.chance(habit.dropout)) break;
    }
    return last;
  }

  private readonly orders: { atMs: number; orderId: string; product: Product; totalMinor: number }[] = [];

  private buy(atMs: number, product: Product, large = false): void {
    const orderId = this.id('o');
    const qty = Math.max(
      1,
      Math.round((product.productFamily === 'beans' ? this.spendFactor * 2 : 1) * (large ? 8 : 1)),
    );
    const totalMinor = qty * product.priceMinor;
    this.add(atMs, 'RecordPurchase', this.random.weighted([['web', 6], ['mobileApp', 3], ['branch', 2], ['callCentre', 1]] as const), {
      orderId,
      lines: [{
        productId: product.productId,
        qty, unitPrice: EUR(product.priceMinor), unitCost: EUR(product.costMinor),
      }],
      total: EUR(totalMinor),
    }); // prettier-ignore
    this.held.push(product);
    this.orders.push({ atMs, orderId, product, totalMinor });
  }

  private returnSomething(): void {
    const order = this.orders.at(-1);
    if (!order) return;
    this.add(order.atMs + this.days(3, 14), 'RecordReturn', 'branch', {
      orderId: order.orderId, refund: EUR(order.product.priceMinor), reasonCode: 'notLiked', lines: [{ productId: order.product.productId, qty: 1 }],
    }); // prettier-ignore
  }

  private touch(atMs: number, data: Readonly<Record<string, unknown>>, channel?: string): void {
    this.add(atMs, 'RecordTouchPoint', channel ?? this.random.weighted([['web', 5], ['email', 3], ['mobileApp', 3], ['chat', 1], ['ivr', 1], ['social', 1]] as const), {
      ...data,
      ...(this.random.chance(0.3) ? { sentiment: this.random.integer(-20, 80) } : {}),
    }); // prettier-ignore
  }

  private contactsBetween(fromMs: number, untilMs: number, meanGapDays: number, channel?: string): void {
    for (
      let at = fromMs + this.days(2, meanGapDays);
      at < Math.min(untilMs, this.frame.untilMs);
      at += Math.max(1, this.random.exponential(meanGapDays)) * MS_PER_DAY
    )
      this.touch(
        at,
        this.random.chance(0.55)
          ? {
              direction: 'in',
              kind: this.random.pick(['call', 'message', 'pageView', 'appUse', 'visit'] as const),
            }
          : { direction: 'out', kind: this.random.pick(['call', 'message'] as const) },
        channel,
      );
  }

  private survey(atMs: number, instrument: 'NPS' | 'CSAT', score: number): void {
    this.add(atMs, 'RecordSurveyResponse', 'email', { instrument, score });
  }

  private trait(atMs: number, trait: string, score: number): void {
    this.add(atMs, 'RecordRelationTrait', 'fieldSales', { trait, side: 'customer', score, method: 'survey' });
  }

  private profile(atMs: number): void {
    this.add(atMs, 'RecordProfileFact', 'web', {
      category: 'taste', key: 'coffee', value: this.random.pick(['espresso', 'filter', 'cappuccino', 'decaf']), source: 'quiz', confidencePct: 80,
    }); // prettier-ignore
    this.add(atMs + 120_000, 'RecordPreference', 'web', {
      kind: 'channel', key: 'contact', value: this.random.pick(['email', 'mobileApp', 'callCentre']), source: 'quiz',
    }); // prettier-ignore
  }

  private complain(atMs: number, severity: number): string {
    const caseId = this.id('c');
    const [reasonCode, valuePillar] = this.random.pick(COMPLAINT_REASONS);
    this.add(atMs, 'RaiseComplaint', this.random.weighted([['callCentre', 3], ['email', 2], ['social', 1]] as const), {
      caseId, reasonCode, severity, valuePillar, wanted: 'an answer and something that works',
    }); // prettier-ignore
    return caseId;
  }

  private smallQuestion(atMs: number): void {
    const caseId = this.id('c');
    const handlerId = this.random.pick(HANDLERS);
    this.add(atMs, 'OpenCase', 'chat', {
      caseId,
      kind: 'question',
      severity: 4,
      subject: 'which grind for this machine',
    });
    this.add(atMs + this.days(0.05, 0.5), 'ReplyToCase', 'chat', { caseId, handlerId });
    this.add(atMs + this.days(0.6, 0.9), 'ResolveCase', 'chat', { caseId, resolutionCode: 'answered' });
    this.add(atMs + this.days(1, 2), 'AcceptResolution', 'chat', {
      caseId,
      satisfaction: this.random.integer(4, 5),
    });
    this.add(atMs + this.days(2.5, 3), 'CloseCase', 'chat', { caseId });
  }

  private contract(atMs: number, contractId: string, yearlyMinor: number): void {
    this.add(atMs + 60_000, 'SignContract', 'fieldSales', {
      contractId, productId: SERVICE.productId,
      startDate: this.dateOf(atMs), endDate: this.dateOf(atMs + 365 * MS_PER_DAY), periodMonths: 12, recurring: EUR(yearlyMinor), autoRenew: false, noticeDays: 30,
    }); // prettier-ignore
  }

  private invoices(fromMs: number, untilMs: number, amountMinor: number, defaultsOnce: boolean): void {
    let first = defaultsOnce;
    for (
      let at = fromMs + this.days(25, 35);
      at < Math.min(untilMs, this.frame.untilMs - 60 * MS_PER_DAY);
      at += 91 * MS_PER_DAY
    ) {
      const invoiceId = this.id('i');
      this.add(at, 'IssueInvoice', 'mail', {
        invoiceId,
        amount: EUR(amountMinor),
        dueDate: this.dateOf(at + 30 * MS_PER_DAY),
      });
      if (!first || !this.random.chance(0.5)) {
        this.add(at + this.days(10, 34), 'RecordPayment', 'external', {
          invoiceId,
          amount: EUR(amountMinor),
        });
        continue;
      }
      first = false;
      this.add(at + this.days(30, 31), 'RecordPaymentFailure', 'external', {
        invoiceId,
        reasonCode: 'insufficientFunds',
      });
      this.add(at + this.days(45, 50), 'DeclareDefault', 'external', { invoiceId, amount: EUR(amountMinor) });
      this.add(at + this.days(52, 58), 'CureDefault', 'external', { invoiceId });
    }
  }

  private offer(atMs: number, product: Product, answer?: 'accepted' | 'declined'): void {
    const offerId = this.id('of');
    const channel = this.random.pick(['email', 'web', 'callCentre'] as const);
    this.add(atMs, 'OfferProduct', channel, {
      offerId, productId: product.productId,
      initiative: 'firm', reason: 'fits what is held',
    }); // prettier-ignore
    if (answer !== undefined) {
      this.add(atMs + this.days(1, 5), 'RecordOfferAnswer', channel, {
        offerId, answer, ...(answer === 'declined' ? { reasonCode: 'notNow' } : {}),
      }); // prettier-ignore
      if (answer === 'accepted') this.buy(atMs + this.days(6, 7), product);
    }
  }

  /** A mistake somebody makes now and then: the rules answer with a reason and a way out. */
  private asksForIntimacyTooEarly(atMs: number): void {
    this.add(atMs, 'MoveStage', 'callCentre', { to: 'intimacy', reasonCode: 'feelsLikeIt', evidence: [] });
  }

  // Time and ids

  private arrival(earliestShare: number, latestShare: number): number {
    const span = this.frame.untilMs - this.frame.fromMs;
    const share = earliestShare + this.random.uniform() * (latestShare - earliestShare);
    // Office hours of the day, to the minute.
    const day = dayNumberOf(this.frame.fromMs + share * span);
    return day * MS_PER_DAY + this.random.integer(7 * 60, 20 * 60) * 60_000;
  }

  private days(least: number, most: number): number {
    return Math.round((least + this.random.uniform() * (most - least)) * MS_PER_DAY);
  }

  private dateOf(atMs: number): string {
    return isoDateOfDay(dayNumberOf(atMs));
  }

  private id(prefix: string): string {
    return `${prefix}-${++this.counter}`;
  }

  /** Deeds beyond the end of the demo have not happened yet. */
  private add(at: number, command: string, channel: string, fields: Readonly<Record<string, unknown>>): void {
    const atMs = Math.floor(at);
    if (atMs >= this.frame.untilMs) return;
    const sourceEventId = `e-${++this.counter}`;
    this.recorded.push({
      atMs,
      customer: this.ref,
      item: {
        command,
        customer: this.ref,
        sourceSystem: SOURCE,
        sourceEventId,
        occurredAt: isoOf(atMs),
        channel,
        ...fields,
      },
    });
  }
}
