export { salesImport, salesStored, shipmentsImport, shipmentsStored } from './sales-import.ts';
