import { sameDocuments, type Documents } from './same-documents.js';

const of = (document: object | undefined): ReadonlyMap<string, Documents> =>
  new Map([['customer-360', new Map(document ? [['ada', document]] : [])]]);

describe('Embedded = servers', () => {
  it('holds for documents that differ only in their run', () => {
    const servers = of({
      name: 'pv1.k.e.f.iv.one',
      stage: 'contact',
      touches: [{ recordedAt: 'x', kind: 'call' }],
    });
    const embedded = of({
      stage: 'contact',
      name: 'pv1.k2.e.f.iv.two',
      touches: [{ recordedAt: 'y', kind: 'call' }],
    });
    expect(sameDocuments(servers, embedded)).toMatchObject({ checked: 1, violations: [] });
  });

  it('fails for another value, also where one is personal and the other is not', () => {
    expect(sameDocuments(of({ stage: 'contact' }), of({ stage: 'repair' })).violations).toHaveLength(1);
    expect(sameDocuments(of({ name: 'pv1.k.e.f.iv.one' }), of({ name: 'Ada' })).violations).toHaveLength(1);
  });

  it('fails for a document that only one of them has', () => {
    expect(sameDocuments(of({}), of(undefined)).violations).toEqual(['customer-360 ada: only on servers']);
    expect(sameDocuments(of(undefined), of({})).violations).toEqual(['customer-360 ada: only embedded']);
  });
});
