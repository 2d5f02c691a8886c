import { Type } from '@sinclair/typebox';
import { MS_PER_DAY } from '@rapport/contracts';
import { isRunning } from '../../customer/contracts/contracts.decider.js';
import { PURCHASE_DAYS_KEPT } from '../../customer/ledger/ledger.decider.js';
import { MARKS_KEPT } from '../../customer/touch-points/touch-points.state.js';
import { NEVER, definePredicate, ifAhead, inStage, newDays } from './predicate.js';
import type { RelationshipView, Way } from './predicate.js';

const none = Type.Object({}, { additionalProperties: false });
const days = (description: string, maximum = 36_500) => Type.Integer({ minimum: 0, maximum, description });

export const purchasedInStage = definePredicate({
  name: 'purchasedInStage',
  meaning: 'The customer bought something in this stage.',
  params: none,
  isMet: (view) => inStage(view, view.ledger.lastPurchase),
  evidence: (view) => [view.ledger.lastPurchase],
  toMeet: () => [{ sentence: 'Record a purchase of the customer.', fact: { eventType: 'PurchaseRecorded' } }],
});

export const contractSignedInStage = definePredicate({
  name: 'contractSignedInStage',
  meaning: 'The customer signed a contract in this stage.',
  params: none,
  isMet: (view) => inStage(view, view.contracts.lastSigned),
  evidence: (view) => [view.contracts.lastSigned],
  toMeet: () => [{ sentence: 'Record a signed contract.', fact: { eventType: 'ContractSigned' } }],
});

export const dealWonInStage = definePredicate({
  name: 'dealWonInStage',
  meaning: 'A deal was won in this stage.',
  params: none,
  isMet: (view) => inStage(view, view.sales.lastWon),
  evidence: (view) => [view.sales.lastWon],
  toMeet: (view) => [
    {
      sentence: 'Win an opportunity.',
      fact: {
        eventType: 'OpportunityWon',
        ...(view.sales.open[0] ? { data: { opportunityId: view.sales.open[0].opportunityId } } : {}),
      },
    },
  ],
});

