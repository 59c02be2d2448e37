-- A blueprint version is offered to teams once platform has proposed it and security has accepted it.
create table blueprint_vetting (
  id uuid primary key,                            -- domain VettingId
  digest text not null references blueprint_version, -- the version
  state text not null check (state in ('proposed', 'accepted', 'refused', 'withdrawn')),
  proposed_by text references person,             -- null: the configuration
  proposed_why text not null,
  proposed_at timestamptz not null,
  answered_by text references person,             -- null: the configuration, or no answer
  answered_why text,                              -- null: no answer
  answered_at timestamptz,
  withdrawn_by text references person,            -- null: the configuration, or not withdrawn
  withdrawn_why text,
  withdrawn_at timestamptz,
  check ((answered_at is null) = (answered_why is null)),
  check ((withdrawn_at is null) = (withdrawn_why is null)),
  check (answered_at is not null or state in ('proposed', 'withdrawn')),
  check ((withdrawn_at is not null) = (state = 'withdrawn')),
  check (proposed_by <> answered_by)              -- never the same person
);
create unique index blueprint_vetting_one_open on blueprint_vetting (digest)
  where state in ('proposed', 'accepted');
create index blueprint_vetting_digest on blueprint_vetting (digest, proposed_at desc);
comment on table blueprint_vetting is 'How blueprint versions were vetted: domain::blueprint::Vetting. Whoever writes here holds the blueprint''s row in blueprint_current.';
comment on column blueprint_vetting.id is 'Which vetting; a version that was refused or withdrawn may be proposed again';
comment on column blueprint_vetting.digest is 'The version';
comment on column blueprint_vetting.state is 'How far it is; accepted versions may be offered';
comment on column blueprint_vetting.proposed_by is 'Who of platform proposed it; null where the configuration lists it';
comment on column blueprint_vetting.proposed_why is 'Why, in their words';
comment on column blueprint_vetting.proposed_at is 'When it was proposed';
comment on column blueprint_vetting.answered_by is 'Who of security answered; null without an answer, and where the configuration lists it';
comment on column blueprint_vetting.answered_why is 'In their words, empty where they accepted without; null without an answer';
comment on column blueprint_vetting.answered_at is 'When it was accepted or refused';
comment on column blueprint_vetting.withdrawn_by is 'Who of platform withdrew it; null where it stands, and where the configuration replaced it';
comment on column blueprint_vetting.withdrawn_why is 'Why it was withdrawn, in their words';
comment on column blueprint_vetting.withdrawn_at is 'When it was withdrawn';
grant select, insert, update on blueprint_vetting to gatehouse_app;

comment on column blueprint_current.digest is 'The version that lies in the folder; null while none of it could be read. What is offered is in blueprint_offered';

-- Of the blueprints whose folder is there, the version accepted last.
create view blueprint_offered as
  select distinct on (version.name) version.name, version.digest
  from blueprint_vetting as vetting
  join blueprint_version as version using (digest)
  join blueprint_current as lying on lying.name = version.name
  where vetting.state = 'accepted'
  order by version.name, vetting.answered_at desc, vetting.id desc;
comment on view blueprint_offered is 'The version of each blueprint that teams may ask for';
grant select on blueprint_offered to gatehouse_app;
