import type { ProductKind } from '@rapport/contracts';

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
  readonly name: string;
  readonly kind: ProductKind;
  readonly productFamily: string;
  readonly productTier: number;
  /** Cents of a euro. */
  readonly priceMinor: number;
  readonly costMinor: number;
}
const product = (productId: string, name: string, productFamily: string, productTier: number, kind: ProductKind, priceMinor: number): Product => ({
  productId, name, productFamily, productTier, kind, priceMinor, costMinor: Math.round(priceMinor * 0.62),
}); // prettier-ignore

/** A coffee roaster's catalogue: what is bought again and again, and what leads up or across. */
export const BEANS: readonly Product[] = [
  product('beans-house', 'House blend, 1 kg', 'beans', 1, 'consumable', 1_290),
  product('beans-single-origin', 'Single origin, 1 kg', 'beans', 2, 'consumable', 1_790),
  product('beans-reserve', 'Reserve, 1 kg', 'beans', 3, 'consumable', 2_690),
];
export const MACHINES: readonly Product[] = [
  product('machine-filter', 'Filter machine', 'machines', 1, 'durable', 8_900),
  product('machine-espresso', 'Espresso machine', 'machines', 2, 'durable', 24_900),
  product('machine-pro', 'Espresso machine, two circuits', 'machines', 3, 'durable', 69_900),
];
export const GRINDERS: readonly Product[] = [
  product('grinder-hand', 'Hand grinder', 'grinders', 1, 'durable', 4_900),
  product('grinder-pro', 'Electric grinder', 'grinders', 2, 'durable', 18_900),
];
export const COURSES: readonly Product[] = [
  product('barista-course', 'Barista course', 'courses', 1, 'service', 9_500),
];
/** What companies have under contract. */
export const SERVICE: Product = product('coffee-service', 'Coffee service', 'service', 1, 'service', 120_000);
export const CATALOGUE: readonly Product[] = [...BEANS, ...MACHINES, ...GRINDERS, ...COURSES];

export const ACCOUNT_MANAGERS = ['am-noor', 'am-pieter', 'am-selin', 'am-thomas'] as const;
export const HANDLERS = ['agent-1', 'agent-2', 'agent-3', 'agent-4'] as const;
export const COMPLAINT_REASONS = [
  ['lateDelivery', 'convenience'], ['damagedGoods', 'solution'], ['wrongInvoice', 'price'], ['rudeService', 'respect'], ['machineBroken', 'solution'],
] as const; // prettier-ignore
