/** Why a controller may process it (GDPR, Article 6 (1)). */
export type LegalBasis = 'contract' | 'legal obligation' | 'legitimate interest' | 'consent';

/** What an erasure does with rows of a person. */
export type ErasureRule =
  /** Rows go. */
  | 'deleted'
  /** Rows stay unreadable: the key of the person who sealed them is destroyed. */
  | 'key destroyed'
  /** Rows stay under the id of the person, which then names nobody. */
  | 'kept under a pseudonym'
  /** Rows are gone by themselves within their retention. */
  | 'expires';

/** What a table holds about people: the record of processing, access and erasure follow from these declarations. */
export interface PersonalData {
  /** `schema.table`. */
  table: string;
  /** The column with the id of the person whom a row is about or who wrote it; null where no column names them. */
  person: string | null;
  /** Column → what it tells of a person. */
  columns: Readonly<Record<string, string>>;
  purpose: string;
  basis: LegalBasis;
  /** How long it is kept. */
  retention: string;
  erasure: ErasureRule;
  /** Why it is not simply deleted. */
  because?: string;
  /** The person gave it to us: it travels with a portability export (Article 20). */
  provided?: boolean;
  /** Columns that are never handed out, not even to the person: they would let a thief of the file in. */
  secret?: readonly string[];
  /** No tenant's: people are global, and only the system's role reads it. */
  global?: boolean;
}
