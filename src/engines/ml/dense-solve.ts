/**
 * Cholesky factor of a symmetric positive definite matrix (row-major, `size` × `size`), written over the lower triangle
 * in place. Throws RangeError where a pivot is not positive.
 */
export function choleskyInPlace(matrix: Float64Array, size: number, offset = 0): void {
  for (let column = 0; column < size; column++) {
    const columnRow = offset + column * size;
    let pivot = matrix[columnRow + column]!;
    for (let k = 0; k < column; k++) pivot -= matrix[columnRow + k]! ** 2;
    if (!(pivot > 0)) throw new RangeError(`matrix is not positive definite at column ${column}`);
    const root = Math.sqrt(pivot);
    matrix[columnRow + column] = root;
    for (let row = column + 1; row < size; row++) {
      const base = offset + row * size;
      let sum = matrix[base + column]!;
      for (let k = 0; k < column; k++) sum -= matrix[base + k]! * matrix[columnRow + k]!;
      matrix[base + column] = sum / root;
    }
  }
}

/** Solves L Lᵀ x = b for a factor made by {@link choleskyInPlace}; `b` at `vectorOffset` is overwritten by x. */
export function solveCholesky(
  factor: Float64Array,
  size: number,
  offset: number,
  vector: Float64Array,
  vectorOffset: number,
): void {
  for (let row = 0; row < size; row++) {
    let sum = vector[vectorOffset + row]!;
    const base = offset + row * size;
    for (let k = 0; k < row; k++) sum -= factor[base + k]! * vector[vectorOffset + k]!;
    vector[vectorOffset + row] = sum / factor[base + row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = vector[vectorOffset + row]!;
    for (let k = row + 1; k < size; k++) sum -= factor[offset + k * size + row]! * vector[vectorOffset + k]!;
    vector[vectorOffset + row] = sum / factor[offset + row * size + row]!;
  }
}

/** Adds the diagonal of (L Lᵀ)⁻¹ into `into`, one entry per row of the factored matrix. */
export function inverseDiagonal(factor: Float64Array, size: number, offset: number, into: Float64Array): void {
  const column = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    column.fill(0);
    column[j] = 1;
    for (let row = j; row < size; row++) {
      let sum = column[row]!;
      for (let k = j; k < row; k++) sum -= factor[offset + row * size + k]! * column[k]!;
      column[row] = sum / factor[offset + row * size + row]!;
    }
    let squares = 0;
    for (let row = j; row < size; row++) squares += column[row]! ** 2;
    into[j] = into[j]! + squares;
  }
}
