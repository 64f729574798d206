import type { KeyClass } from './key-classes.ts';

/** A column whose values are sealed, so that a rotation finds them all. */
export interface SealedColumn {
  /** `schema.table`, as in the place of its values. */
  table: string;
  column: string;
  /** The column whose text is the row's id in the place of a value. */
  rowId: string;
  class: KeyClass;
  /** The column of the tenant; null: the house. */
  tenant: string | null;
  /** The column of the subject; null: sealed under the class's data key. */
  subject: string | null;
}

const person = { table: 'identity.person', rowId: 'id', class: 'person', tenant: null, subject: 'id' } as const;
const link = {
  table: 'identity.one_time_link',
  rowId: 'id',
  class: 'link',
  tenant: null,
  subject: 'coalesce(person_id, id)',
} as const;

const request = {
  table: 'privacy.request',
  rowId: 'id',
  class: 'privacy',
  tenant: 'tenant_id',
  subject: 'coalesce(person_id, id)',
} as const;
const rectification = { ...request, table: 'privacy.rectification', subject: 'person_id' } as const;

/** Every sealed column of the product. Who seals something new adds it here. */
export const sealedColumns: readonly SealedColumn[] = [
  { ...person, column: 'name_sealed' },
  { ...person, column: 'email_sealed' },
  { ...link, column: 'name_sealed' },
  { ...link, column: 'email_sealed' },
  { ...request, column: 'contact' },
  { ...request, column: 'asked' },
  { ...rectification, column: 'before' },
  { ...rectification, column: 'after' },
  {
    ...{ table: 'identity.session', column: 'label', rowId: 'id', class: 'session' },
    ...{ tenant: 'tenant_id', subject: 'person_id' },
  },
  {
    ...{ table: 'identity.totp', column: 'secret', rowId: 'id', class: 'second-factor' },
    ...{ tenant: null, subject: 'person_id' },
  },
  {
    ...{ table: 'identity.single_sign_on', column: 'client_secret', rowId: 'id', class: 'single-sign-on' },
    ...{ tenant: 'tenant_id', subject: null },
  },
  {
    ...{ table: 'identity.waiting_change', column: 'secret', rowId: 'id', class: 'single-sign-on' },
    ...{ tenant: 'tenant_id', subject: null },
  },
];

/** Classes that have a data key per tenant; the others hang on the keys of subjects alone. */
export const sealedClasses: readonly KeyClass[] = [
  ...new Set(sealedColumns.filter(({ subject }) => subject === null).map((column) => column.class)),
];
