export { type CardNumber, findCardNumbers } from './find-card-numbers.ts';
export { cardNumberIn, maskCardNumbers } from './guard-text.ts';
