-- A release whose parameters have to be others at the next stage is made anew there, and remembers where it comes from.
alter table release add column promoted_from uuid references release;
comment on column release.promoted_from is 'the release of the same service that it was promoted from; null where a person asked for it';
-- Which releases succeeded in an environment, with the latest change that brought each.
create index change_succeeded on change (environment, release, number desc) where state_name = 'succeeded';
-- The first change that asked for a release says whether people chose its parameters for that stage.
create index change_release on change (release, number);
