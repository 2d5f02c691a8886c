import { describeReadModelStore } from '../read-model.contract.js';
import { MemoryReadModelData, openMemoryReadModels } from './memory-read-model.adapter.js';

describeReadModelStore('Memory', () => {
  const data = new MemoryReadModelData();
  return { open: () => openMemoryReadModels(data), dispose: async () => undefined };
});
