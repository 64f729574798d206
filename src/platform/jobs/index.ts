export { type Job, type JobContext, type JobQueue, migrateJobs, startJobs } from './jobs.ts';
