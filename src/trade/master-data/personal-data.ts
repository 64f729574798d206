import type { PersonalData } from '#module';

const imports = {
  purpose: 'Imports: files from other systems',
  basis: 'legitimate interest',
} as const;

/** What imports and onboarding hold about people. */
export const importData: readonly PersonalData[] = [
  {
    ...imports,
    ...{ table: 'master_data.import_run', person: 'actor_id', erasure: 'kept under a pseudonym' },
    retention: '7 years',
    because: 'where figures came from is evidence',
    columns: { file_name: 'name of the file', kind: 'what it brought', created_at: 'when it was brought in' },
  },
  {
    ...imports,
    ...{ table: 'master_data.import_chunk', person: null, erasure: 'expires' },
    retention: 'until the import is over',
    columns: { bytes: 'the file while it is read, which may name people although no column asks for it' },
  },
  {
    ...imports,
    ...{ table: 'master_data.import_quarantine', person: null, erasure: 'expires' },
    retention: 'as long as the import',
    columns: { raw: 'a row that could not be read, as it stood in the file' },
  },
  {
    purpose: 'Customers: how they stand, and who asked',
    basis: 'legitimate interest',
    ...{ table: 'master_data.customer_standing', person: 'requested_by', erasure: 'kept under a pseudonym' },
    retention: '7 years',
    because: 'who granted credit is evidence',
    columns: { conditions: 'on what conditions credit was granted', requested_at: 'when' },
  },
];
