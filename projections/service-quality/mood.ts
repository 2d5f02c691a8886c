import type { DataOf, SurveyResponded, TouchPointRecorded } from '@rapport/contracts';
import type { Mood } from './service-quality.model.js';

/** How the customer took a touch: what was noted of the mood, else what was noted of the step. Null: nothing was. */
export function moodOfTouch(
  touch: Pick<DataOf<typeof TouchPointRecorded>, 'sentiment' | 'pleasant' | 'unpleasant'>,
): Mood | null {
  if (touch.sentiment !== undefined)
    return touch.sentiment > 0 ? 'positive' : touch.sentiment < 0 ? 'negative' : 'neutral';
  if (touch.unpleasant === true) return 'negative';
  return touch.pleasant === true ? 'positive' : null;
}

/** From which score on an answer is good, up to which it is bad; between them it is neither. CES: little effort is good. */
const LIMITS = {
  NPS: { good: 9, bad: 6 },
  CSAT: { good: 4, bad: 2 },
  CES: { good: 2, bad: 5 },
} as const;

export function moodOfSurvey({ instrument, score }: DataOf<typeof SurveyResponded>): Mood {
  const { good, bad } = LIMITS[instrument];
  if (good > bad) return score >= good ? 'positive' : score <= bad ? 'negative' : 'neutral';
  return score <= good ? 'positive' : score >= bad ? 'negative' : 'neutral';
}
