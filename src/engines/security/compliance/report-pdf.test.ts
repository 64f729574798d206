import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from './report-pdf.ts';

test('formulas and names of a report stay readable in the letters that every PDF reader has', () => {
  assert.equal(
    printable('Σ debits = Σ credits; Available = Budgeted − Committed'),
    'sum of debits = sum of credits; Available = Budgeted – Committed',
  );
  assert.equal(printable('Zoë Müller, Jiří Dvořák'), 'Zoë Müller, Jirí Dvorák');
  assert.equal(printable('株'), '?');
});
