import { fundsImport } from '#funds';
import { createImports, masterDataImports } from '#master-data';
import { salesImport, shipmentsImport } from '#performance';
import { promotionsImport } from '#promotions';
import { deductionsImport } from '#settlement';

/** Every kind of import that a module declares. */
export const importKinds = [
  ...masterDataImports,
  salesImport,
  shipmentsImport,
  fundsImport,
  promotionsImport,
  deductionsImport,
];

/** The imports of the house. */
export const imports = createImports({ kinds: importKinds });
