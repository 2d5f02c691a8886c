import { describeRelayCheckpoint } from '../relay-checkpoint.contract.js';
import { MemoryRelayCheckpoint } from './memory-relay-checkpoint.adapter.js';

describeRelayCheckpoint('Memory', async () => {
  const store = new MemoryRelayCheckpoint();
  return { store, reopen: () => store };
});
