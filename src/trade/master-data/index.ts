import type { TenantTx } from '#db';
import type { AnyImportKind } from './imports/import-kind.ts';
import { calendarsImport } from './kinds/calendars-kind.ts';
import { customersImport } from './kinds/customers-kind.ts';
import { pricesImport, unitsImport } from './kinds/dated-kinds.ts';
import { fxRatesImport } from './kinds/fx-rates-kind.ts';
import { productsImport } from './kinds/products-kind.ts';
import { ancestors, ancestorsOfEach, leaves, leavesOfEach } from './tree-store.ts';

export { type FiscalCalendar, findCalendar, fiscalWeeks } from './calendar-store.ts';
export {
  type CalendarChange,
  changeCalendar,
  createCalendar,
  ensureCalendarFor,
  type NewCalendar,
} from './create-calendar.ts';
export { createCustomer, type NewCustomer } from './create-customer.ts';
export { createProduct, type NewProduct } from './create-product.ts';
export { type Customer, findCustomers } from './customer-store.ts';
export { masterDataEvents } from './events.ts';
export { fiscalYearWeeks } from './fiscal-year-store.ts';
export { type FxRate, fxRate } from './fx-store.ts';
export { inCurrency, inHouseCurrency } from './house-currency.ts';
export { Cells } from './imports/cells.ts';
export { createImports, type Imports } from './imports/create-imports.ts';
export { type FileSource, fileInMemory, fileOnDisk } from './imports/file-source.ts';
export type {
  AnyImportKind,
  CheckedRow,
  ImportColumn,
  ImportFile,
  ImportKind,
  KindRun,
  RowCounts,
  RowOutcome,
} from './imports/import-kind.ts';
export type { ImportResult } from './imports/import-store.ts';
export type { ImportProgress, ImportRequest } from './imports/run-import.ts';
export { inSavepoint } from './imports/savepoint.ts';
export { masterDataModule } from './module.ts';
export { customerOnboarding, onboardCustomer } from './onboarding/onboard-customer.ts';
export { findStanding } from './onboarding/standing-store.ts';
export { allPrices, type PriceOnDay, priceOn, type RecordedPrice } from './price-store.ts';
export { type ProductHistory, readProductHistory } from './product-history.ts';
export { findProducts, type Product } from './product-store.ts';
export { recordFxRate } from './record-fx-rate.ts';
export { type PriceRecord, recordPrice } from './record-price.ts';

/** Ids of a customer and its ancestors, from itself up to the root. */
export const customerAncestors = (tx: TenantTx, id: string): Promise<string[]> => ancestors(tx, 'customer', id);
/** {@link customerAncestors} of several customers in one query, by customer. */
export const customerAncestorsOfEach = (tx: TenantTx, ids: readonly string[]): Promise<Map<string, string[]>> =>
  ancestorsOfEach(tx, 'customer', ids);
/** Ids of the leaf customers below a customer: itself where it has no children. */
export const customerLeaves = (tx: TenantTx, id: string): Promise<string[]> => leaves(tx, 'customer', id);
/** {@link customerLeaves} of several customers in one query, by customer. */
export const customerLeavesOfEach = (tx: TenantTx, ids: readonly string[]): Promise<Map<string, string[]>> =>
  leavesOfEach(tx, 'customer', ids);
/** Ids of a product and its ancestors, from itself up to the root, for several products in one query, by product. */
export const productAncestorsOfEach = (tx: TenantTx, ids: readonly string[]): Promise<Map<string, string[]>> =>
  ancestorsOfEach(tx, 'product', ids);
/** Ids of the leaf products below a product: itself where it has no children. */
export const productLeaves = (tx: TenantTx, id: string): Promise<string[]> => leaves(tx, 'product', id);
/** {@link productLeaves} of several products in one query, by product. */
export const productLeavesOfEach = (tx: TenantTx, ids: readonly string[]): Promise<Map<string, string[]>> =>
  leavesOfEach(tx, 'product', ids);

/** The kinds of import that belong to this module. */
export const masterDataImports: readonly AnyImportKind[] = [
  customersImport,
  productsImport,
  calendarsImport,
  pricesImport,
  unitsImport,
  fxRatesImport,
];
