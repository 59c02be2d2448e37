-- The first tables of Gatehouse. Every state change writes its audit entry in the same transaction.

-- What must agree across replicas and restarts is decided here, so time is the database's.

create table person (
  subject text primary key,                       -- subject at the identity provider; the only name in every other table
  name text not null,                             -- what to call them
  email text,                                     -- as the identity provider gave it
  grants jsonb not null,                          -- what their latest sign-in granted, list of domain::person::Grant
  signed_in_at timestamptz not null               -- latest sign-in
);
create index person_grants on person using gin (grants jsonb_path_ops);
comment on table person is 'People as the identity provider last described them. Names stand here and nowhere else.';

create table sign_in_attempt (
  state_hash bytea primary key,                   -- SHA-256 of the state sent to the identity provider
  browser_hash bytea not null,                    -- SHA-256 of the cookie that binds the attempt to one browser
  nonce text not null,                            -- expected in the ID token
  pkce_verifier text not null,                    -- for the token request
  return_to text not null,                        -- path within the portal
  created_at timestamptz not null default now()   -- attempts expire after ten minutes
);
create index sign_in_attempt_created on sign_in_attempt (created_at);
comment on table sign_in_attempt is 'Sign-ins under way; a row is used once.';

create table session (
  id uuid primary key,                            -- the session's id in audit entries
  token_hash bytea not null unique,               -- SHA-256 of the cookie's token; the token itself is kept nowhere
  subject text not null references person,        -- whose
  grants jsonb not null,                          -- what this sign-in granted
  id_token text,                                  -- hint for signing out at the identity provider
  created_at timestamptz not null default now(),  -- absolute expiry counts from here
  seen_at timestamptz not null default now()      -- idle expiry counts from here
);
create index session_subject on session (subject);
create index session_seen on session (seen_at);
create index session_created on session (created_at);
comment on table session is 'Browser sessions.';

create table blueprint_version (
  digest text primary key,                        -- SHA-256 over its files, hex
  name text not null,                             -- the blueprint
  version text not null,                          -- for people
  manifest jsonb not null,                        -- domain::blueprint::Manifest
  files jsonb not null,                           -- file name to content, every file of the folder
  read_at timestamptz not null default now()      -- when it was first read
);
create index blueprint_version_name on blueprint_version (name, read_at desc);
comment on table blueprint_version is 'Every version of a blueprint ever read, so that a rollback never needs the folder.';

create table blueprint_current (
  name text primary key,                          -- the blueprint
  digest text references blueprint_version,       -- the version offered; null while no version of it could be read
  problems jsonb not null default '[]',           -- what is wrong with what lies in the folder now: list of texts with file and line
  read_at timestamptz not null default now()      -- when the folder was last read
);
comment on table blueprint_current is 'What the blueprints folder held at the latest start.';

create table service (
  id uuid primary key,                            -- domain ServiceId
  team text not null,                             -- as configured
  name text not null,                             -- unique within the team
  blueprint text not null,                        -- the blueprint it is an instance of
  created_at timestamptz not null default now(),
  unique (team, name)
);
comment on table service is 'A team''s instance of a blueprint.';

create table release (
  id uuid primary key,                            -- domain ReleaseId
  service uuid not null references service,       -- whose
  number integer not null,                        -- r1, r2, … within the service
  blueprint_digest text not null references blueprint_version, -- the version it renders
  parameters jsonb not null,                      -- name to value, checked against the manifest
  created_by text not null references person,     -- who asked for it
  created_at timestamptz not null default now(),
  unique (service, number)
);
comment on table release is 'Blueprint version and parameters; never changed.';

create table environment (
  id uuid primary key,                            -- domain EnvironmentId
  service uuid not null references service,       -- whose
  stage text not null,                            -- domain::stage::Stage
  account text not null,                          -- twelve digits
  region text not null,                           -- its home region
  release uuid references release,                -- what runs there; null before the first success and after decommissioning
  state text not null default 'asked' check (state in ('asked', 'live', 'decommissioned')),
  changed_at timestamptz not null default now(),  -- when release or state last changed
  created_at timestamptz not null default now(),
  unique (service, stage)
);
comment on table environment is 'One service at one stage, in one account.';

create table environment_stack (
  environment uuid not null references environment,
  name text not null,                             -- main, or the companion's name
  position smallint not null,                     -- the order in which stacks run
  region text not null,
  stack_name text not null,                       -- at CloudFormation
  stack_id text,                                  -- ARN once Gatehouse made it; proof that the stack is ours
  outputs jsonb not null default '{}',            -- key to value, from the latest success
  primary key (environment, name)
);
comment on table environment_stack is 'The stacks of an environment.';

