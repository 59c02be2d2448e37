-- Approvals come from groups, as many of each as the rules in force ask for.

create table rule_set (
  digest text primary key,                        -- SHA-256 over the canonical form of the rules, hex
  rules jsonb not null,                           -- domain::change::Rules
  first_used_at timestamptz not null default now()
);
comment on table rule_set is 'Every set of approval rules that a decision was counted by; never changed.';
grant select, insert on rule_set to gatehouse_app;

-- Before there were rules, a change took one approver of its team.
alter table decision
  add column groups text[] not null default '{approver}', -- domain::change::Group, those the person was a member of
  add column rule_set text references rule_set;           -- the rules in force then; null before there were any
alter table decision alter column groups drop default;

-- Null where the rules ask for nobody's approval.
alter table deployment alter column approved_by drop not null;

alter table change
  add column waits_for text[] not null default '{}'; -- domain::change::Group, those whose approval was missing when it last waited
update change set waits_for = '{approver}' where state_name = 'waiting';
create index change_waits_for_platform on change (number)
  where state_name = 'waiting' and waits_for @> '{platform}';
create index change_waits_for_security on change (number)
  where state_name = 'waiting' and waits_for @> '{security}';
