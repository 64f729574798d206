import type { Framework } from '#module';

/** A framework in words for its report. */
export const frameworkTexts: Readonly<Record<Framework, { name: string; scope: string }>> = {
  SOX: {
    name: 'Sarbanes-Oxley, sections 302 and 404',
    scope:
      'Internal control over what trade spend brings into the books: authorisation, completeness, accuracy, cut-off.',
  },
  GDPR: {
    name: 'General Data Protection Regulation',
    scope: 'Personal data of the people who use the product, and of contacts they name.',
  },
  PCI_DSS: {
    name: 'PCI DSS 4.0',
    scope: 'No payment card data is kept; what is shown is that none comes in and none goes out.',
  },
  ASVS: {
    name: 'OWASP ASVS 5.0',
    scope: 'How the application itself is built: see the register of its requirements in the documentation.',
  },
};

/** Days that a finding of each severity may stay open unless a person says otherwise. */
export const daysToMend = { high: 14, medium: 30, low: 90 } as const;
