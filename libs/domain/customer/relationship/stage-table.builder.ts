import { STAGES } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';

/** The stage table as it was agreed on, written down a second time so that the rules cannot vouch for themselves. */
export const STAGE_TABLE: Readonly<Record<Stage, readonly Stage[]>> = {
  contact: ['involvement', 'deterioration', 'dissolution'],
  involvement: ['contact', 'intimacy', 'deterioration', 'dissolution'],
  intimacy: ['involvement', 'deterioration', 'dissolution'],
  deterioration: ['repair', 'dissolution'],
  repair: ['contact', 'involvement', 'intimacy', 'deterioration', 'dissolution'],
  dissolution: ['contact'],
};

/** Every `from>to` that some evidence allows. */
export const allowedPairs = (): string[] =>
  STAGES.flatMap((from) => STAGE_TABLE[from].map((to) => `${from}>${to}`)).sort();
