/**
 * Counts how often the same content was seen, in about 20 bytes for each distinct content: files of many million
 * rows fit. Contents are told apart by a 64-bit fingerprint; two different ones sharing it (one chance in 10⁵ for ten
 * million rows) only count together, which still gives every row its own key.
 */
export class OccurrenceCounter {
  private capacity = 1 << 12;
  private used = 0;
  private high = new Uint32Array(this.capacity);
  private low = new Uint32Array(this.capacity);
  private counts = new Uint32Array(this.capacity);

  /** Which occurrence this is: 1 for the first. */
  next(fingerprint: { readonly high: number; readonly low: number }): number {
    if (this.used * 10 > this.capacity * 6) this.grow();
    const slot = this.slotOf(fingerprint.high >>> 0, fingerprint.low >>> 0);
    if (this.counts[slot] === 0) {
      this.high[slot] = fingerprint.high;
      this.low[slot] = fingerprint.low;
      this.used++;
    }
    return ++this.counts[slot]!;
  }

  private slotOf(high: number, low: number): number {
    let slot = (low ^ (high >>> 7)) & (this.capacity - 1);
    while (this.counts[slot] !== 0 && (this.high[slot] !== high || this.low[slot] !== low))
      slot = (slot + 1) & (this.capacity - 1);
    return slot;
  }

  private grow(): void {
    const { high, low, counts } = this;
    this.capacity *= 2;
    this.high = new Uint32Array(this.capacity);
    this.low = new Uint32Array(this.capacity);
    this.counts = new Uint32Array(this.capacity);
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] === 0) continue;
      const slot = this.slotOf(high[i]!, low[i]!);
      this.high[slot] = high[i]!;
      this.low[slot] = low[i]!;
      this.counts[slot] = counts[i]!;
    }
  }
}
