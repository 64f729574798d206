import { fundsImport } from '#funds';
import { createImports, masterDataImports } from '#master-data';
import { salesImport, shipmentsImport } from '#performance';
import { promotionsImport } from '#promotions';

/** The imports of the house: every kind that a module declares. */
export const imports = createImports({
  kinds: [...masterDataImports, salesImport, shipmentsImport, fundsImport, promotionsImport],
});
