import { moneyOf } from '../expectation.js';
import type { Steps } from '../step-table.js';
import { broughtTo, correctTouchPoint } from './stages.js';
import { cellsOf, commandOf } from './words.js';

/** Sentences about what customers do and what we do with them. */
export const CUSTOMER_STEPS: Steps = {
  '{name} registers': (story, { table, atMs }, name: string) => {
    const cells = cellsOf(table);
    return story.command('RegisterCustomer', name, cells, {
      atMs,
      fields: { roles: ['customer'], displayName: name, identifiers: [story.identifierOf(name)], channel: 'web' },
    });
  },
  '{name} buys {string} for {money}': (story, { table, atMs }, name: string, product: string, price: string) => {
    const unitPrice = moneyOf(price)!;
    return story.command('RecordPurchase', name, cellsOf(table), {
      atMs,
      fields: { orderId: story.newId('order'), lines: [{ productId: story.named(product), qty: 1, unitPrice }], total: unitPrice, channel: 'web' },
    });
  },
  '{name} calls us': (story, { table, atMs }, name: string) =>
    story.command('RecordTouchPoint', name, cellsOf(table), {
      atMs,
      fields: { direction: 'in', kind: 'call', channel: 'callCentre', actor: { kind: 'employee', id: 'agent-1' } },
    }),
  'we call {name}': (story, { table, atMs }, name: string) =>
    story.command('RecordTouchPoint', name, cellsOf(table), {
      atMs,
      fields: { direction: 'out', kind: 'call', channel: 'callCentre', actor: { kind: 'employee', id: 'agent-1' } },
    }),
  '{name} complains': (story, { table, atMs }, name: string) =>
    story.command('RaiseComplaint', name, cellsOf(table), {
      atMs,
      fields: { caseId: 'c-1', reasonCode: 'lateDelivery', severity: 2, channel: 'callCentre' },
    }),
  '{name} answers {word} with {int}': (story, { table, atMs }, name: string, instrument: string, score: number) =>
    story.command('RecordSurveyResponse', name, cellsOf(table), { atMs, fields: { instrument, score, channel: 'email' } }),
  '{name} consents to {word} by {word}': (story, { table, atMs }, name: string, purpose: string, channelScope: string) =>
    story.command('GrantConsent', name, cellsOf(table), {
      atMs,
      fields: { purpose, channelScope, legalBasis: 'consent', textVersion: '1', channel: 'web' },
    }),
  '{name} is brought to {word}': (story, _, name: string, stage: string) => broughtTo(story, name, stage),
  'we correct the touch point of {name}': (story, { table, atMs }, name: string) =>
    correctTouchPoint(story, name, cellsOf(table), atMs),
  // One sentence for each command there is: `we open an opportunity for Ada`.
  'we {command} for {name}': (story, { table, atMs }, command: string, name: string) =>
    story.command(commandOf(command), name, cellsOf(table), { atMs }),
  // And for what belongs to no customer: `we define a product`.
  'we {command}': (story, { table, atMs }, command: string) =>
    story.command(commandOf(command), undefined, cellsOf(table), { atMs }),
  'a dry run asks to {command}': (story, { table, atMs }, command: string) =>
    story.command(commandOf(command), undefined, cellsOf(table), { atMs, dryRun: true }),
  'a dry run asks to {command} for {name}': (story, { table, atMs }, command: string, name: string) =>
    story.command(commandOf(command), name, cellsOf(table), { atMs, dryRun: true }),
}; // prettier-ignore
