import { createIdentifierHasher, MemoryKeyStore, type IdentifierHasher } from '@rapport/event-store';
import { matchEvidenceOf, matchProfileOf, type MatchProfile } from './match-evidence.js';

describe('What speaks for two customers being one', () => {
  let hasher: IdentifierHasher;
  beforeAll(async () => {
    hasher = await createIdentifierHasher(new MemoryKeyStore());
  });
  const profile = (details: Partial<Record<'displayName' | 'postalCode' | 'birthDate' | 'country', string>>, ...identifiers: [type: string, value: string][]): MatchProfile =>
    matchProfileOf(
      [
        { type: 'CustomerRegistered', data: { identifiers: [] } },
        { type: 'CustomerDetailsCorrected', data: { changes: Object.entries(details).map(([field, value]) => ({ field, value })) } },
        ...identifiers.map(([type, value]) => ({ type: 'IdentifierAdded', data: { type, value } })),
      ],
      hasher,
    ); // prettier-ignore
  const evidence = (a: MatchProfile, b: MatchProfile) => {
    const found = matchEvidenceOf(a, b);
    expect(matchEvidenceOf(b, a)).toEqual(found);
    return found;
  };
  const phone = ['phone', '+31201234567'] as [string, string];
  const email = ['email', 'family@example.com'] as [string, string];

  it('is a name with a postal code or a birth date, in any spelling and order, and more with both', () => {
    const ada = profile({ displayName: 'Ada Müller', postalCode: '1012 ab', birthDate: '1990-05-01' });
    expect(evidence(ada, profile({ displayName: 'MUELLER, Ada', postalCode: '1012AB' }))).toEqual({
      rules: ['sameName', 'samePostalCode'],
      names: 'same',
      scorePct: 70,
    });
    expect(evidence(ada, profile({ displayName: 'ada muller', birthDate: '1990-05-01' }))).toMatchObject({ rules: ['sameBirthDate', 'sameName'], scorePct: 80 }); // prettier-ignore
    expect(evidence(ada, ada)).toMatchObject({ rules: ['sameBirthDate', 'sameName', 'samePostalCode'], scorePct: 94 }); // prettier-ignore
  });

  it('is not a name alone, a postal code alone, or father and son', () => {
    const jan = { displayName: 'Jan Jansen', postalCode: '1012AB' };
    expect(evidence(profile({ displayName: 'Jan Jansen' }), profile(jan))).toBeUndefined();
    expect(evidence(profile({ displayName: 'Piet Jansen', postalCode: '1012AB' }), profile(jan))).toBeUndefined(); // prettier-ignore
    expect(evidence(profile({ ...jan, birthDate: '1960-01-01' }), profile({ ...jan, birthDate: '1990-01-01' }))).toBeUndefined(); // prettier-ignore
    expect(evidence(profile({ ...jan, country: 'NL' }), profile({ ...jan, country: 'BE' }))).toBeUndefined();
    expect(evidence(profile({}), profile({}))).toBeUndefined();
  });

  it('is a common telephone: more with the same name, less with another one, least when born on another day', () => {
    const strength = (a: Parameters<typeof profile>[0], b: Parameters<typeof profile>[0], ...more: [string, string][]) => evidence(profile(a, phone, ...more), profile(b, phone, ...more)); // prettier-ignore
    const [ada, short, ben] = ['Ada Byron', 'A. Byron', 'Ben Byron'].map((displayName) => ({ displayName }));
    expect(strength({}, ada!)).toEqual({ rules: ['samePhone'], names: 'unknown', scorePct: 60 });
    expect(strength(ada!, ada!)).toEqual({ rules: ['sameName', 'samePhone'], names: 'same', scorePct: 80 });
    expect(strength(ada!, short!)).toEqual({ rules: ['samePhone'], names: 'alike', scorePct: 70 });
    expect(strength(ada!, ben!)).toEqual({ rules: ['samePhone'], names: 'different', scorePct: 30 });
    expect(strength({ ...ada!, birthDate: '1960-01-01' }, { ...ben!, birthDate: '1990-01-01' })?.scorePct).toBe(9); // prettier-ignore
    expect(strength(ada!, ada!, email)?.scorePct).toBe(97);
    const born = { birthDate: '1990-01-01' };
    expect(strength({ ...ada!, ...born }, { displayName: 'Ada Lovelace', ...born })).toMatchObject({ rules: ['sameBirthDate', 'samePhone'], names: 'different', scorePct: 72 }); // prettier-ignore
  });

  it('is a number that belongs to one, whatever they are called', () => {
    const number = ['taxId', 'NL001'] as [string, string];
    expect(evidence(profile({ displayName: 'Ada' }, number), profile({ displayName: 'Ben' }, number))).toEqual({ rules: ['sameTaxId'], names: 'different', scorePct: 95 }); // prettier-ignore
  });

  it('forgets what was taken away or cannot be opened', () => {
    const gone = matchProfileOf(
      [
        { type: 'CustomerRegistered', data: { displayName: null, identifiers: [{ type: 'phone', value: phone[1] }, { type: 'email', value: null }] } },
        { type: 'CustomerDetailsCorrected', data: { changes: [{ field: 'postalCode', value: '1' }, { field: 'postalCode', value: null }] } },
        { type: 'IdentifierRemoved', data: { type: 'phone', value: phone[1] } },
      ],
      hasher,
    ); // prettier-ignore
    expect(gone).toEqual({ identifiers: new Map() });
  });
});
