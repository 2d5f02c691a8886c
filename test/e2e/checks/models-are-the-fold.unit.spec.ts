import { modelsAreTheFold } from './models-are-the-fold.js';

const collection = {
  projection: 'customer-360',
  collection: 'c',
  through: 9n,
  documents: 4,
  parkedSequences: 0,
};
const clean = { collections: [collection], differences: [], differingDocuments: 0 };

describe('Models are the fold', () => {
  it('holds for a clean report', () => {
    expect(modelsAreTheFold(clean)).toMatchObject({ checked: 4, violations: [] });
  });

  it('fails for a difference, also one that is not listed', () => {
    const difference = { projection: 'customer-360', collection: 'c', key: 'a', path: '#position', stored: 1n, expected: 2n }; // prettier-ignore
    expect(
      modelsAreTheFold({ ...clean, differences: [difference], differingDocuments: 1 }).violations,
    ).toEqual(['customer-360 a#position: "1" is stored, "2" is the fold']);
    expect(modelsAreTheFold({ ...clean, differingDocuments: 2 }).violations).toEqual(['2 documents differ']);
  });

  it('fails for a read model that was not looked at', () => {
    const skipped = { ...collection, skipped: 'stored version 1, code version 2' };
    expect(modelsAreTheFold({ ...clean, collections: [skipped] }).violations).toHaveLength(1);
  });
});
