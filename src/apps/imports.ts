import { fundsImport } from '#funds';
import { createImports, masterDataImports } from '#master-data';
import { depletionsImport, salesImport, shipmentsImport } from '#performance';
import { promotionsImport } from '#promotions';
import { claimsImport, deductionsImport, openingBalancesImport, remittancesImport } from '#settlement';
import { termsImport } from '#terms';

/** Every kind of import that a module declares. */
export const importKinds = [
  ...masterDataImports,
  salesImport,
  shipmentsImport,
  depletionsImport,
  fundsImport,
  termsImport,
  promotionsImport,
  openingBalancesImport,
  deductionsImport,
  claimsImport,
  remittancesImport,
];

/** The imports of the house. */
export const imports = createImports({ kinds: importKinds });
