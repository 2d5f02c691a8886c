/** Invented people, places and goods of the demo; mail addresses use the domain reserved for examples. */
export const FIRST_NAMES = [
  'Ada', 'Ben', 'Carla', 'Dirk', 'Elif', 'Femke', 'Goran', 'Hanna', 'Ivo', 'Jana', 'Karim', 'Lotte', 'Mats', 'Nora', 'Omar', 'Paula',
  'Quinten', 'Rosa', 'Sander', 'Tara', 'Umut', 'Vera', 'Wout', 'Xenia', 'Yara', 'Zoë', 'Anouk', 'Bram', 'Chloé', 'Diego', 'Emma', 'Finn',
  'Greta', 'Hugo', 'Ines', 'Jonas', 'Klara', 'Luca', 'Mila', 'Noah', 'Olga', 'Pim', 'Renske', 'Sofia', 'Tim', 'Ulla', 'Viktor', 'Willem',
] as const; // prettier-ignore

export const LAST_NAMES = [
  'Bakker', 'Jansen', 'Visser', 'Smit', 'Meijer', 'de Boer', 'Mulder', 'de Groot', 'Bos', 'Vos', 'Peters', 'Hendriks', 'Dekker', 'Brouwer',
  'Schmidt', 'Fischer', 'Weber', 'Wagner', 'Becker', 'Hoffmann', 'Koch', 'Richter', 'Klein', 'Wolf', 'Neumann', 'Schwarz', 'Zimmermann',
  'Dubois', 'Moreau', 'Laurent', 'Simon', 'Michel', 'Lefebvre', 'Rossi', 'Russo', 'Ferrari', 'Romano', 'Kaya', 'Demir', 'Yilmaz', 'Novak',
] as const; // prettier-ignore

export const COMPANY_WORDS = [
  'Bäckerei',
  'Café',
  'Hotel',
  'Kantoor',
  'Atelier',
  'Studio',
  'Praxis',
  'Werkstatt',
] as const;

export const COUNTRIES: readonly (readonly [string, number])[] = [
  ['NL', 45], ['DE', 30], ['BE', 12], ['FR', 8], ['IT', 5],
]; // prettier-ignore

export interface Product {
  readonly productId: string;
  readonly productFamily: string;
  readonly productTier: number;
  /** Cents of a euro. */
  readonly priceMinor: number;
  readonly costMinor: number;
}
const product = (productId: string, productFamily: string, productTier: number, priceMinor: number): Product => ({
  productId, productFamily, productTier, priceMinor, costMinor: Math.round(priceMinor * 0.62),
}); // prettier-ignore

/** A coffee roaster's catalogue: what is bought again and again, and what leads up or across. */
export const BEANS: readonly Product[] = [
  product('beans-house', 'beans', 1, 1_290),
  product('beans-single-origin', 'beans', 2, 1_790),
  product('beans-reserve', 'beans', 3, 2_690),
];
export const MACHINES: readonly Product[] = [
  product('machine-filter', 'machines', 1, 8_900),
  product('machine-espresso', 'machines', 2, 24_900),
  product('machine-pro', 'machines', 3, 69_900),
];
export const GRINDERS: readonly Product[] = [
  product('grinder-hand', 'grinders', 1, 4_900),
  product('grinder-pro', 'grinders', 2, 18_900),
];
export const COURSES: readonly Product[] = [product('barista-course', 'courses', 1, 9_500)];
export const CATALOGUE: readonly Product[] = [...BEANS, ...MACHINES, ...GRINDERS, ...COURSES];

export const ACCOUNT_MANAGERS = ['am-noor', 'am-pieter', 'am-selin', 'am-thomas'] as const;
export const HANDLERS = ['agent-1', 'agent-2', 'agent-3', 'agent-4'] as const;
export const COMPLAINT_REASONS = [
  ['lateDelivery', 'convenience'], ['damagedGoods', 'solution'], ['wrongInvoice', 'price'], ['rudeService', 'respect'], ['machineBroken', 'solution'],
] as const; // prettier-ignore
