export { type CheckedPaper, checkPaper, type SentPaper } from './check-paper.ts';
export { asDownload, readPaper } from './read-paper.ts';
