import type { DemoPerson } from './maker.ts';

/** People of the demo maker; the first six carry the predefined roles, the last three custom roles. */
export function makePeople(): DemoPerson[] {
  const person = (name: string, displayName: string, role: string): DemoPerson => ({ name, displayName, role });
  return [
    person('kam', 'Kira Almond', 'key_account_manager'),
    person('marketing', 'Milo Trent', 'trade_marketing_manager'),
    person('finance', 'Fiona Castell', 'finance_controller'),
    person('analyst', 'Anders Lyle', 'data_analyst'),
    person('auditor', 'Odile Marsh', 'auditor'),
    person('admin', 'Adam Quist', 'administrator'),
    person('director', 'Dora Ingram', 'director'),
    person('legal', 'Leon Gale', 'legal'),
    person('executive', 'Esme Vautier', 'executive'),
  ];
}
