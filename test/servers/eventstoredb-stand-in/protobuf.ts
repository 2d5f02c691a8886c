/**
 * Protocol-buffer fields written by hand. Answers are written once per event and then sent as they are, so their encoding
 * is the hot path of the stand-in; requests are read with the classes the client package carries.
 */
const varint = (value: number | bigint): Buffer => {
  const bytes: number[] = [];
  if (typeof value === 'number' && value < 0x8000_0000) {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  } else {
    let rest = BigInt(value);
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
  }
  return Buffer.from(bytes);
};

const key = (field: number, wireType: number): Buffer => Buffer.from([(field << 3) | wireType]);

/** Written also when it is zero: members of a `oneof` count by their presence. */
export const uint = (field: number, value: number | bigint): Buffer[] => [key(field, 0), varint(value)];

export const bytes = (field: number, value: Uint8Array): Buffer[] => [
  key(field, 2),
  varint(value.length),
  Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length),
];

export const text = (field: number, value: string): Buffer[] => bytes(field, Buffer.from(value));

export const message = (field: number, ...parts: readonly Buffer[][]): Buffer[] => {
  const content = parts.flat();
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return [key(field, 2), varint(length), ...content];
};

export const encoded = (...parts: readonly Buffer[][]): Buffer => Buffer.concat(parts.flat());
