/**
 * The position the log is on the disk to, as its writer says. Threads that read beside the writer are given `shared` and
 * read no further: what they make of an event must not outlive it.
 */
export class DurablePosition {
  private readonly value: BigInt64Array;

  constructor(readonly shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.value = new BigInt64Array(shared);
  }

  get(): number {
    return Number(Atomics.load(this.value, 0));
  }

  set(position: number): void {
    Atomics.store(this.value, 0, BigInt(position));
  }
}
