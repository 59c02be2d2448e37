-- A finding that stops changes of an environment can be let through until a day: asked for by its team, granted by
-- security.
create table waiver (
  number bigint generated always as identity primary key, -- people write W-7
  environment uuid not null references environment,
  team text not null,                             -- of its service, here for the lists
  change uuid not null references change,         -- on whose plan it was found
  finding jsonb not null,                         -- domain::change::Finding, as it was found; its key is what is covered
  reason text not null,                           -- in the words of whoever asks
  expires_at timestamptz not null,                -- the end of the last day
  asked_by text not null references person,
  asked_at timestamptz not null default now(),
  granted boolean,                                -- null until security has decided
  decided_words text not null default '',         -- may be empty where it was granted
  decided_by text references person,
  decided_at timestamptz,
  ended_words text not null default '',
  ended_by text references person,
  ended_at timestamptz,                           -- before its day, by security
  check ((granted is null) = (decided_at is null) and (decided_by is null) = (decided_at is null)),
  check ((ended_by is null) = (ended_at is null) and (ended_at is null or granted))
);
create index waiver_environment on waiver (environment, number desc);
create index waiver_team on waiver (team, number desc);
comment on table waiver is 'Approved exceptions to findings. In force while granted, not ended, and before its expiry.';
comment on column waiver.number is 'People write W-7';
comment on column waiver.environment is 'Where the finding is let through, and nowhere else';
comment on column waiver.team is 'Of its service, here for the lists';
comment on column waiver.change is 'On whose plan it was found';
comment on column waiver.finding is 'domain::change::Finding, as it was found; its rule, stack, resource and path are what is covered';
comment on column waiver.reason is 'In the words of whoever asks';
comment on column waiver.expires_at is 'The end of its last day in UTC; it ends then by itself';
comment on column waiver.asked_by is 'Who asked';
comment on column waiver.asked_at is 'When it was asked for';
comment on column waiver.granted is 'Whether security let it through; null until they have decided';
comment on column waiver.decided_words is 'In the words of whoever decided; may be empty where it was granted';
comment on column waiver.decided_by is 'Who decided, never who asked';
comment on column waiver.decided_at is 'When it was decided';
comment on column waiver.ended_words is 'Why it was ended early';
comment on column waiver.ended_by is 'Who ended it early';
comment on column waiver.ended_at is 'When it was ended early; null where its time runs out by itself';
grant select, insert on waiver to gatehouse_app;
grant update (granted, decided_words, decided_by, decided_at, ended_words, ended_by, ended_at) on waiver to gatehouse_app;

-- The page of the environment's open change shows it.
create function notify_waiver() returns trigger language plpgsql as $$
begin
  perform pg_notify('gatehouse_change', number::text) from change where environment = new.environment and open;
  return null;
end $$;
create trigger waiver_notifies after insert or update on waiver
  for each row execute function notify_waiver();
