export { type ProblemCode, problemCodes } from './codes.ts';
export { type FieldError, notFound, Problem, type ProblemOptions } from './problem.ts';