export const purchaseDaysAtLeast = definePredicate({
  name: 'purchaseDaysAtLeast',
  meaning: 'The customer bought on at least so many different days.',
  params: Type.Object(
    {
      days: Type.Integer({
        minimum: 1,
        maximum: PURCHASE_DAYS_KEPT,
        description: 'different days with a purchase',
      }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) => view.ledger.purchaseDays.length >= params.days,
  evidence: (view, params) => view.ledger.purchaseDays.slice(-params.days),
  toMeet: (view, params, nowMs) => {
    const known = view.ledger.purchaseDays;
    return newDays(params.days - known.length, known, nowMs).map((earliestAtMs) => ({
      sentence: 'Record a purchase on another day.',
      fact: { eventType: 'PurchaseRecorded' as const },
      earliestAtMs,
    }));
  },
});

export const contractRenewed = definePredicate({
  name: 'contractRenewed',
  meaning: 'The customer prolonged a contract by their own decision.',
  params: none,
  isMet: (view) => view.contracts.lastRenewed !== null,
  evidence: (view) => [view.contracts.lastRenewed],
  toMeet: (view) => [
    {
      sentence: 'Record that the customer prolonged a contract.',
      fact: {
        eventType: 'ContractRenewed',
        ...(view.contracts.active[0] ? { data: { contractId: view.contracts.active[0].contractId } } : {}),
      },
    },
  ],
});

const contactsInStage = (view: RelationshipView) =>
  view.touchPoints.twoWay.filter((mark) => inStage(view, mark));

const longContracts = (view: RelationshipView, months: number) =>
  view.contracts.active.filter(
    (contract) =>
      contract.noticeDay === null &&
      // A term of a year counts as a year on the calendar, leap or not; open-ended ones count their period.
      contract.termDays >= Math.floor((months * 365) / 12),
  );
const longContract = (view: RelationshipView, months: number, nowMs: number) =>
  longContracts(view, months).find((contract) => isRunning(contract, nowMs)) ?? null;

/** What makes a long contract run: its first day, its activation, or a signature where there is none. */
function wayToLongContract(view: RelationshipView, months: number): Way {
  const waiting = longContracts(view, months)[0];
  if (waiting === undefined)
    return {
      sentence: `Record a signed contract of at least ${months} months.`,
      fact: { eventType: 'ContractSigned', data: { periodMonths: months } },
    };
  return waiting.activeFromDay === null
    ? {
        sentence: 'Record that the signed contract began to run.',
        fact: { eventType: 'ContractActivated', data: { contractId: waiting.contractId } },
      }
    : {
        sentence: 'Wait until the signed contract begins to run.',
        earliestAtMs: waiting.activeFromDay * MS_PER_DAY,
      };
}

export const longContractWithContacts = definePredicate({
  name: 'longContractWithContacts',
  meaning: 'A contract of at least so many months is active and both sides were in touch in this stage.',
  params: Type.Object(
    {
      months: Type.Integer({ minimum: 1, maximum: 600, description: 'term of the contract in months' }),
      contacts: Type.Integer({
        minimum: 0,
        maximum: MARKS_KEPT,
        description: 'two-way contacts in the stage',
      }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) =>
    longContract(view, params.months, nowMs) !== null && contactsInStage(view).length >= params.contacts,
  turnsAt: (view, params, nowMs) =>
    longContracts(view, params.months).reduce(
      (next, { activeFromDay }) =>
        activeFromDay === null ? next : Math.min(next, ifAhead(activeFromDay * MS_PER_DAY, nowMs)),
      NEVER,
    ),
  evidence: (view, params, nowMs) => [
    longContract(view, params.months, nowMs),
    ...contactsInStage(view).slice(params.contacts === 0 ? MARKS_KEPT : -params.contacts),
  ],
  toMeet: (view, params, nowMs) => [
    ...(longContract(view, params.months, nowMs) === null ? [wayToLongContract(view, params.months)] : []),
    ...Array.from({ length: Math.max(0, params.contacts - contactsInStage(view).length) }, () => ({
      sentence: 'Record a contact in which both sides took part.',
      fact: { eventType: 'TouchPointRecorded' as const, data: { direction: 'in', kind: 'call' } },
    })),
  ],
});

export const contractActive = definePredicate({
  name: 'contractActive',
  meaning: 'A contract is active.',
  params: none,
  isMet: (view) => view.contracts.active.length > 0,
  evidence: (view) => view.contracts.active.slice(-1),
  toMeet: () => [{ sentence: 'Record a signed contract.', fact: { eventType: 'ContractSigned' } }],
  toEnd: () => [{ sentence: 'Every contract has to end first.' }],
});

export const opportunityOpen = definePredicate({
  name: 'opportunityOpen',
  meaning: 'A chance of a sale is open.',
  params: none,
  isMet: (view) => view.sales.open.length > 0,
  evidence: (view) => view.sales.open.slice(-1),
  toEnd: (view) =>
    view.sales.open.map(({ opportunityId }) => ({
      sentence: 'Win or lose the open opportunity.',
      fact: { eventType: 'OpportunityLost' as const, data: { opportunityId } },
    })),
});

const endedMs = (view: RelationshipView): number => {
  const ended = view.contracts.lastEnded;
  return ended !== null && ended.atMs >= view.relationship.settled.atMs ? ended.atMs : NEVER;
};

export const contractEndedFor = definePredicate({
  name: 'contractEndedFor',
  meaning: 'A contract that was held ended at least so many days ago.',
  params: Type.Object({ days: days('days of grace') }, { additionalProperties: false }),
  isMet: (view, params, nowMs) => nowMs - endedMs(view) >= params.days * MS_PER_DAY,
  evidence: (view) => [view.contracts.lastEnded],
  turnsAt: (view, params, nowMs) => ifAhead(endedMs(view) + params.days * MS_PER_DAY, nowMs),
  toMeet: (view, params) =>
    endedMs(view) === NEVER
      ? [{ sentence: 'A contract has to end first.' }]
      : [
          {
            sentence: 'Wait until the days of grace have passed.',
            earliestAtMs: endedMs(view) + params.days * MS_PER_DAY,
          },
        ],
});

export const productHeld = definePredicate({
  name: 'productHeld',
  meaning: 'The customer holds a product: a contract is active, or a purchase is recent enough to be in use.',
  params: Type.Object(
    { purchaseHeldDays: days('days for which a purchase counts as held') },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) =>
    view.contracts.active.length > 0 ||
    (view.ledger.lastPurchase !== null &&
      nowMs - view.ledger.lastPurchase.atMs < params.purchaseHeldDays * MS_PER_DAY),
  evidence: (view) => [view.contracts.active.at(-1) ?? view.ledger.lastPurchase],
  turnsAt: (view, params, nowMs) =>
    view.ledger.lastPurchase === null
      ? NEVER
      : ifAhead(view.ledger.lastPurchase.atMs + params.purchaseHeldDays * MS_PER_DAY, nowMs),
  toEnd: () => [{ sentence: 'The customer still holds a product.' }],
});

export const defaultOpen = definePredicate({
  name: 'defaultOpen',
  meaning: 'A payment default is not cured.',
  params: none,
  isMet: (view) => view.ledger.defaults.length > 0,
  evidence: (view) => view.ledger.defaults,
  toMeet: () => [{ sentence: 'Declare a default.', fact: { eventType: 'DefaultDeclared' } }],
  toEnd: (view) =>
    view.ledger.defaults.map(({ invoiceId }) => ({
      sentence: 'Cure the default.',
      fact: { eventType: 'DefaultCured' as const, data: { invoiceId } },
    })),
});

export const noticeGivenInStage = definePredicate({
  name: 'noticeGivenInStage',
  meaning: 'The customer gave notice of a contract in this stage.',
  params: none,
  isMet: (view) => inStage(view, view.contracts.lastNotice),
  evidence: (view) => [view.contracts.lastNotice],
  toMeet: () => [
    {
      sentence: 'Record the notice of a contract.',
      fact: { eventType: 'ContractCancelled', data: { byCustomer: true } },
    },
  ],
  toEnd: () => [{ sentence: 'The customer gave notice.' }],
});

export const fraudSignalOpen = definePredicate({
  name: 'fraudSignalOpen',
  meaning: 'A fraud signal of at least this score is not cleared.',
  params: Type.Object(
    { scoreAtLeast: Type.Integer({ minimum: 0, maximum: 100, description: 'score 0-100' }) },
    { additionalProperties: false },
  ),
  isMet: (view, params) => view.ledger.fraudSignals.some((signal) => signal.score >= params.scoreAtLeast),
  evidence: (view, params) =>
    view.ledger.fraudSignals.filter((signal) => signal.score >= params.scoreAtLeast),
  toEnd: (view, params) =>
    view.ledger.fraudSignals
      .filter((signal) => signal.score >= params.scoreAtLeast)
      .map(({ signalId }) => ({
        sentence: 'Clear the fraud signal.',
        fact: { eventType: 'FraudSignalCleared' as const, data: { signalId } },
      })),
});

export const fraudConfirmed = definePredicate({
  name: 'fraudConfirmed',
  meaning: 'An investigation confirmed a fraud signal, whatever its score.',
  params: none,
  isMet: (view) => view.ledger.fraudSignals.some((signal) => signal.confirmed),
  evidence: (view) => view.ledger.fraudSignals.filter((signal) => signal.confirmed),
  toEnd: (view) =>
    view.ledger.fraudSignals
      .filter((signal) => signal.confirmed)
      .map(({ signalId }) => ({
        sentence: 'Clear the fraud signal.',
        fact: { eventType: 'FraudSignalCleared' as const, data: { signalId } },
      })),
});

export const commercePredicates = [
  purchasedInStage, contractSignedInStage, dealWonInStage, purchaseDaysAtLeast, contractRenewed, longContractWithContacts,
  contractActive, opportunityOpen, contractEndedFor, productHeld, defaultOpen, noticeGivenInStage, fraudSignalOpen,
  fraudConfirmed,
]; // prettier-ignore
