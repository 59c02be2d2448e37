-- A deployment that failed may leave change sets and a stack under review at AWS; a job of its own takes them away.
alter table job
  drop constraint job_kind_check,
  add constraint job_kind_check check (kind in ('plan', 'deploy', 'repair', 'close', 'clear'));