create table change (
  id uuid primary key,                            -- domain ChangeId
  number bigint generated always as identity unique, -- people write CH-42
  environment uuid not null references environment,
  kind text not null,                             -- domain::change::ChangeKind
  release uuid references release,                -- what it brings the environment to; null for a decommission
  reason text not null,                           -- the requester's words
  requester text not null references person,
  state jsonb not null,                           -- domain::change::ChangeState
  state_name text not null generated always as (state ->> 'name') stored,
  open boolean not null,                          -- whether it keeps other changes of the environment from being asked for
  team text not null,                             -- of its service, here for the lists
  stage text not null,                            -- of its environment, here for the lists
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()   -- latest state change
);
create unique index change_one_open on change (environment) where open;
create index change_environment on change (environment, number desc);
create index change_requester on change (requester, open, number desc);
create index change_waiting on change (team, stage, number) where state_name = 'waiting';
comment on table change is 'Proposals to bring an environment to a release.';

create table plan (
  id uuid primary key,                            -- domain PlanId
  change uuid not null references change,
  review_digest text not null,                    -- what approvals name
  reviewed jsonb not null,                        -- domain::change::Reviewed
  binding jsonb not null,                         -- domain::change::Binding
  created_at timestamptz not null default now()
);
create index plan_change on plan (change, created_at desc);
comment on table plan is 'Plans as reviewers saw them; never changed.';

create table decision (
  id uuid primary key,
  change uuid not null references change,
  plan uuid not null references plan,             -- the plan that was on show
  review_digest text not null,                    -- the digest it names
  decision text not null check (decision in ('approve', 'ask-for-changes', 'reject')),
  comment text not null,                          -- may be empty for an approval
  decided_by text not null references person,
  decided_at timestamptz not null default now(),
  voided_at timestamptz                           -- when a plan with another digest made it fall away
);
create index decision_change on decision (change, decided_at);
comment on table decision is 'What reviewers said of a review digest.';

create table comment (
  id uuid primary key,
  change uuid not null references change,
  body text not null,
  written_by text not null references person,
  written_at timestamptz not null default now()
);
create index comment_change on comment (change, written_at);
comment on table comment is 'What people said on a change.';

create table deployment (
  id uuid primary key,                            -- domain DeploymentId; tokens at AWS derive from it
  change uuid not null references change,
  plan uuid not null references plan,
  environment uuid not null references environment,
  number bigint generated always as identity unique, -- orders lists
  team text not null,                             -- of its service, here for the lists
  service text not null,                          -- name of its service, here for the lists
  stage text not null,                            -- of its environment, here for the lists
  requester text not null references person,      -- here for the lists
  approved_by text not null references person,    -- the latest approver
  state text not null default 'queued'
    check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  executed jsonb not null default '[]',           -- names of the stacks whose operation was started, in order
  failure jsonb,                                  -- domain::change::Failure
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);
create unique index deployment_one_running on deployment (environment) where state = 'running';
create index deployment_change on deployment (change, number desc);
create index deployment_environment on deployment (environment, number desc);
create index deployment_team on deployment (team, number desc);
create index deployment_service on deployment (team, service, number desc);
create index deployment_state on deployment (state, number desc);
create index deployment_stage on deployment (stage, number desc);
create index deployment_requester on deployment (requester, number desc);
comment on table deployment is 'Executions of approved plans. One runs per environment, always.';

create table stack_event (
  deployment uuid not null references deployment,
  stack text not null,                            -- the stack's name within the environment
  event_id text not null,                         -- AWS's
  position bigint generated always as identity,   -- the order in which they were read
  happened_at timestamptz not null,
  logical_id text not null,
  physical_id text,
  resource_type text not null,
  status text not null,
  reason text,                                    -- AWS's own
  token text,                                     -- of the call that caused it; tells whose doing it was
  primary key (deployment, stack, event_id)
);
create index stack_event_order on stack_event (deployment, position);
create index stack_event_failed on stack_event (deployment, position) where status like '%\_FAILED';
comment on table stack_event is 'What CloudFormation reported while a deployment ran.';

create table draft (
  id uuid primary key,                            -- domain DraftId
  subject text not null,                          -- whose; nobody else can read it
  values jsonb not null,                          -- field to what was typed
  problems jsonb not null,                        -- list of domain::blueprint::Problem
  created_at timestamptz not null default now()   -- drafts are deleted after a day
);
create index draft_created on draft (created_at);
comment on table draft is 'Forms that were refused, so that what was typed is kept with scripts on or off.';

