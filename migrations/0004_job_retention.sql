-- Jobs that have ended are kept for a while, for whoever looks into what happened, then deleted by the workers. What
-- they did stays in the history.
create index job_ended on job (ended_at)         -- oldest first, so that a batch is found without a scan
  where state in ('done', 'dead');
comment on column job.ended_at is 'When it was done or given up; it is deleted some days later, never before its change is over';
grant delete on job to gatehouse_app;
