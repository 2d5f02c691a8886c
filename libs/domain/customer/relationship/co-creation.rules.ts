import type { Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { refuse } from '../refuse.js';

type CoCreationCommand = CustomerCommandOf<'StartCoCreation' | 'RecordContribution' | 'EndCoCreation'>;

/** ID_ALREADY_USED, UNKNOWN_PROJECT. */
export function decideCoCreation(draft: Draft, command: CoCreationCommand): Refusal | undefined {
  const { projects, projectsForgotten } = draft.state.relationship;
  const running = projects.includes(command.projectId);
  if (command.type === 'StartCoCreation') {
    if (running) return refuse('ID_ALREADY_USED', 'The customer already takes part in this project.');
    draft.record('CoCreationStarted', dataOf(command));
    return undefined;
  }
  // A project so old that the state let go of it is believed.
  if (!running && projectsForgotten === 0)
    return refuse('UNKNOWN_PROJECT', 'The customer takes part in no such project.');
  if (command.type === 'RecordContribution') draft.record('CoCreationContributed', dataOf(command));
  else draft.record('CoCreationEnded', dataOf(command));
  return undefined;
}
