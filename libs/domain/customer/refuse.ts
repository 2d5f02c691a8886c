import type { ErrorCode, Refusal, WayOut } from '@rapport/contracts';

/** A refusal with a code of the catalogue and one sentence; the way out and the rule book's version where a rule decided. */
export const refuse = (
  code: ErrorCode,
  sentence: string,
  extra: {
    readonly field?: Refusal['field'];
    readonly wayOut?: readonly WayOut[];
    readonly ruleBookVersion?: string;
    readonly earliestAt?: string;
  } = {},
): Refusal => ({ code, sentence, wayOut: [], ...extra });
