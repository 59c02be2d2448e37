-- An environment can be locked by hand: its approved changes wait until it is unlocked.
create table environment_lock (
  environment uuid primary key references environment, -- locked once or not at all
  reason text not null,                           -- why, in the words of whoever locked it
  locked_by text not null references person,
  locked_at timestamptz not null default now()
);
comment on table environment_lock is 'Environments that take no deployments just now. Whoever writes here, or starts a deployment, holds the environment''s row.';
comment on column environment_lock.environment is 'The environment';
comment on column environment_lock.reason is 'Why, in the words of whoever locked it';
comment on column environment_lock.locked_by is 'Who locked it';
comment on column environment_lock.locked_at is 'When it was locked';
grant select, insert, delete on environment_lock to gatehouse_app;

-- The pages of its changes say so.
create function notify_lock() returns trigger language plpgsql as $$
begin
  perform pg_notify('gatehouse_change', number::text) from change
  where environment = coalesce(new.environment, old.environment) and open;
  return null;
end $$;
create trigger environment_lock_notifies after insert or delete on environment_lock
  for each row execute function notify_lock();
