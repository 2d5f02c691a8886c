import { RapportError } from '@rapport/contracts';
import type { Clock } from '@rapport/runtime';

/** Hears of each write: its command, what became of it (or an error code), and how long it took, s. */
export type OnOutcome = (command: string, outcome: string, seconds: number) => void;

/** Carries out a write and tells what became of it. */
export async function measured<Outcome extends { readonly kind: string; readonly replayed?: boolean }>(
  clock: Clock,
  onOutcome: OnOutcome | undefined,
  command: string,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  if (!onOutcome) return work();
  const startedMs = clock.monotonicMs();
  let name = 'INTERNAL';
  try {
    const outcome = await work();
    name = outcome.replayed === true ? 'replayed' : outcome.kind;
    return outcome;
  } catch (error) {
    if (error instanceof RapportError) name = error.code;
    throw error;
  } finally {
    onOutcome(command, name, (clock.monotonicMs() - startedMs) / 1_000);
  }
}
