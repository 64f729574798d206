export { depletionsImport } from './depletions-import.ts';
export { readFactWeeks } from './fact-weeks-store.ts';
export {
  countSalesPrices,
  readSalesFacts,
  readShipmentFacts,
  type SalesFact,
  type ShipmentFact,
} from './read-facts.ts';
export { salesImport, salesStored, shipmentsImport, shipmentsStored } from './sales-import.ts';