create table job (
  id uuid primary key,
  kind text not null check (kind in ('plan', 'deploy', 'repair', 'close')),
  change uuid not null references change,
  payload jsonb not null,                         -- what the kind needs
  key text not null,                              -- the environment: at most one running job a key
  state text not null default 'ready' check (state in ('ready', 'running', 'done', 'dead')),
  run_at timestamptz not null default now(),      -- not before
  attempt integer not null default 0,             -- failures so far; a lost lease is none
  lease_epoch bigint not null default 0,          -- fencing token: every write of a worker names it
  lease_owner text,
  lease_until timestamptz,
  last_error text,
  request_id text,                                -- of the request that caused it, for the log
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index job_ready on job (run_at, id) where state = 'ready';
create index job_lease on job (lease_until) where state = 'running';
create unique index job_one_running on job (key) where state = 'running';
create index job_change on job (change);
comment on table job is 'Work for the workers, leased.';

create table audit_entry (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor jsonb not null,                           -- domain::audit::Actor
  subject text generated always as (actor ->> 'subject') stored,
  session uuid,                                   -- the session they acted in
  action text not null,                           -- domain::audit::Action
  change bigint,                                  -- number of the change it is about
  thing text not null,
  reason text,
  policy text,                                    -- id of the policy that decided
  request_id text,
  detail jsonb not null default '{}'
);
create index audit_entry_change on audit_entry (change, id) where change is not null;
create index audit_entry_subject on audit_entry (subject, id desc) where subject is not null;
comment on table audit_entry is 'What happened, for ever. The application may insert and read, nothing else.';

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are never changed or deleted';
end $$;
create trigger audit_entry_stays before update or delete or truncate on audit_entry
  for each statement execute function refuse_audit_change();

-- A page that follows a change listens on one channel; the payload is the change's number.
create function notify_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('gatehouse_change', new.number::text);
  return null;
end $$;
create trigger change_notifies after insert or update on change
  for each row execute function notify_change();

create function notify_by_change_id() returns trigger language plpgsql as $$
begin
  perform pg_notify('gatehouse_change', number::text) from change where id = new.change;
  return null;
end $$;
create trigger comment_notifies after insert on comment
  for each row execute function notify_by_change_id();
create trigger decision_notifies after insert or update on decision
  for each row execute function notify_by_change_id();
create trigger deployment_notifies after insert or update on deployment
  for each row execute function notify_by_change_id();

-- The page shows what a job fails at or waits for.
create trigger job_error_notifies after update of last_error on job
  for each row when (old.last_error is distinct from new.last_error) execute function notify_by_change_id();

create function notify_stack_event() returns trigger language plpgsql as $$
begin
  perform pg_notify('gatehouse_change', change.number::text)
  from (select distinct deployment from inserted) as new_events
  join deployment on deployment.id = new_events.deployment
  join change on change.id = deployment.change;
  return null;
end $$;
create trigger stack_event_notifies after insert on stack_event
  referencing new table as inserted
  for each statement execute function notify_stack_event();

-- Workers wait for this instead of polling quickly.
create function notify_job() returns trigger language plpgsql as $$
begin
  if new.state = 'ready' then
    perform pg_notify('gatehouse_job', new.kind);
  end if;
  return null;
end $$;
create trigger job_notifies after insert or update of state on job
  for each row execute function notify_job();

-- Roles belong to the whole cluster, so another database of it may make this one at the same moment.
do $$
begin
  if not exists (select from pg_roles where rolname = 'gatehouse_app') then
    create role gatehouse_app nologin;
  end if;
exception when duplicate_object or unique_violation then
  null;
end $$;
-- History, releases, plans, blueprint versions, comments and stack events are written once.
grant select, insert on all tables in schema public to gatehouse_app;
grant update on person, session, service, blueprint_current, environment, environment_stack, change,
  decision, deployment, job to gatehouse_app;
grant delete on session, sign_in_attempt, draft, blueprint_current to gatehouse_app;
grant usage on all sequences in schema public to gatehouse_app;
-- sqlx keeps what it has applied here; the table is missing where this file was applied by hand.
do $$
begin
  if to_regclass('public._sqlx_migrations') is not null then
    revoke insert on public._sqlx_migrations from gatehouse_app;
  end if;
end $$;
