import { formatMoney, type Money } from '@rapport/contracts';
import pc from 'picocolors';

/** `12,345`. */
export const formatCount = (n: number | bigint): string => n.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `1.4 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const two = (n: number): string => n.toString().padStart(2, '0');
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${two(Math.floor((seconds % 3_600) / 60))} min`;
}

/** `12,345/s`. */
export const formatRate = (count: number, ms: number): string =>
  ms <= 0 ? '–/s' : `${formatCount(Math.round((count * 1_000) / ms))}/s`;

/** Share as `12.3 %`. */
export const formatShare = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Money of a read model, whole units where the list is about magnitude. */
export function formatAmount(money: Money, style: 'exact' | 'whole' = 'exact'): string {
  const [amount, currency] = formatMoney(money).split(' ') as [string, string];
  const dot = amount.indexOf('.');
  const whole = dot < 0 ? amount : amount.slice(0, dot);
  const fraction = dot < 0 || style === 'whole' ? '' : amount.slice(dot);
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}${fraction} ${currency}`;
}

/** A horizontal bar whose length is `share` of `width` cells, in eighths. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * width * 8);
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8]!;
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}

/** Control characters of stored text would steer the reader's terminal: they are shown, not sent. */
export const printable = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- exactly these are made harmless
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '·');

export type Painter = ReturnType<typeof pc.createColors>;
/** Colours, or the same functions doing nothing. */
export const painter = (colours: boolean): Painter => pc.createColors(colours);
