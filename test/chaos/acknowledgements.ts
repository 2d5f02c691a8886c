/** What the service said about one command, kept outside the service. */
export interface Acknowledged {
  readonly customerId: string;
  readonly eventIds: readonly string[];
  readonly revision: string;
}

/**
 * The independent record of a chaos run: every answer the service gave, by customer and key. A second answer for the
 * same command must say the same.
 */
export class Acknowledgements {
  private readonly byKey = new Map<string, Acknowledged>();
  private readonly refusedByKey = new Map<string, string>();
  private readonly withoutEffect = new Set<string>();
  readonly contradictions: string[] = [];

  static keyOf(customer: string, sourceEventId: string): string {
    return `${customer} ${sourceEventId}`;
  }

  accepted(key: string, answer: Acknowledged): void {
    // A command that changed nothing leaves nothing to remember it by; its answer says where the customer is now.
    if (answer.eventIds.length === 0) {
      this.withoutEffect.add(key);
      return;
    }
    const first = this.byKey.get(key);
    if (!first) {
      // What was refused before may be possible later: refusals are not remembered.
      this.refusedByKey.delete(key);
      this.byKey.set(key, answer);
    } else if (
      first.customerId !== answer.customerId ||
      first.revision !== answer.revision ||
      first.eventIds.join() !== answer.eventIds.join()
    )
      this.contradictions.push(`${key}: first ${JSON.stringify(first)}, then ${JSON.stringify(answer)}`);
  }

  refused(key: string, code: string): void {
    if (this.byKey.has(key)) this.contradictions.push(`${key}: refused with ${code} after it was accepted`);
    this.refusedByKey.set(key, code);
  }

  get acceptedCount(): number {
    return this.byKey.size;
  }

  /** Commands that were answered in any way. */
  get answeredCount(): number {
    return this.byKey.size + this.refusedByKey.size + this.withoutEffect.size;
  }

  /** How many commands stay refused, by code. */
  refusals(): ReadonlyMap<string, number> {
    const byCode = new Map<string, number>();
    for (const code of this.refusedByKey.values()) byCode.set(code, (byCode.get(code) ?? 0) + 1);
    return byCode;
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  get refusedCount(): number {
    return this.refusedByKey.size;
  }

  entries(): IterableIterator<[string, Acknowledged]> {
    return this.byKey.entries();
  }

  /** Ids of every event that was acknowledged. */
  eventIds(): string[] {
    return [...this.byKey.values()].flatMap(({ eventIds }) => eventIds);
  }
}
