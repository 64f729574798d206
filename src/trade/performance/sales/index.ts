export {
  countSalesPrices,
  readSalesFacts,
  readShipmentFacts,
  type SalesFact,
  type ShipmentFact,
} from './read-facts.ts';
export { salesImport, salesStored, shipmentsImport, shipmentsStored } from './sales-import.ts';
