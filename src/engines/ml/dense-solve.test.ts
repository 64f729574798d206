import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choleskyInPlace, inverseDiagonal, solveCholesky } from './dense-solve.ts';

// A = [[4,2,0],[2,5,1],[0,1,3]], det 44; A·(1,2,3) = (8,15,11); inverse diagonal = cofactors 14/44, 12/44, 16/44.
const matrix = () => Float64Array.of(4, 2, 0, 2, 5, 1, 0, 1, 3);

test('a positive definite system is solved to the solution that it was made from', () => {
  const factor = matrix();
  choleskyInPlace(factor, 3);
  const vector = Float64Array.of(8, 15, 11);
  solveCholesky(factor, 3, 0, vector, 0);
  for (const [i, wanted] of [1, 2, 3].entries()) assert.ok(Math.abs(vector[i]! - wanted) < 1e-12);
});

test('the diagonal of the inverse equals the cofactors over the determinant', () => {
  const factor = matrix();
  choleskyInPlace(factor, 3);
  const diagonal = new Float64Array(3);
  inverseDiagonal(factor, 3, 0, diagonal);
  for (const [i, wanted] of [14 / 44, 12 / 44, 16 / 44].entries()) assert.ok(Math.abs(diagonal[i]! - wanted) < 1e-12);
});

test('a matrix that is not positive definite is refused', () => {
  assert.throws(() => choleskyInPlace(Float64Array.of(1, 2, 2, 1), 2), RangeError);
});
